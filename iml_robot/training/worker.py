"""What the learning process does: learn whatever is new, report, wait for more."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.interfaces import Learner
from iml_robot.core.types import Episode
from iml_robot.learners.frames.selection import teaches
from iml_robot.training.companion import Companion
from iml_robot.training.improver import Improvement, Improver
from iml_robot.training.trainer import prepare_torch
from iml_robot.training.verdict import Acceptance
from iml_robot.training.versions import Versions


class Recipe(Protocol):
    """Builds in another process what cannot be sent there."""

    def learner(self) -> Learner:
        """Return the learner as the session began with it."""
        ...

    def acceptance(self, learner: Learner) -> Acceptance | None:
        """Return what judges its policies; None: nobody does."""
        ...

    def companion(self) -> Companion | None:
        """Return what looks at each policy that may drive; None: nobody does."""
        ...


@dataclass(frozen=True)
class Restore:
    """Asks to go on from another version.

    Attributes:
        versions: Where the session stands.
        generation: Number of this request; reports repeat it from now on.
    """

    versions: Versions
    generation: int


@dataclass(frozen=True)
class Report:
    """What became of an update.

    Attributes:
        generation: Number of the last `Restore` before the update.
        learned: Number of episodes that were learned so far.
        improvement: What the update came to; None: its policy could not be written.
        problem: Why not.
        failed: True if the process ends because of the problem.
        detail: Where in the program it came up.
    """

    generation: int
    learned: int
    improvement: Improvement | None = None
    problem: str = ""
    failed: bool = False
    detail: str = ""


@dataclass(frozen=True)
class LearningWork:
    """Everything that a learning process begins with; see `Work`.

    Attributes:
        recipe: Builds the learner and the acceptance.
        policy_path: Gives the file of a version.
        versions: Where the session stands.
        learned: Number of episodes that need not be learned again.
        episodes: All episodes so far.
        generation: Number of the last `Restore`.
    """

    recipe: Recipe
    policy_path: Callable[[int], Path]
    versions: Versions
    learned: int
    episodes: tuple[Episode, ...]
    generation: int

    def __call__(self, connection: Connection, fraction: Any) -> None:
        """Learn until the connection ends."""
        try:
            prepare_torch()
            _Worker(self, connection, fraction).run()
        except Exception as error:
            reason = " ".join(str(error).split()) or "no reason given"
            problem = f"{type(error).__name__}: {reason}"
            detail = traceback.format_exc()
            connection.send(Report(0, 0, problem=problem, failed=True, detail=detail))


class _Worker:
    """Learns on a growing list of episodes."""

    def __init__(self, work: LearningWork, connection: Connection, fraction: Any) -> None:
        self._connection = connection
        self._fraction = fraction
        self._episodes = list(work.episodes)
        self._learned = work.learned
        self._generation = work.generation
        learner = work.recipe.learner()
        self._improver = Improver(
            learner,
            work.recipe.acceptance(learner),
            policy_path=work.policy_path,
            companion=work.recipe.companion(),
        )
        self._improver.restore(work.versions)
        self._improver.accompany(self._episodes)
        self._incoming: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._receive_all, daemon=True).start()

    def run(self) -> None:
        """Learn what is new, wait for more; ends with the connection."""
        while self._take_messages():
            if self._learned < len(self._episodes):
                self._connection.send(self._learn())

    def _learn(self) -> Report:
        used = newly_learnable(self._episodes, self._learned)
        self._fraction.value = 0.0
        improvement, problem = None, ""
        try:
            improvement = self._improver.improve(used, on_progress=self._show)
        except OSError as error:
            problem = error.strerror or str(error)
            # What nobody can read must not be learned on: the session drives without it.
            self._improver.return_to_file()
        self._fraction.value = -1.0
        self._learned = len(used)
        return Report(self._generation, self._learned, improvement, problem)

    def _show(self, fraction: float) -> None:
        self._fraction.value = fraction

    def _take_messages(self) -> bool:
        """Take what came, waiting only where nothing is left to learn; False: the end."""
        idle = self._learned >= len(self._episodes)
        while idle or not self._incoming.empty():
            message = self._incoming.get()
            idle = False
            if message is None:
                return False
            if isinstance(message, Restore):
                highest = max(self._improver.versions.highest, message.versions.highest)
                self._improver.restore(Versions(message.versions.good, highest))
                self._generation = message.generation
            else:
                self._episodes.extend(message)
        return True

    def _receive_all(self) -> None:
        """Empty the connection all the time, so that nobody waits who writes to it."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                self._incoming.put(None)
                return
            self._incoming.put(message)


def newly_learnable(episodes: Sequence[Episode], learned: int) -> Sequence[Episode]:
    """Return the episodes up to the newest one that teaches what is not learned yet.

    A learner takes the last episode for the one to learn from; those without corrections
    after it, or with none that changed anything, would hide that there is something new.
    Without any new correction all are returned.

    Args:
        episodes: All episodes.
        learned: How many of them were learned already.
    """
    new = range(len(episodes), learned, -1)
    ends = [end for end in new if episodes[end - 1].corrected.any()]
    teaching = (end for end in ends if teaches(episodes[end - 1]))
    return episodes[: next(teaching, ends[0] if ends else None)]
