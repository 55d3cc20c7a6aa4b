"""Learns in a process of its own while the operator drives."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from iml_robot.core.errors import ArtifactError, ImlRobotError
from iml_robot.core.interfaces import Learner, Policy
from iml_robot.core.types import Episode
from iml_robot.policies.ensemble.policy import use_one_thread
from iml_robot.training.child import Child
from iml_robot.training.improver import Improvement, hash_of, write_policy
from iml_robot.training.trainer import TrainingResult
from iml_robot.training.versions import FIRST, Versions
from iml_robot.training.worker import LearningWork, Recipe, Report, Restore

LOGGER = logging.getLogger(__name__)

FAILURES = 3
"""Failures in a row after which the policy stays as it is."""

_LOOK_S = 0.02


class BackgroundTrainer:
    """Hands episodes to a learning process and takes finished policies between episodes.

    The policy that drives never changes in the middle of an episode. A process that ends
    is started again from the last good policy with all episodes; after three failures in
    a row the policy stays as it is.

    Args:
        learner: Reads policies and drives with them; the process has one of its own.
        recipe: Builds the learner and the acceptance of the process; picklable.
        policy_path: Gives the file of a version; picklable.
        wait_s: Longest wait for the process at the end of an episode [s].
    """

    def __init__(
        self,
        learner: Learner,
        recipe: Recipe,
        *,
        policy_path: Callable[[int], Path],
        wait_s: float = 0.5,
    ) -> None:
        self._learner = learner
        self._recipe = recipe
        self._policy_path = policy_path
        self._wait_s = wait_s
        self._versions = FIRST
        self._driven = FIRST.current
        self._hashes: dict[int, str] = {}
        self._episodes: tuple[Episode, ...] = ()
        self._learned = 0
        self._generation = 0
        self._child: Child | None = None
        self._failures = 0
        self._improvements: list[Improvement] = []
        self._incidents: list[str] = []
        self._notice = ""
        use_one_thread()

    @property
    def policy(self) -> Policy:
        """The policy that drives."""
        return self._learner.policy

    @property
    def versions(self) -> Versions:
        """Which policy drives, and the good ones before it."""
        return self._versions

    @property
    def version(self) -> int:
        """Number of the policy that drives."""
        return self._driven

    @property
    def path(self) -> Path:
        """File of the policy that drives."""
        return self._policy_path(self.version)

    @property
    def notice(self) -> str:
        """What the operator should know since the last update; "" if all is well."""
        return self._notice

    @property
    def pid(self) -> int | None:
        """Number of the learning process; None: there is none."""
        return self._child.pid if self._child else None

    @property
    def working(self) -> bool:
        """Whether the process is learning or judging right now."""
        return self._child is not None and self._child.fraction >= 0

    @property
    def learning(self) -> float | None:
        """How far the learning beside the driving is, in [0, 1]; None: there is none."""
        fraction = -1.0 if self._child is None else self._child.fraction
        return fraction if fraction >= 0 else None

    def save_start(self) -> Path:
        """Write the policy that the session starts with and start the process."""
        write_policy(self._learner, self.path)
        self._start()
        return self.path

    def resume(self, versions: Versions, *, learned: int) -> None:
        """Go on from the policy of an earlier session and start the process."""
        self._versions, self._driven = versions, versions.current
        self._learned = learned
        self._learner.load(self.path)
        self._start()

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> TrainingResult:
        """Hand over the new episodes; take the newest policy that is ready in time.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called with the finished fraction in [0, 1].
        """
        self._notice = ""
        new = tuple(episodes[len(self._episodes) :])
        self._episodes = tuple(episodes)
        if self._child is not None and new:
            self._child.send(new)
        end_s = time.perf_counter() + self._wait_s
        self._wait(on_progress, lambda: time.perf_counter() >= end_s)
        return self._result()

    def finish(
        self, *, on_progress: Callable[[float], None], give_up: Callable[[], bool]
    ) -> TrainingResult:
        """Wait until all episodes are learned.

        Args:
            on_progress: Called with the finished fraction in [0, 1].
            give_up: Asked meanwhile; True ends the wait.
        """
        self._wait(on_progress, give_up)
        return self._result()

    def roll_back(self) -> int:
        """Undo the last accepted policy; return the number of the one that drives now.

        What is being learned from the undone policy is thrown away.
        """
        self._go_back(self._versions.rolled_back())
        self._learner.load(self.path)
        return self.version

    def close(self) -> None:
        """End the process in the middle of its work."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _start(self) -> None:
        work = LearningWork(
            recipe=self._recipe,
            policy_path=self._policy_path,
            versions=self._versions,
            learned=self._learned,
            episodes=self._episodes,
            generation=self._generation,
        )
        self._child = Child(work)

    def _wait(
        self, on_progress: Callable[[float], None], give_up: Callable[[], bool]
    ) -> None:
        """Take reports until all is learned; look at least once."""
        while self._child is not None:
            busy = self._learned < len(self._episodes)
            try:
                report = self._child.receive(_LOOK_S if busy else 0.0)
            except ChildProcessError as error:
                self._fail(str(error))
                continue
            if report is not None:
                self._take(report)
            elif not busy or give_up():
                return
            elif self._child is not None:
                on_progress(max(0.0, self._child.fraction))

    def _take(self, report: Report) -> None:
        if report.failed:
            LOGGER.debug("%s", report.detail)
            self._fail(report.problem)
            return
        self._failures, self._learned = 0, report.learned
        improvement = report.improvement
        if improvement is None:
            self._tell(f"a new policy could not be written: {report.problem}")
            return
        if report.generation != self._generation:
            # Learned from a policy that was taken back meanwhile; its number is used up.
            highest = max(self._versions.highest, improvement.version)
            self._versions = Versions(self._versions.good, highest)
            return
        self._improvements.append(improvement)
        if improvement.accepted:
            self._hashes[improvement.version] = improvement.sha256
            self._versions = self._versions.with_accepted(improvement.version)

    def _fail(self, reason: str) -> None:
        """Start again after a failure, or no more after too many."""
        self.close()
        self._failures += 1
        if self._failures < FAILURES:
            self._tell(f"learning stopped and was started again: {reason}")
            self._start()
        else:
            self._tell(
                f"learning failed {FAILURES} times in a row and was given up, the policy "
                f"stays as it is: {reason}"
            )

    def _tell(self, incident: str) -> None:
        LOGGER.warning("%s", incident)
        self._incidents.append(incident)
        self._notice = incident.partition(":")[0].capitalize()

    def _result(self) -> TrainingResult:
        """Drive with the newest good policy from now on, and tell what happened."""
        self._swap()
        good = self._versions.good
        kept = [i for i in self._improvements if not i.accepted or i.version in good]
        incidents = tuple(self._incidents)
        self._improvements, self._incidents = [], []
        return TrainingResult(
            self.version, self.path, self._learned, tuple(kept), incidents
        )

    def _swap(self) -> None:
        wanted = self._versions.current
        if wanted == self.version:
            return
        path = self._policy_path(wanted)
        try:
            if hash_of(path) != self._hashes[wanted]:
                raise ArtifactError(f"{path}: it is not the file that was judged")
            self._learner.load(path)
        except (ImlRobotError, OSError) as error:
            self._tell(f"policy {wanted} cannot be read: {error}")
            before = self._versions
            while before.current != self._driven:
                before = before.rolled_back()
            self._go_back(before)
        self._driven = self._versions.current

    def _go_back(self, versions: Versions) -> None:
        """Make the process go on from another version, and ignore what it does now."""
        self._versions = Versions(versions.good, self._versions.highest)
        self._driven = versions.current
        self._generation += 1
        if self._child is not None:
            self._child.send(Restore(self._versions, self._generation))
