"""What people like, learned beside the corrections: the part of it in a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from iml_robot.core.interfaces import Annotator, Policy
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import Episode
from iml_robot.questioning.choice.questioner import Questioner
from iml_robot.questioning.choice.segments import segments_of
from iml_robot.rewards.annotation.policies import (
    Opinion,
    PolicyPair,
    ask_about_policies,
)
from iml_robot.session.preferences.changes import changes_of
from iml_robot.session.preferences.liking import Liked, liked_policy
from iml_robot.session.preferences.moments import Adviser, Moments
from iml_robot.session.preferences.question_break import (
    BreakResult,
    QuestionBreak,
    announce,
)
from iml_robot.session.preferences.reward_learning import RewardLearning
from iml_robot.session.preferences.soundness import broken_lines

LOGGER = logging.getLogger(__name__)

FIRST_ABOUT_POLICIES, NUMBERS = 1_000_000, 100
"""Questions about policies have numbers of their own, so many for each policy, and so do
the drives that they show, below 0."""

AnnotatorFor = Callable[[Sequence[Episode]], Annotator]
"""Returns who answers questions about parts of these episodes."""


class NoPreferences:
    """Nobody is asked, and nothing is liked more than the policy was made for."""

    def watch(self, episode: Episode, policy: Policy) -> None:
        """Look at an episode that has just ended.

        Args:
            episode: The episode.
            policy: Who drove where the operator did not.
        """

    def hold_break(self, episodes: Sequence[Episode]) -> tuple[str, ...]:
        """Ask what was better; return what that changed, in whole sentences.

        Args:
            episodes: Every usable episode of the session, the newest last.
        """
        del episodes
        return ()

    def compare(
        self, pairs: Sequence[PolicyPair], version: int, episodes: Sequence[Episode]
    ) -> Opinion | None:
        """Ask whether a new policy drives better than the one before; None: not now.

        Args:
            pairs: Stretches of drives of both.
            version: Number of the new policy.
            episodes: Every usable episode of the session, the newest last.
        """
        del pairs, version, episodes
        return None

    def driver(self, policy: Policy, path: Path) -> Policy:
        """Return what drives the next episode.

        Args:
            policy: The policy that was learned.
            path: Its file.
        """
        del path
        return policy

    def resume(self, episodes: Sequence[Episode]) -> None:
        """Take up what was said in an earlier part of the session."""

    def keep(self, path: Path) -> Path:
        """Return the file of a policy as it drives: with what is liked in it.

        Args:
            path: The file of the policy that was learned.
        """
        return path


class Preferences(NoPreferences):
    """Asks in breaks, learns a reward, and lets it change what the policy chooses.

    Args:
        learning: Learns the reward.
        folder: Where rewards are kept, one file a break.
        annotator_for: Gives who answers, at each break.
        questioner: Chooses questions.
        questions: Most questions in a break.
        segment_s: Length of what is shown [s].
        guidance: How strongly weights change what a structured policy chooses.
        dt: Control period [s].

    Attributes:
        learning: Learns the reward.
        last: What came of the last break; None: there was none.
        driving: What drove the last episode; None: nothing did.
        finished: Called after each break with what came of it.
        moments: Asks what is right at single moments; None: nobody is asked.
        adviser: Says so where the annotator cannot.
    """

    def __init__(
        self,
        learning: RewardLearning,
        folder: Path,
        *,
        annotator_for: AnnotatorFor,
        questioner: Questioner,
        questions: int,
        segment_s: float,
        guidance: float,
        dt: float,
    ) -> None:
        self.learning, self._folder = learning, folder
        self._annotator_for, self._guidance = annotator_for, guidance
        self._questioner, self._questions = questioner, questions
        self._segment_s, self._dt = segment_s, dt
        self._break: QuestionBreak | None = None
        self._episodes: Sequence[Episode] = ()
        self._known: tuple[tuple[Path, int, int, int], Liked | None] | None = None
        self.last: BreakResult | None = None
        self.driving: Policy | None = None
        self.finished: Callable[[BreakResult], None] = lambda result: None
        self.moments: Moments | None = None
        self.adviser: Adviser | None = None

    def watch(self, episode: Episode, policy: Policy) -> None:
        """See what would have followed without the episode's takeovers."""
        self.learning.watch(episode, policy)

    def resume(self, episodes: Sequence[Episode]) -> None:
        """Take up what was said in an earlier part of the session."""
        self._episodes = list(episodes)
        self.learning.resume(episodes)

    def hold_break(
        self, episodes: Sequence[Episode], *, most: int | None = None
    ) -> tuple[str, ...]:
        """Ask what was better; return what that changed, in whole sentences.

        Args:
            episodes: Every usable episode of the session, the newest last.
            most: Most questions; None: as many as in every break.
        """
        self._episodes = list(episodes)
        before = self.learning.model
        self.learning.take_in(episodes)
        broken = broken_lines(episodes[-1:], self.learning.scale.names)
        if not segments_of(episodes, self._dt, length_s=self._segment_s):
            return broken
        annotator = self._annotator_for(episodes)
        self.last = self._ask(
            episodes, annotator, self._questions if most is None else most
        )
        self.last.before = before
        self._ask_moments(episodes, annotator, self.last)
        self.finished(self.last)
        self.save()
        return (*changes_of(before, self.learning, self.last), *broken)

    def compare(
        self, pairs: Sequence[PolicyPair], version: int, episodes: Sequence[Episode]
    ) -> Opinion | None:
        """Ask whether a new policy drives better than the one before; see there.

        Questions are numbered by the policy, so that an update that is made again after
        a kill asks the same ones, whose answers replace those of before.
        """
        known = segments_of(episodes, self._dt, length_s=self._segment_s)
        if not known or (self.last is not None and self.last.left):
            return None
        before = max((e.info.policy_version for e in episodes), default=0)
        told = [
            pair.numbered(-NUMBERS * version - 2 * place - 2, versions=(before, version))
            for place, pair in enumerate(pairs)
        ]
        drives = [drive for pair in told for drive in (pair.old, pair.new)]
        annotator = self._annotator_for([*episodes, *drives])
        announce(annotator, "old and new policy, in any order")
        said = ask_about_policies(
            told,
            annotator,
            first_question=FIRST_ABOUT_POLICIES + NUMBERS * version,
            rng=named_stream(self.learning.seed, "old and new policy", version),
        )
        for reply in said.replies:
            self.learning.hear(reply)
        if said.replies:
            self.save()
        return said

    def _ask(
        self, episodes: Sequence[Episode], annotator: Annotator, most: int
    ) -> BreakResult:
        """Ask which of two segments is better."""
        if self._break is None:
            self._break = QuestionBreak(
                self.learning,
                self._questioner,
                segment_s=self._segment_s,
                dt=self._dt,
            )
        return self._break.hold(episodes, annotator, most=most)

    def _ask_moments(
        self, episodes: Sequence[Episode], annotator: Annotator, result: BreakResult
    ) -> None:
        """Ask what is right where the policy that drove was least sure."""
        moments, driver = self.moments, self.driving
        adviser = annotator if isinstance(annotator, Adviser) else self.adviser
        if moments is None or driver is None or adviser is None or result.left:
            return
        result.moments = moments.hold(episodes, driver, adviser)

    def driver(self, policy: Policy, path: Path) -> Policy:
        """Return the policy with what is liked in it, if it can have a taste."""
        liked = self._liked(path)
        self.driving = policy if liked is None else liked[0]
        return self.driving

    def keep(self, path: Path) -> Path:
        """Write the policy as it drives beside the one that was learned."""
        liked = self._liked(path)
        if liked is None:
            return path
        kept = path.with_name(f"{path.stem}-liked{path.suffix}")
        try:
            liked[1](kept)
        except OSError as error:
            LOGGER.error("cannot keep the policy as it drives: %s", error.strerror or error)
            return path
        return kept

    def _liked(self, path: Path) -> Liked | None:
        """Return the policy of a file as it is liked; made anew only if it is another."""
        if not self._guidance:
            return None
        written_ns = path.stat().st_mtime_ns if path.exists() else 0
        made_of = path, written_ns, self.learning.model.version, len(self._episodes)
        if self._known is None or self._known[0] != made_of:
            self._known = made_of, self._flavoured(path)
        return self._known[1]

    def _flavoured(self, path: Path) -> Liked | None:
        shipped = self.learning.shipped.mean
        more = self._guidance * (self.learning.model.posterior.mean - shipped)
        weights = dict(zip(self.learning.scale.names, map(float, more), strict=True))
        if not any(weights.values()):
            return None
        return liked_policy(path, weights, self._episodes, self.learning.scale)

    def save(self) -> None:
        """Write the reward as it is known now."""
        model = self.learning.model
        try:
            self._folder.mkdir(exist_ok=True)
            model.save(self._folder / f"{model.version:04d}.json")
        except OSError as error:
            LOGGER.error("cannot keep the reward: %s", error.strerror or error)
