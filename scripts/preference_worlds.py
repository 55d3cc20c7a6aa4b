"""Worlds in which it is known what segments are worth, for `preference_accuracy.py`.

Segments are 8 correlated features, or cut from drives of a task's scripted pilot with
disturbed actions. Accuracy is the share of held-out pairs whose better segment is the truly
better one; log-loss, Brier score and calibration error go by what the annotator answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.core.feedback import INFORMATIVE_ANSWERS, Answer, Question, Segment
from iml_robot.core.seeding import named_stream
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.scale import FeatureScale

FEATURES, SEGMENTS, PAIRS, STEPS = 8, 400, 1000, 40
SHARPNESS = 1.9
"""That of the human-like annotator, by which weights have a size."""

Array = Any


@dataclass(frozen=True)
class World:
    """Segments, and what they are truly worth."""

    seed: int
    scale: FeatureScale
    pool: Sequence[Segment]
    other: Sequence[Segment]
    weights: Array
    period_s: float

    def annotator(self, name: str) -> Any:
        """Return somebody who knows the weights."""
        options = {"weights": self.weights, "seed": self.seed, "period_s": self.period_s}
        return ANNOTATORS.build(name, self.scale, self.pool, options=options)

    def stream(self, name: str) -> np.random.Generator:
        """Return the random numbers of a part."""
        return named_stream(self.seed, "preferences", name)

    def shown(self) -> Array:
        """Return the true weights in the unit of the posterior, shape (d,)."""
        values = self.means(self.pool) @ self.weights
        return SHARPNESS * self.weights / (np.sqrt(2) * values.std())

    def means(self, segments: Sequence[Segment]) -> Array:
        """Return standardised means, shape (n, d)."""
        return np.stack([self.scale.summary(s.features) for s in segments])


def synthetic(seed: int) -> World:
    """Return segments of correlated features."""
    rng = named_stream(seed, "world")
    mix = np.eye(FEATURES) + 0.5 * rng.normal(size=(FEATURES, FEATURES))
    mix /= np.sqrt((mix**2).sum(axis=1, keepdims=True))
    rows = (rng.normal(size=(SEGMENTS + 2 * PAIRS, FEATURES)) @ mix.T).astype(np.float32)
    # One step stands for the mean over a segment of two seconds.
    segments = [Segment(i, 0, row[None]) for i, row in enumerate(rows)]
    names = tuple(f"feature {i}" for i in range(FEATURES))
    scale = FeatureScale(names, np.zeros(FEATURES), np.ones(FEATURES))
    weights = rng.normal(size=FEATURES)
    return World(seed, scale, segments[:SEGMENTS], segments[SEGMENTS:], weights, 2.0)


def driven(env_id: str, rng: np.random.Generator) -> tuple[FeatureScale, list[Segment]]:
    """Return segments of drives of the pilot with disturbed actions."""
    from iml_robot.robots.environment import extra, make_env

    env = make_env(env_id)
    scale = FeatureScale.of(extra(env, "reward_features", {}))
    pilot, segments = env.unwrapped.make_pilot(), []
    for number in range(80):
        seen, _ = env.reset(seed=number, options={"level": number % 3, "index": number})
        pilot.reset(seed=number)
        size, push, rows = rng.choice([0.0, 0.5, 1.0, 2.0]), 0.0, []
        for _ in range(10 * STEPS):
            push = 0.9 * push + 0.44 * size * rng.normal(size=env.action_space.shape)
            action = np.clip(pilot.act(seen) + push, -1, 1).astype(np.float32)
            seen, _, terminated, truncated, info = env.step(action)
            rows.append(info["features"])
            if terminated or truncated:
                break
        for start in range(0, len(rows) - STEPS + 1, STEPS):
            segments.append(Segment(number, start, np.array(rows[start : start + STEPS])))
    env.close()
    return scale, segments


def recorded(env_id: str) -> Callable[[int], World]:
    """Return worlds with the features of a task; its drives are the same in all of them."""
    scale, segments = driven(env_id, named_stream(0, "drives"))
    half = [s for s in segments if s.episode_id % 2 == 0]
    rest = [s for s in segments if s.episode_id % 2 == 1]
    means = np.stack([scale.summary(s.features) for s in segments])
    spread = np.where(means.std(axis=0) > 0, means.std(axis=0), 1.0)

    def world(seed: int) -> World:
        rng = named_stream(seed, "world")
        places = rng.integers(len(rest), size=2 * PAIRS)
        weights = rng.normal(size=len(scale)) / spread
        chosen = [half[i] for i in rng.permutation(len(half))[:SEGMENTS]]
        return World(seed, scale, chosen, [rest[i] for i in places], weights, 0.05)

    return world


@dataclass
class Examination:
    """What a learned reward is judged by."""

    world: World
    annotator: SimulatedAnnotator
    differences: Array = field(init=False)

    def __post_init__(self) -> None:
        """Look at the held-out pairs."""
        left, right = self.world.other[:PAIRS], self.world.other[PAIRS:]
        self.differences = self.world.means(left) - self.world.means(right)

    @cached_property
    def told(self) -> list[Answer]:
        """What the annotator says to the held-out pairs."""
        left, right = self.world.other[:PAIRS], self.world.other[PAIRS:]
        pairs = enumerate(zip(left, right, strict=True), 100_000)
        return [self.annotator.answer(Question(i, a, b)).answer for i, (a, b) in pairs]

    def accuracy(self, gaps: Array, asked: int = 0) -> float:
        """Return how many of the pairs are ordered as they should be."""
        weights = self.world.weights
        if self.annotator.name == "drifting":
            weights = self.annotator.truth_at(asked)[0].weights
        true = self.differences @ weights
        differ = true != 0
        return float(np.mean((gaps > 0)[differ] == (true > 0)[differ]))

    def judge(self, model: RewardModel, asked: int) -> dict[str, float]:
        """Return all measures of a reward."""
        chances = model.answer_probabilities(self.differences)
        rows = [i for i, answer in enumerate(self.told) if answer in INFORMATIVE_ANSWERS]
        said = np.array([INFORMATIVE_ANSWERS.index(self.told[i]) for i in rows])
        given, hits = chances[rows], np.eye(3)[said]
        decided = said < 2
        left = given[decided, 0] / given[decided, :2].sum(axis=1)
        return {
            "accuracy": self.accuracy(self.differences @ model.posterior.mean, asked),
            "log_loss": float(-np.log(given[np.arange(len(said)), said]).mean()),
            "brier": float(((given - hits) ** 2).sum(axis=1).mean()),
            "ece": calibration_error(left, said[decided] == 0),
        }


def calibration_error(chances: Array, hits: Array) -> float:
    """Return how far chances are from shares of hits, by ten bins of chances."""
    bins = np.minimum((chances * 10).astype(int), 9)
    gaps = [abs((chances - hits)[bins == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(chances))
