"""Networks beside the weighted sum, or alone: what features do not say by a sum.

They come in only once they are worth it: they can fit anything, and few answers are soon
fitted. Nothing here loads torch before networks are trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Reply
from iml_robot.rewards.annotation.answers import comparisons_of
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.ensemble import Ensemble
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_posterior
from iml_robot.rewards.scale import FeatureScale

DECISIVE = 100
"""Answers for one side before networks are tried (section 5.3 of the study)."""
FOLDS = 5
SHARE = 0.3
"""Most that networks add, as a share of the spread of the weighted sum."""
_PREFERENCES = {Answer.LEFT: 1.0, Answer.RIGHT: 0.0, Answer.EQUAL: 0.5}


@dataclass(frozen=True)
class EnsembleReward:
    """Reward of a step by networks alone.

    Attributes:
        scale: Of the features, which are what the networks see.
        ensemble: The networks.
        version: Number of the reward in its session.
    """

    scale: FeatureScale
    ensemble: Ensemble
    version: int = 0

    def reward(self, features: npt.ArrayLike, *, pessimism: float = 0.0) -> Array:
        """Return the mean of the networks less their disagreement, shape (n,).

        Args:
            features: As the environment gives them, shape (n, d).
            pessimism: How many standard deviations of disagreement to take off.
        """
        said = self.ensemble.opinions(self.scale.standardise(features))
        return _lowered(said, pessimism)


@dataclass(frozen=True)
class ResidualReward:
    """Reward of a step by weighted features, and what networks add to it.

    Attributes:
        linear: The weighted sum.
        ensemble: The networks; they see standardised features.
        size: Most that they add.
    """

    linear: RewardModel
    ensemble: Ensemble
    size: float

    @property
    def version(self) -> int:
        """Number of the reward in its session."""
        return self.linear.version

    def reward(self, features: npt.ArrayLike, *, pessimism: float = 0.0) -> Array:
        """Return the reward of each step, shape (n,).

        Args:
            features: As the environment gives them, shape (n, d).
            pessimism: How many standard deviations of the posterior, and of what the
                networks disagree in, to take off.
        """
        rows = self.linear.scale.standardise(features)
        added = _lowered(self.ensemble.opinions(rows), pessimism)
        return self.linear.reward_of(rows, pessimism=pessimism) + self.size * added


@dataclass(frozen=True)
class Trial:
    """Whether networks foresee answers better than the weighted sum alone.

    Attributes:
        decisive: Number of answers for one side.
        linear_loss: Mean log-loss of held-out decisive answers by the sum, as it is or as
            much larger as networks could make it; NaN: not tried.
        residual_loss: The same with networks.
        error: Standard error of the difference.
    """

    decisive: int
    linear_loss: float = float("nan")
    residual_loss: float = float("nan")
    error: float = float("nan")

    @property
    def earned(self) -> bool:
        """Whether the loss falls by more than its standard error."""
        return self.linear_loss - self.residual_loss > self.error


@dataclass(frozen=True)
class Known:
    """What a weighted sum is learned from.

    Attributes:
        replies: Answers to questions.
        scale: Of the environment.
        prior: Of the weights.
        noise: How people err.
        others: Evidence beside the answers.
        annotators: How single annotators err, by name.
    """

    replies: Sequence[Reply]
    scale: FeatureScale
    prior: Prior
    noise: Noise
    others: Evidence = field(default_factory=Evidence)
    annotators: Mapping[str, Noise] | None = None

    def model(self, chosen: npt.NDArray[np.bool_] | None = None) -> RewardModel:
        """Return the reward that is learned from some of the answers, or from all.

        Args:
            chosen: Which, shape (number of replies,).
        """
        some = self.of(chosen)
        evidence = Evidence(tuple(comparisons_of(some, self.scale))) + self.others
        posterior = fit_posterior(
            evidence, self.prior, self.noise, annotators=self.annotators
        )
        return RewardModel(self.scale, posterior, self.noise)

    def of(self, chosen: npt.NDArray[np.bool_] | None) -> list[Reply]:
        """Return some of the answers, or all."""
        if chosen is None:
            return list(self.replies)
        return [r for r, take in zip(self.replies, chosen, strict=True) if take]


def learn_ensemble(
    replies: Sequence[Reply], scale: FeatureScale, noise: Noise, rng: np.random.Generator
) -> EnsembleReward:
    """Return a reward by networks alone.

    Args:
        replies: Answers; "can't tell" and skips are left out.
        scale: Of the environment.
        noise: How people err.
        rng: Source of all that is drawn.

    Raises:
        UsageError: If no answer says anything.
    """
    return EnsembleReward(scale, _trained(replies, scale, noise, rng))


def try_residual(
    known: Known, rng: np.random.Generator
) -> tuple[ResidualReward | None, Trial]:
    """Return the weighted sum with networks if they have earned it, else None.

    They have if there are at least 100 decisive answers and the log-loss of held-out ones
    falls by more than a standard error. A question that comes again is held out together
    with its first time.

    Args:
        known: What the weighted sum is learned from.
        rng: Source of folds and of all that training draws.
    """
    decisive = np.array([r.answer in (Answer.LEFT, Answer.RIGHT) for r in known.replies])
    if decisive.sum() < DECISIVE:
        return None, Trial(int(decisive.sum()))
    fold, losses = _folds(known.replies, rng), []
    for number in range(FOLDS):
        out = fold == number
        if (out & decisive).any():
            residual = _with_networks(known, ~out, rng)
            losses.append(_losses(residual, known.of(out & decisive), known.noise))
    every = np.concatenate(losses)
    plain, networks = every[:, :-1], every[:, -1]
    best = plain[:, plain.mean(axis=0).argmin()]
    error = float((best - networks).std(ddof=1) / np.sqrt(len(best)))
    trial = Trial(int(decisive.sum()), float(best.mean()), float(networks.mean()), error)
    return (_with_networks(known, None, rng) if trial.earned else None), trial


def _with_networks(
    known: Known, chosen: npt.NDArray[np.bool_] | None, rng: np.random.Generator
) -> ResidualReward:
    """Return sum and networks learned from some of the answers, or from all."""
    linear, some = known.model(chosen), known.of(chosen)
    steps = [s.features for r in some for s in (r.question.left, r.question.right)]
    size = SHARE * float(linear.reward(np.concatenate(steps)).std())
    return ResidualReward(
        linear,
        _trained(some, known.scale, known.noise, rng, linear=linear, size=size),
        size,
    )


def _trained(
    replies: Sequence[Reply],
    scale: FeatureScale,
    noise: Noise,
    rng: np.random.Generator,
    *,
    linear: RewardModel | None = None,
    size: float | None = None,
) -> Ensemble:
    """Return networks that explain answers beside a weighted sum."""
    from iml_robot.rewards.ensemble_training import Pair, Training, train_ensemble

    pairs = []
    for reply in replies:
        if reply.answer.informative:
            sides = (reply.question.left, reply.question.right)
            left, right = (scale.standardise(s.features) for s in sides)
            known = [
                np.zeros(len(x)) if linear is None else linear.reward_of(x)
                for x in (left, right)
            ]
            pairs.append(Pair(left, right, _PREFERENCES[reply.answer], *known))
    if not pairs:
        raise UsageError("networks need answers to learn from: answer some questions first")
    how = Training(size=size, sharpness=noise.sharpness, lapse=noise.lapse)
    return train_ensemble(pairs, rng, how)


def _folds(replies: Sequence[Reply], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return a fold for each answer; a question and its repeats share one."""
    first: dict[int, int] = {}
    for reply in replies:
        number, repeats = reply.question.question_id, reply.question.repeats
        first[number] = number if repeats is None else first.get(repeats, repeats)
    roots = list(dict.fromkeys(first.values()))
    fold = dict(zip(roots, rng.permutation(len(roots)) % FOLDS, strict=True))
    return np.array([fold[first[r.question.question_id]] for r in replies])


