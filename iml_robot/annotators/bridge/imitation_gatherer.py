"""Lets our annotators answer in `imitation.algorithms.preference_comparisons`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt
from imitation.algorithms.preference_comparisons import Fragmenter, PreferenceGatherer
from imitation.data.types import TrajectoryWithRew, TrajectoryWithRewPair
from imitation.util.logger import HierarchicalLogger
from stable_baselines3.common.logger import Logger

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Question, Reply, Segment, Wish
from iml_robot.core.interfaces import Annotator

PREFERENCES = {Answer.LEFT: 1.0, Answer.RIGHT: 0.0, Answer.EQUAL: 0.5}
UNDECIDED = 0.5
MOST_ROUNDS = 20
"""So often is an annotator who says nothing offered other pairs."""

SegmentOf = Callable[[TrajectoryWithRew, int], Segment]


def segment_of_infos(fragment: TrajectoryWithRew, number: int) -> Segment:
    """Return a fragment whose environment puts reward features into its infos.

    Args:
        fragment: Part of a trajectory.
        number: Number that the segment gets in place of an episode's.

    Raises:
        UsageError: If a step has no `info["features"]`.
    """
    infos = () if fragment.infos is None else fragment.infos
    try:
        rows = [np.asarray(info["features"], np.float32) for info in infos]
    except KeyError as error:
        raise UsageError(
            'the environment puts no "features" into its infos: give `segment_of`, which '
            "makes a segment of a fragment"
        ) from error
    if not rows:
        raise UsageError("the fragment has no infos: give `segment_of`")
    return Segment(number, 0, np.stack(rows))


def quiet_logger() -> HierarchicalLogger:
    """Return a logger that writes nothing."""
    return HierarchicalLogger(Logger(None, []))


class AnnotatorGatherer(PreferenceGatherer):
    """Asks an annotator about each pair of fragments.

    imitation takes one number a pair: 1 where the first is better, 0 where the second is,
    0.5 where they are equal. Somebody who skips a pair or cannot tell has not said that
    they are equal; such a pair should be left out, which only the fragmenter can do. Use
    `gatherer.fragmenter(base)`: it asks while it makes pairs, goes on to the next one where
    nothing was said, and hands over pairs with answers only. Without it, pairs without an
    answer count as equal.

    Args:
        annotator: Who answers, simulated or at a window.
        segment_of: Makes a segment of a fragment and a new number; by default its features
            are those that the environment puts into `info["features"]`.
        custom_logger: Where imitation logs to; its loop sets it to its own.

    Attributes:
        replies: Everything that was said, in this order.
        pair: The fragments that are being asked about, for who wants to show them.
        leaving: Whether the annotator wants to be asked no more in this round.
    """

    def __init__(
        self,
        annotator: Annotator,
        *,
        segment_of: SegmentOf = segment_of_infos,
        custom_logger: HierarchicalLogger | None = None,
    ) -> None:
        # imitation would open files in a temporary folder for a logger of its own.
        super().__init__(custom_logger=custom_logger or quiet_logger())
        self._annotator, self._segment_of = annotator, segment_of
        self._numbers = count()
        self._answered: dict[int, tuple[TrajectoryWithRewPair, float]] = {}
        self.replies: list[Reply] = []
        self.pair: TrajectoryWithRewPair | None = None
        self.leaving = False
        self._last: TrajectoryWithRewPair | None = None

    def __call__(
        self, fragment_pairs: Sequence[TrajectoryWithRewPair]
    ) -> npt.NDArray[np.float32]:
        """Return how likely the first of each pair is better, shape (n,).

        Args:
            fragment_pairs: The pairs; those that were answered already are not asked again.
        """
        said = [self._known(pair) for pair in fragment_pairs]
        self._answered.clear()
        return np.array(said, np.float32)

    def fragmenter(self, base: Fragmenter) -> Fragmenter:
        """Return a fragmenter whose pairs have all been answered.

        Args:
            base: Where pairs come from.
        """
        return AnsweredFragmenter(self, base)

    def ask(self, pair: TrajectoryWithRewPair) -> bool:
        """Ask about a pair now, and keep the answer for when preferences are gathered.

        Returns:
            Whether there was an answer.
        """
        said = self._preference(pair)
        # The pair is kept too, so that its place in memory is not given to another one.
        self._answered.pop(id(pair), None)
        if said is not None:
            self._answered[id(pair)] = (pair, said)
        return said is not None

    def answered(self, pair: TrajectoryWithRewPair) -> bool:
        """Return whether the answer to a pair is kept."""
        return id(pair) in self._answered

    def _known(self, pair: TrajectoryWithRewPair) -> float:
        if not self.answered(pair) and not self.ask(pair):
            return UNDECIDED
        return self._answered[id(pair)][1]

    def _preference(self, pair: TrajectoryWithRewPair) -> float | None:
        before, said = self._last, self._say(pair)
        while said is Wish.UNDO:
            if before is not None:
                again = self._say(before)
                if isinstance(again, Reply):
                    self._keep(before, again)
            said = self._say(pair)
        if isinstance(said, Wish):
            self.leaving = True
            return None
        self._last = pair
        return PREFERENCES.get(said.answer)

    def _keep(self, pair: TrajectoryWithRewPair, reply: Reply) -> None:
        """Replace an answer by another one."""
        self._answered.pop(id(pair), None)
        if reply.answer in PREFERENCES:
            self._answered[id(pair)] = (pair, PREFERENCES[reply.answer])

    def _say(self, pair: TrajectoryWithRewPair) -> Reply | Wish:
        number = next(self._numbers)
        left, right = (
            self._segment_of(fragment, 2 * number + side)
            for side, fragment in enumerate(pair)
        )
        self.pair = pair
        question = Question(number, left, right)
        said = self._annotator.answer(question)
        self.pair = None
        if said is None:
            # Nobody saw it, and another pair comes instead.
            return Reply(question, Answer.SKIP)
        if isinstance(said, Reply):
            self.replies.append(said)
        return said


class AnsweredFragmenter(Fragmenter):
    """Makes pairs until enough have been answered.

    Args:
        gatherer: Who asks.
        base: Where pairs come from.
    """

    def __init__(self, gatherer: AnnotatorGatherer, base: Fragmenter) -> None:
        super().__init__(custom_logger=base.logger)
        self._gatherer, self._base = gatherer, base

    def __call__(
        self,
        trajectories: Sequence[TrajectoryWithRew],
        fragment_length: int,
        num_pairs: int,
    ) -> list[TrajectoryWithRewPair]:
        """Return pairs of fragments that were answered.

        There are fewer where the annotator wants to be asked no more, or leaves next to
        everything open.

        Args:
            trajectories: Where fragments are cut from.
            fragment_length: Steps of a fragment.
            num_pairs: How many pairs.

        Raises:
            UsageError: If nothing was answered.
        """
        offered: list[TrajectoryWithRewPair] = []
        answered: list[TrajectoryWithRewPair] = []
        self._gatherer.leaving = False
        for _ in range(MOST_ROUNDS):
            missing = num_pairs - len(answered)
            if not missing or self._gatherer.leaving:
                break
            for pair in self._base(trajectories, fragment_length, missing):
                offered.append(pair)
                if not self._gatherer.leaving:
                    self._gatherer.ask(pair)
            # An answer may have been taken back since.
            answered = [pair for pair in offered if self._gatherer.answered(pair)]
        if num_pairs and not answered:
            raise UsageError(
                f"none of {len(offered)} questions was answered: offer pairs that can be "
                "told apart, or ask somebody else"
            )
        return answered
