"""A session: episodes with corrections, an update after each, everything kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.data.judgements import Judgements
from iml_robot.data.records import PolicyRecord
from iml_robot.data.store import SessionStore
from iml_robot.session.chains import (
    continuation,
    joined,
    newest_chain,
    recorded_drives,
    taken_back,
)
from iml_robot.session.judging import Decided, Judge, accept
from iml_robot.session.loop import Loop
from iml_robot.session.preferences.preferences import NoPreferences
from iml_robot.session.progress import Progress
from iml_robot.session.results import EpisodeRow
from iml_robot.session.rows import plain, row_of, with_more
from iml_robot.training.improver import Improvement, hash_of
from iml_robot.training.trainer import Training, TrainingResult
from iml_robot.training.versions import Versions

LOGGER = logging.getLogger(__name__)


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
    _decided: Decided = field(default_factory=Decided)
    _undone: int | None = None
    _learned: int = 0

    def start(self) -> None:
        """Write the initial policy of a new session."""
        path = self.trainer.save_start()
        self._record_policy(self.trainer.version, path, hash_of(path), {}, [])

    def resume(self) -> None:
        """Take up an earlier session where it stopped; `run` does what it left undone.

        An update that was cut off is made again from the policy before it.
        """
        progress = self.store.value("progress", {"policy_version": 0, "rows": []})
        self.rows = [EpisodeRow(**row) for row in progress["rows"]]
        counted = [row.episode_id for row in self.rows]
        redo = self.redo_interrupted
        self.episodes += recorded_drives(self.store, counted, redo=redo)
        self.discarded |= Judgements(self.store).discarded()
        if not self.store.policies():
            # Stopped before even the initial policy was on record.
            self.start()
            return
        straight = Versions.up_to(int(progress["policy_version"]))
        good = tuple(progress.get("good", straight.good))
        highest = int(progress.get("highest", straight.highest))
        self._notes, self._undone = progress.get("notes", []), progress.get("undone")
        self._decided = Decided(**self.store.value("decided", {}))
        used = self.usable(len(self.rows))
        learned = self._learned = int(progress.get("learned", len(used)))
        self.trainer.resume(Versions(good, highest), learned=learned)
        self.preferences.resume(used)
        if learned < len(used):
            self._keep(self._updated(used))

    def run(self, total: int) -> None:
        """Drive until this many episodes are done, or somebody wants to stop.

        Then wait until they are learned; nobody waits who wants to stop.
        """
        self._catch_up(total)
        while self.begun < total and not self.stop_requested():
            number = self.begun
            if not self.progress.before_episode(number + 1, total):
                break
            driven = len(self.episodes)
            self._drive(number)
            self._decide()
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
            self._notes.append(
                f"policy {before} taken back by the operator; policy {version} drives on"
            )
            with self.store.together():
                self.store.put_event("policy_rolled_back", detail=detail)
                self._store_progress()
            self.store.flush()
        return version

    def _drive(self, number: int) -> None:
        """Drive an episode, and go on from where the operator takes it back to."""
        place = number if self._decided.again is None else self._decided.again
        start = EpisodeInfo(
            episode_id=self.store.next_episode_id,
            phase="practice",
            env_id=self.env_id,
            seed=named_seed(self.seed, "episode", place),
            options=self.options,
            policy_version=self.trainer.version,
        )
        self.loop.asker.prepare(self.trainer.path, self.usable())
        self._drive_on(start)

    def _drive_on(self, start: EpisodeInfo | None) -> None:
        """Drive an episode, and as long as it is rewound while it is driven."""
        while start is not None:
            liked = self.preferences.driver(self.trainer.policy, self.trainer.path)
            policy = self.loop.adaptation.begin(liked, self.usable())
            episode = self.loop.drive(policy, start)
            self.episodes.append(episode)
            self.preferences.watch(episode, liked)
            start = continuation(episode, self.store.next_episode_id)

    def _catch_up(self, total: int) -> None:
        """Do what a kill left undone after the last drive: decide about it, learn."""
        done = len(self.rows)
        if done == len(self.episodes):
            return
        back_to = self.episodes[-1].info.rewound_to
        if self._newest_id <= self._decided.episode:
            self._undo()
        elif back_to is None:
            self._decide()
        elif self.progress.before_episode(self.begun, total):
            # Its operator wanted to drive on from there, and nobody did yet.
            self._take_back(back_to if self._goes_back(back_to) else None)
            self._drive_on(continuation(self.episodes[-1], self.store.next_episode_id))
            self._decide()
        else:
            return
        for position in range(done, len(self.episodes)):
            self._learn(position)

    def _decide(self) -> None:
        """Let people say what becomes of the newest drive, and do it.

        What they say is on the disk as a whole or not at all, and before anything comes
        of it: after a kill nobody is asked twice, and nothing is done twice.
        """
        place = self.begun - 1 if self._decided.again is None else self._decided.again
        goes_on = True
        while goes_on:
            with self.store.together():
                chain = newest_chain(self.episodes)
                judged = self.judge(joined(chain), self._take_up)
                self._discard(chain, judged.discard)
                goes_on = judged.back_to is not None and self._goes_back(judged.back_to)
                if goes_on:
                    self._take_back(judged.back_to)
                else:
                    again = place if judged.again else None
                    undo = self.undo_requested()
                    self._decided = Decided(self._newest_id, again, undo)
                    self.store.set_value("decided", asdict(self._decided))
            self.store.flush()
            if goes_on:
                self._drive_on(continuation(self.episodes[-1], self.store.next_episode_id))
        self._undo()
        self._since_s = time.perf_counter()

    @property
    def _newest_id(self) -> int:
        return self.episodes[-1].info.episode_id

    def _undo(self) -> None:
        """Take the policy back where that was decided and is not done yet."""
        if self._decided.undo and self._undone != self._decided.episode:
            self._undone = self._decided.episode
            self.roll_back()

    def _discard(self, chain: Sequence[Episode], why: str) -> None:
        for episode in chain if why else ():
            self.discarded.add(episode.info.episode_id)
            Judgements(self.store).discard(episode.info.episode_id, why=why)

    def _goes_back(self, to: int) -> bool:
        """Go back to a moment of the newest drive; False, with a note why: one cannot."""
        why = self._take_up(to)
        if why:
            note = f"episode {self._newest_id} cannot be driven on from step {to}: {why}"
            LOGGER.warning("%s", note)
            self._notes.append(note)
        return not why

    def _take_up(self, to: int) -> str:
        """Put the environment back into a moment of the newest drive; say why not."""
        whole = joined(newest_chain(self.episodes))
        begun = whole.info.begins_at
        if not begun <= to < begun + len(whole):
            return f"it was driven from control step {begun} to {begun + len(whole)}"
        return self.loop.take_up(whole, to - begun)

    def _take_back(self, to: int | None) -> None:
        """Note from where the newest episode is driven on; None: from nowhere after all."""
        self.episodes[-1] = taken_back(self.episodes[-1], to)
        self.store.finish_episode(self.episodes[-1])

    def _learn(self, position: int, *, ask: bool = False) -> EpisodeRow:
        """Update on the episodes up to this one and keep what came of it.

        Args:
            position: Which episode is the newest to learn from.
            ask: Whether to ask first what was better.
        """
        if ask:
            self._notes += self.preferences.hold_break(self.usable())
            self._since_s = time.perf_counter()
        result = TrainingResult(self.trainer.version, self.trainer.path, self._learned)
        if self.episodes[position].info.episode_id not in self.discarded:
            result = self._updated(self.usable(position + 1))
        # Who answers does not wait.
        since_s, answered_s = self._since_s, result.answered_s
        waited = None if since_s is None else time.perf_counter() - since_s - answered_s
        row = row_of(
            self.episodes[position],
            result,
            self.control_dt_s,
            wait_s=waited,
            notes=self._notes,
        )
        self._notes = []
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
        with self.store.together():
            for improvement in result.improvements:
                self._record(improvement)
            for incident in result.incidents:
                self.store.put_event("training_failed", detail={"what": incident})
            # Where the policy is not on the disk, the stored figures stay those of the
            # last one that is, so that to resume means to learn again from there.
            if result.path.is_file():
                self._store_progress()
        self.store.flush()

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

    def _store_progress(self) -> None:
        # One value, so that a kill cannot keep the one without the other.
        versions = self.trainer.versions
        progress = {
            "policy_version": versions.current,
            "good": list(versions.good),
            "highest": versions.highest,
            "learned": self._learned,
            "rows": [plain(row) for row in self.rows],
            "notes": self._notes,
            "undone": self._undone,
        }
        self.store.set_value("progress", progress)

    def _add_to_last_row(self, result: TrainingResult) -> None:
        """Tell with the last episode what was learned after it."""
        if self.rows:
            self.rows[-1] = with_more(self.rows[-1], result)

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
