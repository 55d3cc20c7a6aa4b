"""A session: episodes with corrections, an update after each, everything kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.data.judgements import Judgements
from iml_robot.data.records import PolicyRecord
from iml_robot.data.store import SessionStore
from iml_robot.session.judging import Judge, accept
from iml_robot.session.loop import Loop
from iml_robot.session.preferences.preferences import NoPreferences
from iml_robot.session.results import EpisodeRow
from iml_robot.training.improver import Improvement, hash_of
from iml_robot.training.trainer import Training, TrainingResult
from iml_robot.training.versions import Versions

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
        preferences: Asks what was better, and lets it count.
        stop_requested: Asked after each episode; True ends the session.
        undo_requested: Asked after each episode, before anything is learned from it;
            True takes back the policy that drove.
        judge: Asked after each episode what becomes of it, before anything is learned.
        redo_interrupted: True if an episode that was cut off is driven again from its
            start, with those that it went on from; False if it counts, as it must where
            a person's time is in it.
        episodes: Episodes so far.
        discarded: Numbers of those from which nothing may be learned.
        rows: What happened in each.
        final: File of the policy that drives in the end, with what is liked in it; None
            until `run` is done.
    """

    loop: Loop
    trainer: Training
    store: SessionStore
    folder: Path
    env_id: str
    options: Mapping[str, Any]
    seed: int
    control_dt_s: float
    progress: Progress
    preferences: NoPreferences = field(default_factory=NoPreferences)
    stop_requested: Callable[[], bool] = lambda: False
    undo_requested: Callable[[], bool] = lambda: False
    judge: Judge = accept
    redo_interrupted: bool = True
    episodes: list[Episode] = field(default_factory=list)
    discarded: set[int] = field(default_factory=set)
    rows: list[EpisodeRow] = field(default_factory=list)
    final: Path | None = None
    _since_s: float | None = None
    _notes: list[str] = field(default_factory=list)
    _again: int | None = None
    _learned: int = 0

    def start(self) -> None:
        """Write the initial policy of a new session."""
        path = self.trainer.save_start()
        self._record_policy(self.trainer.version, path, hash_of(path), {}, [])

    def resume(self) -> None:
        """Take up an earlier session where it stopped.

        An update that was cut off is made again from the policy before it.
        """
        recorded = self.store.episodes()
        self.episodes += whole_chains(recorded) if self.redo_interrupted else recorded
        self.discarded |= Judgements(self.store).discarded()
        progress = self.store.value("progress", {"policy_version": 0, "rows": []})
        if not self.store.policies():
            # Stopped before even the initial policy was on record.
            self.start()
            return
        straight = Versions.up_to(int(progress["policy_version"]))
        good = tuple(progress.get("good", straight.good))
        highest = int(progress.get("highest", straight.highest))
        self.rows = [EpisodeRow(**row) for row in progress["rows"]]
        done = len(self.rows)
        used = self.usable(done)
        learned = self._learned = int(progress.get("learned", len(used)))
        self.trainer.resume(Versions(good, highest), learned=learned)
        self.preferences.resume(used)
        if learned < len(used):
            self._keep(self._updated(used))
        for position in range(done, len(self.episodes)):
            self._learn(position)

    def run(self, total: int) -> None:
        """Drive until this many episodes are done, or somebody wants to stop.

        Then wait until they are learned; nobody waits who wants to stop.
        """
        while self.begun < total and not self.stop_requested():
            number = self.begun
            if not self.progress.before_episode(number + 1, total):
                break
            driven = len(self.episodes)
            self._drive(number)
            if self.undo_requested():
                self.roll_back()
            for position in range(driven, len(self.episodes)):
                row = self._learn(position, ask=position + 1 == len(self.episodes))
                self.progress.episode(row, number + 1, total)
        result = self.trainer.finish(
            on_progress=self.progress.training, give_up=self.stop_requested
        )
        if result.improvements or result.incidents:
            self._add_to_last_row(result)
            self._keep(result)
        self.final = self.preferences.keep(self.trainer.path)

    @property
    def begun(self) -> int:
        """How many usable episodes began with a reset; what was rewound counts once."""
        return sum(episode.info.continues is None for episode in self.episodes)

    def usable(self, first: int | None = None) -> list[Episode]:
        """Return the episodes that may be learned from.

        Args:
            first: Of so many of the first episodes; None: of all.
        """
        asked = self.episodes if first is None else self.episodes[:first]
        return [e for e in asked if e.info.episode_id not in self.discarded]

    def roll_back(self) -> int:
        """Undo the last accepted policy, between two episodes; return the present one.

        The first policy stays. Learning goes on from the policy before.
        """
        before = self.trainer.version
        version = self.trainer.roll_back()
        if version != before:
            LOGGER.info("policy %d was taken back; policy %d drives", before, version)
            detail = {"from": before, "to": version}
            self.store.put_event("policy_rolled_back", detail=detail)
            self._notes.append(
                f"policy {before} taken back by the operator; policy {version} drives on"
            )
            self._store_progress(len(self.rows))
        return version

    def _drive(self, number: int) -> None:
        """Drive an episode, and go on from where the operator rewinds it to."""
        driven = len(self.episodes)
        place = number if self._again is None else self._again
        start: EpisodeInfo | None = EpisodeInfo(
            episode_id=self.store.next_episode_id,
            phase="practice",
            env_id=self.env_id,
            seed=named_seed(self.seed, "episode", place),
            options=self.options,
            policy_version=self.trainer.version,
        )
        self.loop.asker.prepare(self.trainer.path, self.usable())
        while start is not None:
            liked = self.preferences.driver(self.trainer.policy, self.trainer.path)
            policy = self.loop.adaptation.begin(liked, self.usable())
            episode = self.loop.drive(policy, start)
            self.episodes.append(episode)
            self.preferences.watch(episode, liked)
            start = continuation(episode, self.store.next_episode_id)
        judged = self.judge(self.episodes[-1])
        self._again = place if judged.again else None
        if judged.discard:
            for episode in self.episodes[driven:]:
                self.discarded.add(episode.info.episode_id)
                Judgements(self.store).discard(episode.info.episode_id, why=judged.discard)
        self._since_s = time.perf_counter()

    def _learn(self, position: int, *, ask: bool = False) -> EpisodeRow:
        """Update on the episodes up to this one and keep what came of it.

        Args:
            position: Which episode is the newest to learn from.
            ask: Whether to ask first what was better.
        """
        if ask:
            self._notes += self.preferences.hold_break(self.usable())
            # Who answers does not wait.
            self._since_s = time.perf_counter()
        result = TrainingResult(self.trainer.version, self.trainer.path, self._learned)
        if self.episodes[position].info.episode_id not in self.discarded:
            result = self._updated(self.usable(position + 1))
        waited = None if self._since_s is None else time.perf_counter() - self._since_s
        row = self._row(self.episodes[position], result, waited)
        self.rows.append(row)
        self._keep(result)
        return row

    def _updated(self, used: Sequence[Episode]) -> TrainingResult:
        """Return what the update did, also where the disk refuses its file.

        The robot is driven on with the policy in memory: nobody's time shall be lost to
        a full disk, and the next file may fit again.
        """
        try:
            return self.trainer.update(used, on_progress=self.progress.training)
        except OSError as error:
            version, path = self.trainer.version, self.trainer.path
            LOGGER.error("cannot write policy %d: %s", version, error.strerror or error)
            return TrainingResult(version, path, len(used))

    def _keep(self, result: TrainingResult) -> None:
        """Store what became of the updates, and where the session stands."""
        self._learned = result.learned
        for improvement in result.improvements:
            self._record(improvement)
        for incident in result.incidents:
            self.store.put_event("training_failed", detail={"what": incident})
        # Where the policy is not on the disk, the stored figures stay those of the last
        # one that is, so that to resume means to learn again from there.
        if result.path.is_file():
            self._store_progress(result.learned)

    def _record(self, improvement: Improvement) -> None:
        verdict = improvement.verdict
        if verdict is None:
            return
        detail = {
            "version": improvement.version,
            "reason": verdict.reason,
            "figures": dict(improvement.figures),
            "episodes": improvement.episodes,
            "refused": improvement.refused and improvement.refused.name,
        }
        kind = "policy_accepted" if verdict.accepted else "policy_refused"
        self.store.put_event(kind, detail=detail)
        if verdict.accepted:
            used = self.usable()[: improvement.episodes]
            self._record_policy(
                improvement.version,
                improvement.path,
                improvement.sha256,
                improvement.figures,
                used,
            )

    def _store_progress(self, learned: int) -> None:
        # One value, so that a kill cannot keep the one without the other.
        versions = self.trainer.versions
        progress = {
            "policy_version": versions.current,
            "good": list(versions.good),
            "highest": versions.highest,
            "learned": learned,
            "rows": [_plain(row) for row in self.rows],
        }
        self.store.set_value("progress", progress)
        self.store.flush()

    def _add_to_last_row(self, result: TrainingResult) -> None:
        """Tell with the last episode what was learned after it."""
        if not self.rows:
            return
        row = self.rows[-1]
        seconds = (row.update_s or 0.0) + (result.seconds or 0.0)
        figures = {**row.figures, **result.figures, "version": float(result.version)}
        decisions = (*row.decisions, *decisions_of(result))
        self.rows[-1] = replace(row, update_s=seconds, figures=figures, decisions=decisions)

    def _row(
        self, episode: Episode, result: TrainingResult, waited: float | None
    ) -> EpisodeRow:
        notes, self._notes = self._notes, []
        asks = {"asks": float(episode.asks)} if episode.asked.any() else {}
        return EpisodeRow(
            episode_id=episode.info.episode_id,
            outcome=episode.info.outcome,
            takeovers=len(episode.takeovers()),
            human_controlled_s=float(episode.human_controlled.sum()) * self.control_dt_s,
            duration_s=len(episode) * self.control_dt_s,
            policy_version=episode.info.policy_version,
            rewound_s=episode.rewound_steps * self.control_dt_s,
            update_s=result.seconds,
            wait_s=waited,
            figures={**result.figures, **asks, "version": float(result.version)},
            decisions=(*notes, *decisions_of(result)),
        )

    def _record_policy(
        self,
        version: int,
        path: Path,
        sha256: str,
        figures: Mapping[str, float],
        used: Sequence[Episode],
    ) -> None:
        self.store.put_policy(
            PolicyRecord(
                version=version,
                path=str(path.relative_to(self.folder)),
                sha256=sha256,
                episodes=tuple(e.info.episode_id for e in used),
                figures=dict(figures),
            )
        )


