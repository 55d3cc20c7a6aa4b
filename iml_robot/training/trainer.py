"""Runs the learner between episodes and keeps every policy it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from iml_robot.core.interfaces import Learner, Policy
from iml_robot.core.types import Episode
from iml_robot.training.companion import Companion
from iml_robot.training.improver import Improvement, Improver
from iml_robot.training.verdict import Acceptance
from iml_robot.training.versions import FIRST, Versions


@dataclass(frozen=True)
class TrainingResult:
    """Where learning stands between two episodes.

    Attributes:
        version: Number of the policy that drives from now on.
        path: Its file.
        learned: Number of episodes that have been learned from.
        improvements: What became of each update since the last result.
        incidents: What went wrong since then, in whole sentences.
        answered_s: Time that people took to say what they think of new policies [s].
    """

    version: int
    path: Path
    learned: int
    improvements: tuple[Improvement, ...] = ()
    incidents: tuple[str, ...] = ()
    answered_s: float = 0.0

    @property
    def seconds(self) -> float | None:
        """Time that the updates took [s]; None: there was none."""
        if not self.improvements:
            return None
        return sum(improvement.seconds for improvement in self.improvements)

    @property
    def figures(self) -> Mapping[str, float]:
        """What was said about the newest update that learned something, or about none."""
        learned = [i for i in self.improvements if i.verdict is not None]
        newest = (learned or list(self.improvements))[-1:]
        return newest[0].figures if newest else {}


class Training(Protocol):
    """Improves the policy while, or after, episodes are driven."""

    @property
    def policy(self) -> Policy:
        """The policy that drives; it changes in `update`, `finish` and `roll_back` only."""
        ...

    @property
    def versions(self) -> Versions:
        """Which policy drives, and the good ones before it."""
        ...

    @property
    def version(self) -> int:
        """Number of the policy that drives."""
        ...

    @property
    def path(self) -> Path:
        """File of the policy that drives."""
        ...

    @property
    def notice(self) -> str:
        """What the operator should know since the last update; "" if all is well."""
        ...

    def save_start(self) -> Path:
        """Write the policy that the session starts with; return its file."""
        ...

    def resume(self, versions: Versions, *, learned: int) -> None:
        """Go on from the policy of an earlier session.

        Args:
            versions: Where it stood.
            learned: Number of its episodes that need not be learned again.
        """
        ...

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> TrainingResult:
        """Improve the policy after an episode, now or as soon as it can be done.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called with the finished fraction in [0, 1].
        """
        ...

    def finish(
        self, *, on_progress: Callable[[float], None], give_up: Callable[[], bool]
    ) -> TrainingResult:
        """Wait until all episodes are learned.

        Args:
            on_progress: Called with the finished fraction in [0, 1].
            give_up: Asked meanwhile; True ends the wait.
        """
        ...

    def roll_back(self) -> int:
        """Undo the last accepted policy; return the number of the one that drives now.

        The first policy stays. Further learning goes on from the policy before.
        """
        ...

    def close(self) -> None:
        """End whatever works."""
        ...


class Trainer:
    """Updates the policy after an episode, while everybody waits.

    Everything is counted in gradient steps and one thread works, so that the same seed
    gives the same policy on every run.

    Args:
        learner: The algorithm.
        policy_path: Gives the file of a version.
        acceptance: Judges each new policy; None: nobody does.
        versions: Where the session stands.
        companion: Looks at each policy that may drive; None: nobody does.
    """

    def __init__(
        self,
        learner: Learner,
        policy_path: Callable[[int], Path],
        *,
        acceptance: Acceptance | None = None,
        versions: Versions = FIRST,
        companion: Companion | None = None,
    ) -> None:
        self._improver = Improver(
            learner,
            acceptance,
            policy_path=policy_path,
            versions=versions,
            companion=companion,
        )
        self._learned = 0
        prepare_torch()

    @property
    def policy(self) -> Policy:
        """The policy that drives; it changes at an update only."""
        return self._improver.learner.policy

    @property
    def versions(self) -> Versions:
        """Which policy drives, and the good ones before it."""
        return self._improver.versions

    @property
    def version(self) -> int:
        """Number of the policy that drives."""
        return self._improver.versions.current

    @property
    def path(self) -> Path:
        """File of the policy that drives."""
        return self._improver.path

    @property
    def notice(self) -> str:
        """Nothing: what goes wrong here is raised."""
        return ""

    def save_start(self) -> Path:
        """Write the policy that the session starts with; return its file."""
        path = self._improver.save()
        self._improver.accompany(())
        return path

    def resume(self, versions: Versions, *, learned: int) -> None:
        """Go on from the policy of an earlier session."""
        self._learned = learned
        self._improver.restore(versions)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> TrainingResult:
        """Improve the policy; the version grows only if something was learned.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called with the finished fraction in [0, 1].

        Raises:
            OSError: If the new policy, which drives all the same, cannot be written.
        """
        improvement = self._improver.improve(episodes, on_progress=on_progress)
        self._learned = len(episodes)
        return self._result(improvement)

    def finish(
        self, *, on_progress: Callable[[float], None], give_up: Callable[[], bool]
    ) -> TrainingResult:
        """Return where learning stands; nothing is left to do."""
        return self._result()

    def roll_back(self) -> int:
        """Undo the last accepted policy; return the number of the one that drives now."""
        self._improver.roll_back()
        return self.version

    def close(self) -> None:
        """Do nothing; nothing works."""

    def _result(self, *improvements: Improvement) -> TrainingResult:
        return TrainingResult(self.version, self.path, self._learned, improvements)


def prepare_torch() -> None:
    """Keep torch to one thread, and take one gradient step on nothing.

    The first one loads parts of torch for over a second, which nobody shall wait for
    after the first correction.
    """
    torch.set_num_threads(1)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.Adam([parameter])
    parameter.square().sum().backward()  # type: ignore[no-untyped-call]
    optimiser.step()
