"""Whether corrections are about anything that the features say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from iml_robot.rewards.arrays import dots
from iml_robot.rewards.evidence import Comparison
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior

SAMPLES = 200
CLEAR = 0.55
"""A correction that some weights make at least so likely is explained."""
LEAST = 0.1
"""What nothing explains still counts so much: the person may be right all the same."""


@dataclass(frozen=True)
class Relevance:
    """How well the features explain a correction.

    Attributes:
        event: Number of the takeover.
        likely: Probability of the correction by the weights that explain it best.
        share: How much of its weight is left, in (0, 1].
        text: What to tell the operator; "" where it is explained.
    """

    event: int
    likely: float
    share: float
    text: str = ""

    @property
    def explained(self) -> bool:
        """Whether some likely weights explain the correction."""
        return self.likely >= CLEAR


def weigh_corrections(
    corrections: Sequence[Comparison],
    posterior: Posterior,
    noise: Noise,
    rng: np.random.Generator,
) -> tuple[list[Comparison], list[Relevance]]:
    """Return corrections that count less where no likely weights explain them.

    A person corrects for reasons that may not be among the features. Taken as evidence,
    such a correction pulls weights that have nothing to do with it.

    Args:
        corrections: Comparisons from takeovers; those of one event are judged together.
        posterior: What is known without them.
        noise: How people err.
        rng: Source of the weights to try.

    Returns:
        The corrections, and how relevant each event is, in the order of events.

    Source: Bobu et al. (2020), "Quantifying hypothesis space misspecification in learning
    from human-robot demonstrations and physical corrections", who estimate the same by
    the likelihood under the weights that fit best.
    """
    weights = posterior.sample(SAMPLES, rng)
    judged = {}
    for event in sorted({c.event for c in corrections}):
        own = [c for c in corrections if c.event == event]
        better = dots(np.stack([c.difference for c in own]), weights)
        counts = np.array([c.weight for c in own])
        likely = counts @ expit(noise.correction * better) / max(counts.sum(), 1e-12)
        judged[event] = _judge(event, float(likely.max()))
    shared = [replace(c, weight=c.weight * judged[c.event].share) for c in corrections]
    return shared, list(judged.values())


def _judge(event: int, likely: float) -> Relevance:
    if likely >= CLEAR:
        return Relevance(event, likely, 1.0)
    share = max(LEAST, (likely - 0.5) / (CLEAR - 0.5))
    text = (
        "I have no feature for this: nothing that I look at explains why "
        f"correction {event} was better"
    )
    return Relevance(event, likely, share, text)