def _losses(
    residual: ResidualReward, replies: Sequence[Reply], noise: Noise
) -> npt.NDArray[np.float64]:
    """Return log-losses of decisive answers, shape (n, 3).

    The columns: the sum; the sum, larger by as much as networks could make it; the sum
    with networks. Networks that only say the same more loudly have earned nothing.
    """
    found = []
    for reply in replies:
        sides = (reply.question.left.features, reply.question.right.features)
        sign = 1 if reply.answer is Answer.LEFT else -1
        linear, whole = (
            sign * (reward.reward(sides[0]).mean() - reward.reward(sides[1]).mean())
            for reward in (residual.linear, residual)
        )
        odds = noise.sharpness * np.array([linear, (1 + SHARE) * linear, whole])
        found.append(-np.log(noise.lapse / 2 + (1 - noise.lapse) * expit(odds)))
    return np.array(found)


def _lowered(said: Array, pessimism: float) -> Array:
    """Return means less so many standard deviations: (n, M) -> (n,).

    Raises:
        UsageError: If the pessimism is negative.
    """
    if not 0 <= pessimism < float("inf"):
        raise UsageError(f"pessimism must be >= 0, got {pessimism}")
    spread = said.std(axis=1, ddof=1) if said.shape[1] > 1 else np.zeros(len(said))
    return np.asarray(said.mean(axis=1) - pessimism * spread)
