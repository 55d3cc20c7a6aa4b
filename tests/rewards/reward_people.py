"""People who answer by known weights, and evidence of every kind."""

import numpy as np

from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.evidence import Alarm, Choice, Comparison, Evidence


def answers(weights, count, rng, *, lapse=0.0, tie=0.25, bias=0.0, sharpness=1.0):
    """Return comparisons of random segments as the likelihood says people make them."""
    found = []
    for _ in range(count):
        x = rng.normal(size=len(weights))
        z = sharpness * x @ weights + bias
        left, right = 1 / (1 + np.exp(tie - z)), 1 / (1 + np.exp(tie + z))
        kinds = (Answer.LEFT, Answer.RIGHT, Answer.EQUAL)
        looked = rng.choice(3, p=[left, right, 1 - left - right])
        k = rng.integers(3) if rng.random() < lapse else looked
        found.append(Comparison(x, kinds[k]))
    return found


def few_answers():
    """Fourteen answers about four features: a skewed posterior."""
    rng = np.random.default_rng(1)
    return Evidence(tuple(answers(np.array([1.0, -1.0, 0.5, 0.0]), 14, rng)))


def all_kinds():
    """Every kind of feedback about five features, some of it weighted."""
    rng = np.random.default_rng(2)
    w = np.array([1.2, -0.8, 0.0, 0.5, -0.3])
    asked = answers(w, 40, rng, lapse=0.1)
    driven = [
        Comparison(rng.normal(size=5) + 0.5 * w, Answer.LEFT, 0.2, "correction")
        for _ in range(15)
    ]
    rated = [
        Comparison(
            x := rng.normal(size=5),
            Answer.LEFT if x @ w > 0 else Answer.RIGHT,
            0.5,
            "rating",
        )
        for _ in range(12)
    ]
    shown = [
        Choice(rng.normal(size=5) + 0.7 * w, rng.normal(size=(8, 5))) for _ in range(6)
    ]
    alarms = [Alarm(rng.normal(size=5) - w, 1.0, True) for _ in range(6)]
    quiet = [Alarm(rng.normal(size=5) + w, 0.05, False) for _ in range(60)]
    edits = [WeightEdit("f2", 0.4)]
    return Evidence(
        (*asked, *driven, *rated), tuple(shown), (*alarms, *quiet), tuple(edits)
    )


def pinned():
    """Answers that contradict a pinned sign, another pin that holds, and lapses."""
    rng = np.random.default_rng(3)
    asked = answers(np.array([0.6, 1.0, -0.7]), 30, rng, lapse=0.1)
    edits = (WeightEdit("f0", sign=-1), WeightEdit("f1", sign=1), WeightEdit("f2", -0.5))
    return Evidence(tuple(asked), edits=edits)