def continuation(episode: Episode, episode_id: int) -> EpisodeInfo | None:
    """Return what goes on from where an episode was rewound to; None: it was not.

    Args:
        episode: The episode.
        episode_id: Number of the one that goes on.
    """
    info = episode.info
    if info.rewound_to is None:
        return None
    return replace(
        info,
        episode_id=episode_id,
        outcome="",
        terminated=False,
        continues=info.episode_id,
        begins_at=info.rewound_to,
        rewound_to=None,
    )


def whole_chains(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the episodes that ended, without those whose continuation did not."""
    kept: dict[int, Episode] = {}
    for episode in episodes:
        if episode.info.outcome != "interrupted":
            kept[episode.info.episode_id] = episode
    while True:
        known = {episode.info.continues for episode in kept.values()}
        cut = [
            number
            for number, episode in kept.items()
            if (episode.info.rewound_to is not None and number not in known)
            or episode.info.continues not in {None, *kept}
        ]
        if not cut:
            return list(kept.values())
        for number in cut:
            del kept[number]


def decisions_of(result: TrainingResult) -> tuple[str, ...]:
    """Return what was decided about policies, and what went wrong, for the report."""
    decisions = (improvement.decision for improvement in result.improvements)
    return (*filter(None, decisions), *result.incidents)


def _plain(row: EpisodeRow) -> dict[str, Any]:
    """Return a row as plain values that build it again."""
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name in EpisodeRow.__dataclass_fields__
        if name != "success"
        for value in [getattr(row, name)]
    }
