"""Judges a reward learned from answers on three kinds of held-out pairs.

    python scripts/preference_strata.py [--seeds 20] [--asked 100] [--env ID]

The kinds: random pairs of what was driven, pairs that are nearly ties (the fifth of the
random pairs whose true difference is smallest), and pairs of segments that a policy would
choose that goes by the learned reward (the best of 32 random segments each, by the learned
weights). Each has 1,000 pairs; the annotator answers them once, and is never asked again.
Before and after: a prior of the weights with a standard deviation of 1, and one as wide as
makes preferences as clear as people's. Intervals: 95 %, bootstrap over the seeds.

Accuracy: share of pairs whose truly better segment is found. Log-loss and Brier score: of
three answers. Calibration error: of left among decided answers, ten bins. "Knows": the same
for somebody who knows by what chances this annotator answers; it is not zero, since answers
are drawn. Kendall's tau-b: of learned differences and answers, "equal" between the sides.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from preference_accuracy import PEOPLE, Learner, Study, text
from preference_worlds import PAIRS, World, calibration_error, recorded, synthetic
from scipy.special import expit
from scipy.stats import kendalltau

from iml_robot.annotators.simulation.habits import MEASURED
from iml_robot.core.feedback import INFORMATIVE_ANSWERS, Question, Segment
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.usual_size import usual_std

KINDS = ("random", "near tie", "optimised")
MEASURES = ("accuracy", "log_loss", "brier", "ece", "tau_b", "ece_knows")
CANDIDATES, NEAR = 32, 5
"""Segments that an optimised policy chooses from; one in how many pairs is a near tie."""

Array = Any


def pairs_of(kind: str, world: World, model: RewardModel) -> tuple[Array, Array]:
    """Return the places of left and right segments among those that nobody asked about."""
    rng, means = world.stream(kind), world.means(world.other)
    if kind == "optimised":
        groups = rng.integers(len(means), size=(2 * PAIRS, CANDIDATES))
        best = (means @ model.posterior.mean)[groups].argmax(axis=1)
        chosen = groups[np.arange(2 * PAIRS), best]
        return chosen[:PAIRS], chosen[PAIRS:]
    count = PAIRS if kind == "random" else NEAR * PAIRS
    left, right = rng.integers(len(means), size=(2, count))
    gaps = np.abs((means[left] - means[right]) @ world.weights)
    nearest = np.argsort(gaps, kind="stable")[:PAIRS]
    return left[nearest], right[nearest]


def judge(world: World, annotator: Any, model: RewardModel, kind: str) -> dict[str, float]:
    """Return all measures on pairs of one kind."""
    left, right = pairs_of(kind, world, model)
    means = world.means(world.other)
    differences = means[left] - means[right]
    told = answers(world.other, left, right, annotator)
    chances = model.answer_probabilities(differences)
    true, gaps = differences @ world.weights, differences @ model.posterior.mean
    rows = np.flatnonzero(told >= 0)
    said, given = told[rows], chances[rows]
    decided = rows[said < 2]
    hits = told[decided] == 0
    sides = chances[decided, :2]
    knows = known_chances(true / annotator.truth_at(0)[1].spread)[decided]
    differ = true != 0
    return {
        "accuracy": float(np.mean((gaps > 0)[differ] == (true > 0)[differ])),
        "log_loss": float(-np.log(given[np.arange(len(said)), said]).mean()),
        "brier": float(((given - np.eye(3)[said]) ** 2).sum(axis=1).mean()),
        "ece": calibration_error(sides[:, 0] / sides.sum(axis=1), hits),
        "ece_knows": calibration_error(knows, hits),
        "tau_b": float(kendalltau(gaps[rows], np.array([1, -1, 0])[said]).statistic),
    }


def answers(
    segments: Sequence[Segment], left: Array, right: Array, annotator: Any
) -> Array:
    """Return answers as places in `INFORMATIVE_ANSWERS`; -1: another one."""
    found = np.full(len(left), -1)
    for number, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        question = Question(200_000 + number, segments[a], segments[b])
        said = annotator.answer(question).answer
        if said in INFORMATIVE_ANSWERS:
            found[number] = INFORMATIVE_ANSWERS.index(said)
    return found


def known_chances(differences: Array) -> Array:
    """Return how often the human-like annotator says left where it decides."""
    habits = MEASURED
    near = np.abs(differences) < habits.equal_within
    seen = (1 - habits.lapse) * np.where(near, 1 - habits.equal_share, 1.0)
    sides = expit(habits.sharpness * differences + habits.side_bias)
    left, right = (habits.lapse / 3 + seen * side for side in (sides, 1 - sides))
    return left / (left + right)


def measured(world: World, *, asked: int, wide: bool) -> dict[str, float]:
    """Ask, then judge on all kinds of pairs."""
    annotator = world.annotator(PEOPLE)
    std = 1.0 if wide else usual_std(world.means(world.pool))
    learner = Learner(world, annotator, std=std)
    learner.ask(asked)
    found = {"std": std}
    for kind in KINDS:
        judged = judge(world, annotator, learner.model, kind)
        found |= {f"{kind} {name}": value for name, value in judged.items()}
    return found


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--asked", type=int, nargs="+", default=[50, 100])
    parser.add_argument("--env", help="take the features of this environment")
    given = parser.parse_args()
    study = Study(recorded(given.env) if given.env else synthetic, given.seeds)
    for asked in given.asked:
        before, after = f"std 1, {asked} asked", f"usual std, {asked} asked"
        study.run(before, lambda world: measured(world, asked=asked, wide=True))  # noqa: B023
        study.run(after, lambda world: measured(world, asked=asked, wide=False))  # noqa: B023
        print(f"\n{'':32}" + "".join(f"{name:>24}" for name in MEASURES))
        for kind in KINDS:
            for part in (before, after):
                cells = [text(study.column(part, f"{kind} {name}")) for name in MEASURES]
                print(f"{kind:10}{part:22}" + "".join(f"{cell:>24}" for cell in cells))
            gaps = [text(study.gap(after, before, f"{kind} {m}")) for m in MEASURES]
            print(f"{kind:10}{'after less before':22}" + "".join(f"{g:>24}" for g in gaps))
        print(f"prior's standard deviation: {text(study.column(after, 'std'))}", flush=True)


if __name__ == "__main__":
    main()
