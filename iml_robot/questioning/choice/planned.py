"""Chooses questions by rules that all ways of choosing share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from iml_robot.core.feedback import SHOWINGS, THINKING_S, Purpose, Question, Reply
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import BoolArray
from iml_robot.questioning.choice.history import History
from iml_robot.questioning.choice.pairs import Pairs, draw_pairs
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.arrays import Array, dots
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior
from iml_robot.rewards.scale import FeatureScale

SAMPLES = 200
BLIND = 0.25
"""Share of blind answers above which chosen questions teach no more than random ones, as
measured with three mistakes in ten answers."""
RECENT, APART = 12, 0.3
"""The difference of a question is this far from those of so many before, as a share of its
size."""
CLEAR, SURE = 3.0, 3.0
"""A pair is clear whose expected log odds, and whose expected reward difference in standard
deviations of what is known of it, both exceed these."""


@dataclass(frozen=True)
class Candidates:
    """Questions that could be asked, n of them.

    Attributes:
        pairs: Places in the pool.
        differences: Standardised features, left less right, shape (n, d).
        weights: Mean of the weights, shape (d,).
        rewards: Reward differences by m samples of the weights, shape (n, m).
        seconds: Time that each takes [s], shape (n,).
    """

    pairs: Pairs
    differences: Array
    weights: Array
    rewards: Array
    seconds: Array


@dataclass(frozen=True)
class Shares:
    """Shares of the questions that are not asked for what they tell.

    Attributes:
        random: Random pairs, which are also a fair sample of what people answer.
        mirrored: Repeats with sides swapped, which show how consistent people are.
        gold: Very clear pairs, which show whether people look.

    Raises:
        ValueError: If they are not shares, or more than all in sum.
    """

    random: float
    mirrored: float
    gold: float

    def __post_init__(self) -> None:
        """Check all values."""
        parts = (self.random, self.mirrored, self.gold)
        if not all(0 <= part <= 1 for part in parts) or sum(parts) > 1:
            raise ValueError(f"shares must be in [0, 1] and at most 1 in sum, got {parts}")


class PlannedQuestioner(ABC):
    """Proposes one question at a time from a few hundred random candidates.

    Args:
        scale: Scale of the reward features.
        seed: Seed of all that is random.
        period_s: Control period [s].
        candidates: How many pairs to choose from.
        random: Share of random pairs.
        mirrored: Share of repeats with sides swapped.
        gold: Share of very clear pairs.

    Attributes:
        blindly: Whether pairs are random throughout.

    Raises:
        ValueError: If a value is out of range.
    """

    blindly: ClassVar[bool] = False

    def __init__(
        self,
        scale: FeatureScale,
        *,
        seed: int = 0,
        period_s: float = 0.05,
        candidates: int = 300,
        random: float = 0.2,
        mirrored: float = 0.1,
        gold: float = 0.05,
    ) -> None:
        shares = Shares(random, mirrored, gold)
        if candidates < 1 or not period_s > 0:
            raise ValueError(
                "candidates must be 1 or more and period_s above 0, "
                f"got {candidates} and {period_s}"
            )
        self._scale, self._shares, self._seed = scale, shares, seed
        self._period_s, self._count = period_s, candidates
        self._history = History()
        self._pool = Pool.of_segments(())
        self._means = np.zeros((0, len(scale)))
        self._doubtful: list[Question] = []
        self._differences: dict[int, Array] = {}

    @abstractmethod
    def scores(self, candidates: Candidates, noise: Noise) -> Array | None:
        """Return how good questions are, shape (n,); None: none is worth asking."""

    def offer(self, pool: Pool) -> None:
        """Take other segments to ask about, between two episodes."""
        self._pool = pool
        rows = [self._scale.summary(segment.features) for segment in pool.segments]
        self._means = np.stack(rows) if rows else np.zeros((0, len(self._scale)))

    def hear(self, reply: Reply) -> None:
        """Take in a reply, or another one to the same question."""
        self._history.add(reply)
        question = reply.question
        left, right = (
            self._scale.summary(side.features) for side in (question.left, question.right)
        )
        self._differences[question.question_id] = np.asarray(left - right)

    def ask_again(self, questions: Sequence[Question]) -> None:
        """Repeat questions, mirrored, whose answers are doubtful."""
        self._doubtful = list(questions)

    def propose(self, posterior: Posterior, noise: Noise) -> Question | None:
        """Return the next question; None: there is nothing worth asking.

        Args:
            posterior: What is known of the weights.
            noise: How the annotator errs.
        """
        rng = named_stream(self._seed, "questions", self._history.next_number)
        candidates = self._candidates(posterior, rng)
        scores = self.scores(candidates, noise) if len(candidates.pairs) else None
        if scores is None:
            return None
        if self._due(Purpose.MIRRORED, self._shares.mirrored):
            again = self._repeat(rng)
            if again is not None:
                return again
        if self._due(Purpose.GOLD, self._shares.gold):
            clear = _clearest(candidates, noise)
            if clear is not None:
                return self._question(candidates.pairs, clear, Purpose.GOLD)
        blindly = self.blindly or noise.lapse > BLIND
        if blindly or self._due(Purpose.RANDOM, self._shares.random):
            anything = int(rng.integers(len(candidates.pairs)))
            return self._question(candidates.pairs, anything, Purpose.RANDOM)
        best = int(np.where(self._diverse(candidates), scores, -np.inf).argmax())
        return self._question(candidates.pairs, best, Purpose.INFORMATIVE)

    def asked(self) -> tuple[list[Reply], Array]:
        """Return the replies, and the differences of their questions, shape (m, d)."""
        rows = [self._differences[r.question.question_id] for r in self._history.replies]
        return self._history.replies, np.array(rows).reshape(-1, len(self._scale))

    def _candidates(self, posterior: Posterior, rng: np.random.Generator) -> Candidates:
        usable = self._history.usable(self._pool.segments)
        pairs = draw_pairs(self._pool, usable, self._count, rng)
        segments = self._pool.segments
        both = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
        fresh = [self._history.fresh(segments[a], segments[b]) for a, b in both]
        pairs = pairs.chosen(np.array(fresh, np.bool_))
        differences = self._means[pairs.left] - self._means[pairs.right]
        lengths = np.array([len(s) for s in segments])
        steps = (lengths[pairs.left] + lengths[pairs.right]) / 2 if len(pairs) else 0
        return Candidates(
            pairs,
            differences,
            posterior.mean,
            dots(differences, posterior.sample(SAMPLES, rng)),
            np.asarray(SHOWINGS * steps * self._period_s + THINKING_S),
        )

    def _due(self, purpose: Purpose, share: float) -> bool:
        """Return whether questions for a purpose have fallen behind their share."""
        asked = self._history.asked(purpose)
        if purpose is Purpose.MIRRORED:
            asked += self._history.asked(Purpose.SURPRISING)
        return share * (len(self._history) + 1) - asked >= 1 - 1e-9

    def _repeat(self, rng: np.random.Generator) -> Question | None:
        """Return a question of before with sides swapped, a doubtful one if there is."""
        purpose = Purpose.SURPRISING
        old = [q for q in self._doubtful if self._history.may_repeat(q)]
        if not old:
            purpose, old = Purpose.MIRRORED, self._history.repeatable()
        if not old:
            return None
        first = old[int(rng.integers(len(old)))]
        number = self._history.next_number
        return Question(number, first.right, first.left, purpose, first.question_id)

    def _diverse(self, candidates: Candidates) -> BoolArray:
        """Return which candidates differ from the last questions; all, if none does."""
        count = len(candidates.pairs)
        past = self.asked()[1][-RECENT:]
        if not len(past):
            return np.ones(count, np.bool_)
        here = candidates.differences
        sizes = (here**2).sum(1)
        products = 2 * np.abs(dots(here, past))
        # Which side is which makes no other question.
        away = sizes[:, None] + (past**2).sum(1) - products
        differs = np.asarray((away.min(axis=1) >= APART**2 * sizes), np.bool_)
        return differs if differs.any() else np.ones(count, np.bool_)

    def _question(self, pairs: Pairs, which: int, purpose: Purpose) -> Question:
        left, right = int(pairs.left[which]), int(pairs.right[which])
        segments = self._pool.segments
        return Question(self._history.next_number, segments[left], segments[right], purpose)


def _clearest(candidates: Candidates, noise: Noise) -> int | None:
    """Return the pair of which nobody who looks can be in doubt; None: there is none."""
    means = np.abs(candidates.rewards.mean(axis=1))
    spreads = candidates.rewards.std(axis=1)
    clear = (noise.sharpness * means > CLEAR) & (means > SURE * spreads)
    if not clear.any():
        return None
    return int(np.where(clear, means - SURE * spreads, -np.inf).argmax())
