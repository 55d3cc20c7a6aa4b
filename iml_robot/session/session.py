"""A session: episodes with corrections, an update after each, everything kept."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.data.records import PolicyRecord
from iml_robot.data.store import SessionStore
from iml_robot.session.loop import Loop
from iml_robot.session.results import EpisodeRow
from iml_robot.training.trainer import Trainer, TrainingResult

LOGGER = logging.getLogger(__name__)


class Progress(Protocol):
    """Says what is going on, to a terminal or a window."""

    def before_episode(self, number: int, total: int) -> bool:
        """Announce an episode; False ends the session."""

    def training(self, fraction: float) -> None:
        """Show how far the update is."""

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Show how an episode went."""


@dataclass
class Session:
    """Everything that goes on between the first and the last episode.

    Attributes:
        loop: Drives an episode.
        trainer: Improves the policy.
        store: Keeps the data.
        folder: Root of the session's files.
        env_id: Gymnasium id, for the records.
        options: Options of `env.reset`.
        seed: Root of all randomness.
        control_dt_s: Control period [s].
        progress: Says what is going on.
        stop_requested: Asked after each episode; True ends the session.
        redo_interrupted: True if an episode that was cut off is driven again from its
            start; False if it counts, as it must where a person's time is in it.
        episodes: Usable episodes so far.
        rows: What happened in each.
    """

    loop: Loop
    trainer: Trainer
    store: SessionStore
    folder: Path
    env_id: str
    options: Mapping[str, Any]
    seed: int
    control_dt_s: float
    progress: Progress
    stop_requested: Callable[[], bool] = lambda: False
    redo_interrupted: bool = True
    episodes: list[Episode] = field(default_factory=list)
    rows: list[EpisodeRow] = field(default_factory=list)
    _since_s: float | None = None

    def start(self) -> None:
        """Write the initial policy of a new session."""
        path = self.trainer.save_start()
        self._record_policy(path, {}, [])

    def resume(self) -> None:
        """Take up an earlier session where it stopped.

        An update that was cut off is made again from the policy before it.
        """
        versions = {record.version: record for record in self.store.policies()}
        for episode in self.store.episodes():
            if episode.info.outcome == "interrupted" and self.redo_interrupted:
                continue
            self.episodes.append(episode)
        progress = self.store.value("progress", {"policy_version": 0, "rows": []})
        version = int(progress["policy_version"])
        if not versions:
            # Stopped before even the initial policy was on record.
            self.start()
            return
        self.trainer.version = version
        self.trainer.learner.load(self.folder / versions[version].path)
        self.rows = [EpisodeRow(**row) for row in progress["rows"]]
        for position in range(len(self.rows), len(self.episodes)):
            self._learn(position)

    def run(self, total: int) -> None:
        """Drive until this many episodes are done, or somebody wants to stop."""
        while len(self.episodes) < total and not self.stop_requested():
            position = len(self.episodes)
            if not self.progress.before_episode(position + 1, total):
                break
            episode = self._drive(position)
            self.episodes.append(episode)
            row = self._learn(position)
            self.progress.episode(row, position + 1, total)

    def _drive(self, position: int) -> Episode:
        start = EpisodeInfo(
            episode_id=self.store.next_episode_id,
            phase="practice",
            env_id=self.env_id,
            seed=named_seed(self.seed, "episode", position),
            options=self.options,
            policy_version=self.trainer.version,
        )
        episode = self.loop.drive(self.trainer.learner.policy, start)
        self._since_s = time.perf_counter()
        return episode

    def _learn(self, position: int) -> EpisodeRow:
        """Update on the episodes up to this one and keep what came of it."""
        before, used = self.trainer.version, self.episodes[: position + 1]
        result = self._updated(used)
        row = self._row(self.episodes[position], result)
        self.rows.append(row)
        if not result.path.is_file():
            # The stored figures stay those of the last policy on the disk, so that to
            # resume means to learn again from there.
            return row
        if result.version != before:
            self._record_policy(result.path, result.figures, used)
        # One value, so that a kill cannot keep the one without the other.
        rows = [_plain(row) for row in self.rows]
        self.store.set_value("progress", {"policy_version": result.version, "rows": rows})
        self.store.flush()
        return row

    def _updated(self, used: Sequence[Episode]) -> TrainingResult:
        """Return what the update did, also where the disk refuses its file.

        The robot is driven on with the policy in memory: nobody's time shall be lost to
        a full disk, and the next file may fit again.
        """
        begun = time.perf_counter()
        try:
            return self.trainer.update(used, on_progress=self.progress.training)
        except OSError as error:
            version = self.trainer.version
            LOGGER.error("cannot write policy %d: %s", version, error.strerror or error)
            path = self.folder / "policies" / f"{version:04d}.safetensors"
            seconds = time.perf_counter() - begun
            return TrainingResult(version, path, seconds, {})

    def _row(self, episode: Episode, result: TrainingResult) -> EpisodeRow:
        waited = None if self._since_s is None else time.perf_counter() - self._since_s
        return EpisodeRow(
            episode_id=episode.info.episode_id,
            outcome=episode.info.outcome,
            takeovers=len(episode.takeovers()),
            human_controlled_s=float(episode.human_controlled.sum()) * self.control_dt_s,
            duration_s=len(episode) * self.control_dt_s,
            policy_version=episode.info.policy_version,
            update_s=result.seconds,
            wait_s=waited,
            figures={**result.figures, "version": float(result.version)},
        )

    def _record_policy(
        self, path: Path, figures: Mapping[str, float], used: Sequence[Episode]
    ) -> None:
        self.store.put_policy(
            PolicyRecord(
                version=self.trainer.version,
                path=str(path.relative_to(self.folder)),
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                episodes=tuple(e.info.episode_id for e in used),
                figures=dict(figures),
            )
        )


def _plain(row: EpisodeRow) -> dict[str, Any]:
    """Return a row as plain values that build it again."""
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name in EpisodeRow.__dataclass_fields__
        if name != "success"
        for value in [getattr(row, name)]
    }
