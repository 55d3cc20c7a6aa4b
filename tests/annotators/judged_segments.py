"""Segments with known values, and many questions about them."""

import numpy as np

from iml_robot.core.feedback import Question, Segment
from iml_robot.rewards.scale import FeatureScale

NAMES = ("progress", "tilt", "slip", "effort")
WEIGHTS = {"progress": 1.0, "tilt": -0.8, "slip": -0.5, "effort": -0.2}
VECTOR = np.array([1.0, -0.8, -0.5, -0.2])
STEPS = 40
SCALE = FeatureScale(NAMES, np.zeros(4), np.ones(4))
PAIRS = 2000


def segments(count, seed, *, shift=0.0, steps=STEPS):
    """Return segments whose values are all moved by `shift`, which no difference shows."""
    rng = np.random.default_rng(seed)
    means = rng.normal(0, 0.4, (count, 1, 4))
    features = means + rng.normal(0, 0.3, (count, steps, 4))
    features[..., 0] += shift
    return [Segment(i, 0, f.astype(np.float32)) for i, f in enumerate(features)]


def questions(pool, seed, *, count=PAIRS, first=0):
    """Return questions about random pairs, numbered from `first`."""
    rng = np.random.default_rng(seed)
    pairs = [rng.choice(len(pool), 2, replace=False) for _ in range(count)]
    return [Question(i, pool[a], pool[b]) for i, (a, b) in enumerate(pairs, first)]


def true_value(segment):
    """Return what a segment is worth, by the definition."""
    return float(segment.features.astype(np.float64).mean(0) @ VECTOR)
