"""One step of learning: train, judge, and keep what may drive."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iml_robot.core.held_out import refuse_held_out
from iml_robot.core.interfaces import Learner, Policy
from iml_robot.core.types import Episode
from iml_robot.learners.cloning.trials import AGREED, MASTERED
from iml_robot.training.companion import Companion
from iml_robot.training.verdict import Acceptance, Verdict
from iml_robot.training.versions import FIRST, Versions

LOGGER = logging.getLogger(__name__)

UNJUDGED = Verdict(accepted=True, reason="taken without a test")


@dataclass(frozen=True)
class Improvement:
    """What one update came to.

    Attributes:
        version: Number of the policy that drives from now on.
        path: Its file.
        sha256: Hash of the file, in hexadecimal digits; "" where the version stayed.
        episodes: On how many episodes the learner was asked to learn.
        seconds: Time for training and judging [s].
        figures: What the learner and the acceptance said.
        verdict: What became of the candidate; None: nothing was learned.
        refused: Where a refused candidate lies; None: there is none.
    """

    version: int
    path: Path
    sha256: str
    episodes: int
    seconds: float
    figures: Mapping[str, float]
    verdict: Verdict | None = None
    refused: Path | None = None

    @property
    def accepted(self) -> bool:
        """Whether there is a new policy."""
        return self.verdict is not None and self.verdict.accepted

    @property
    def decision(self) -> str:
        """What was decided and why, for the report; "" where nobody judged."""
        if MASTERED in self.figures:
            moments = int(self.figures[MASTERED])
            return f"policy {self.version} stays: it copes with all {moments} moments alone"
        if AGREED in self.figures:
            return f"policy {self.version} stays: the operator did what it wanted"
        if self.verdict is None or self.verdict == UNJUDGED:
            return ""
        if self.verdict.accepted:
            return f"policy {self.version} accepted: {self.verdict.reason}"
        return f"policy {self.version} stays, its successor refused: {self.verdict.reason}"


class Improver:
    """Trains a candidate, has it judged, and keeps it or goes back.

    Without an acceptance every candidate is taken. A refused candidate is kept in a file
    for inspection, and the learner goes back to the last good file.

    Args:
        learner: The algorithm. Its policy before an update must stay what it is while
            the update trains, so that both can be compared.
        acceptance: Judges candidates; None: nobody does.
        policy_path: Gives the file of a version.
        versions: Where the session stands.
        companion: Looks at each policy that may drive; None: nobody does.

    Attributes:
        learner: The algorithm.
        versions: Where the session stands.
    """

    def __init__(
        self,
        learner: Learner,
        acceptance: Acceptance | None = None,
        *,
        policy_path: Callable[[int], Path],
        versions: Versions = FIRST,
        companion: Companion | None = None,
    ) -> None:
        self.learner = learner
        self.versions = versions
        self._acceptance = acceptance
        self._policy_path = policy_path
        self._companion = companion

    @property
    def path(self) -> Path:
        """File of the present policy."""
        return self._policy_path(self.versions.current)

    def improve(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Improvement:
        """Learn once; the version grows only if something was learned and accepted.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called with the finished fraction in [0, 1].

        Raises:
            OSError: If an accepted policy cannot be written. The learner keeps it and it
                has its number: with the next one there may be room again.
            ValueError: If an episode was driven on a map that policies are judged on.
        """
        for episode in episodes:
            refuse_held_out(episode.info.options)
        begun = time.perf_counter()
        current, before = self.learner.policy, self.path
        figures = dict(self.learner.update(episodes, on_progress=on_progress))
        verdict, refused, sha256 = None, None, ""
        if figures.get("updates", 1.0) > 0:
            verdict = self._judge(current, episodes)
            figures |= verdict.figures
            figures["accepted"] = float(verdict.accepted)
            if verdict.accepted:
                sha256 = self._accept()
            else:
                refused = self._refuse()
        self.accompany(episodes, before)
        return Improvement(
            version=self.versions.current,
            path=self.path,
            sha256=sha256,
            episodes=len(episodes),
            seconds=time.perf_counter() - begun,
            figures=figures,
            verdict=verdict,
            refused=refused,
        )

    def restore(self, versions: Versions) -> None:
        """Go on from the file of another version.

        Args:
            versions: Where the session stands from now on.
        """
        self.versions = versions
        self.learner.load(self.path)

    def roll_back(self) -> None:
        """Undo the last accepted policy; the first one stays."""
        self._go_back(self.versions.rolled_back())

    def return_to_file(self) -> None:
        """Go on from the newest good policy that is on the disk."""
        self._go_back(self.versions)

    def accompany(self, episodes: Sequence[Episode], before: Path | None = None) -> None:
        """Let the companion look at the present policy.

        Args:
            episodes: Every usable episode, the newest last.
            before: The file of the policy before; None: there was none.
        """
        if self._companion is not None:
            path = self.path
            self._companion.fit(self.learner, episodes, path, before or path)

    def save(self) -> Path:
        """Write the present policy; return its file."""
        write_policy(self.learner, self.path)
        return self.path

    def _judge(self, current: Policy, episodes: Sequence[Episode]) -> Verdict:
        if self._acceptance is None:
            return UNJUDGED
        verdict = self._acceptance.judge(self.learner.policy, current, episodes)
        word = "accepted" if verdict.accepted else "refused"
        number = self.versions.following
        LOGGER.info("policy %d was %s: %s", number, word, verdict.reason)
        return verdict

    def _accept(self) -> str:
        self.versions = self.versions.with_accepted(self.versions.following)
        return write_policy(self.learner, self.path)

    def _refuse(self) -> Path | None:
        """Put a candidate aside and go back to the policy before it."""
        path: Path | None = self._free_path()
        try:
            write_policy(self.learner, self._free_path())
        except OSError as error:
            LOGGER.error("cannot keep a refused policy: %s", error.strerror or error)
            path = None
        self.return_to_file()
        return path

    def _go_back(self, versions: Versions) -> None:
        # On a full disk the last policies may be in memory alone, and are lost here.
        while len(versions.good) > 1 and not self._policy_path(versions.current).is_file():
            versions = versions.rolled_back()
        self.restore(versions)

    def _free_path(self) -> Path:
        path = self._policy_path(self.versions.following)
        refused = path.with_name(f"{path.stem}-refused{path.suffix}")
        count = 1
        while refused.exists():
            count += 1
            refused = path.with_name(f"{path.stem}-refused-{count}{path.suffix}")
        return refused


def write_policy(learner: Learner, path: Path) -> str:
    """Write a learner's policy as a whole or not at all; return the hash of the file.

    Args:
        learner: Holds the policy.
        path: Where it goes.

    Raises:
        OSError: If it cannot be written.
    """
    draft = path.with_name(f".{path.name}.draft")
    learner.save(draft)
    sha256 = hash_of(draft)
    draft.replace(path)
    return sha256


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
