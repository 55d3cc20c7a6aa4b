"""Judges a reward learned from answers on three kinds of held-out pairs.

    python scripts/preference_strata.py [--seeds 20] [--asked 100] [--env ID]

The kinds: random pairs of what was driven, pairs that are nearly ties (the fifth of the
random pairs whose true difference is smallest), and pairs of segments that a policy would
choose that goes by the learned reward (the best of 32 random segments each, by the learned
weights). Each has 1,000 pairs; the annotator answers them once, and is never asked again.
Fitted: answers predicted as sharply as they were fitted; predicted: as sharply as they
should be (`rewards/predicting.py`). Intervals: 95 %, bootstrap over the seeds.

Accuracy: share of pairs whose truly better segment is found. Log-loss and Brier score: of
three answers. Calibration error: of left among decided answers, ten bins. "Knows": the same
for somebody who knows by what chances this annotator answers; it is not zero, since answers
are drawn. Kendall's tau-b: of learned differences and answers, "equal" between the sides.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from preference_accuracy import PEOPLE, Learner, Study, text
from preference_worlds import PAIRS, World, calibration_error, recorded, synthetic
from scipy.special import expit
from scipy.stats import kendalltau

from iml_robot.annotators.simulation.habits import MEASURED
from iml_robot.core.feedback import INFORMATIVE_ANSWERS, Question, Segment
from iml_robot.rewards.model import RewardModel

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


def measured(world: World, *, asked: Sequence[int]) -> dict[str, float]:
    """Ask, then judge on all kinds of pairs, as fitted and as predicted."""
    annotator = world.annotator(PEOPLE)
    learner, found = Learner(world, annotator), dict[str, float]()
    for count in asked:
        learner.ask(count)
        models = {"fitted": learner.model, "predicted": learner.predicting}
        for way, model in models.items():
            found[f"{count} {way} sharpness"] = model.noise.sharpness
            for kind in KINDS:
                judged = judge(world, annotator, model, kind)
                found |= {f"{count} {way} {kind} {n}": v for n, v in judged.items()}
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
    rows = study.run("strata", partial(measured, asked=given.asked))
    for count in given.asked:
        print(f"\n{f'{count} asked':24}" + "".join(f"{name:>25}" for name in MEASURES))
        for kind in KINDS:
            columns = {
                way: {
                    m: [row[f"{count} {way} {kind} {m}"] for row in rows] for m in MEASURES
                }
                for way in ("fitted", "predicted")
            }
            for way, column in columns.items():
                cells = "".join(f"{text(column[name]):>25}" for name in MEASURES)
                print(f"{kind:12}{way:12}{cells}")
            gaps = {
                name: np.subtract(columns["predicted"][name], columns["fitted"][name])
                for name in MEASURES
            }
            cells = "".join(f"{text(gaps[name].tolist()):>25}" for name in MEASURES)
            print(f"{kind:12}{'change':12}{cells}", flush=True)
        for way in ("fitted", "predicted"):
            print(
                f"sharpness, {way}: {text([r[f'{count} {way} sharpness'] for r in rows])}"
            )


if __name__ == "__main__":
    main()
