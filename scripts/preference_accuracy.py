"""Measures how fast a reward is learned from answers, against a truth that is known.

    python scripts/preference_accuracy.py [--seeds 20] [--env ID] [--parts questions ...]

Each seed has true weights of its own, 400 segments to ask about and 1,000 pairs of other
segments to be judged by. Only a simulated annotator knows the weights; the learner begins
with weights 0. Skips and "can't tell" count as asked. The worlds and the measures are in
`preference_worlds.py`. Intervals: 95 %, bootstrap over the seeds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from preference_worlds import PAIRS, Examination, World, recorded, synthetic

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.edits import simulated_edit
from iml_robot.core.feedback import Answer, Reply, WeightEdit
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.annotation.answers import comparisons_of
from iml_robot.rewards.conflicts import conflicts
from iml_robot.rewards.evidence import Alarm, Choice, Comparison, Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.predicting import predictive_noise
from iml_robot.rewards.refit import due, refit_noise
from iml_robot.rewards.residual import learn_ensemble

POINTS = (10, 20, 50, 100, 200)
PEOPLE = "human_like"
TEACH = {"answers": 50, "demonstrations": 5, "corrections": 15, "alarms": 15, "ratings": 20}
"""Events of each kind where kinds are compared; and three weight edits."""
EDITS = 3


@dataclass
class Learner:
    """Asks, fits, and learns every twenty answers how the annotator errs."""

    world: World
    annotator: Any
    questioner: str = "information"
    options: dict[str, Any] = field(default_factory=dict)
    given: Evidence = field(default_factory=Evidence)
    replies: list[Reply] = field(default_factory=list)
    noise: Noise = field(default_factory=Noise)
    refitted: int = 0

    def __post_init__(self) -> None:
        """Begin with what is given."""
        names = self.world.scale.names
        self.prior = Prior(np.zeros(len(names)), 1.0, names)
        options = {"seed": self.world.seed, "period_s": self.world.period_s}
        self.chooser = QUESTIONERS.build(
            self.questioner, self.world.scale, options={**options, **self.options}
        )
        self.chooser.offer(Pool.of_segments(self.world.pool))
        self.fit()

    @property
    def model(self) -> RewardModel:
        """The reward by now."""
        return RewardModel(self.world.scale, self.posterior, self.noise)

    def fit(self) -> Posterior:
        """Fit the weights to all that was said."""
        told = tuple(comparisons_of(self.replies, self.world.scale))
        evidence = Evidence(told) + self.given
        if due(len(told), self.refitted):
            who = self.annotator.name
            self.noise = refit_noise(evidence, self.prior, self.noise, annotator=who)
            self.refitted = len(told)
        self.posterior = fit_posterior(evidence, self.prior, self.noise)
        return self.posterior

    @property
    def predicting(self) -> RewardModel:
        """The same reward, with answers predicted as surely as they can be."""
        told = comparisons_of(self.replies, self.world.scale)
        means = self.world.means(self.world.pool)
        noise = predictive_noise(told, self.prior, self.noise, means=means)
        return RewardModel(self.world.scale, self.posterior, noise)

    def ask(self, count: int) -> None:
        """Ask until so many questions were asked; fewer where nothing is worth asking."""
        while len(self.replies) < count:
            question = self.chooser.propose(self.posterior, self.noise)
            if question is None:
                return
            reply = self.annotator.answer(question)
            self.replies.append(reply)
            self.chooser.hear(reply)
            self.fit()


def by_questions(
    world: World, questioner: str, annotator: str, points: Sequence[int] = POINTS
) -> dict[str, float]:
    """Return the measures after each number of questions."""
    who = world.annotator(annotator)
    learner, examination = Learner(world, who, questioner), Examination(world, who)
    found: dict[str, float] = {}
    for point in points:
        learner.ask(point)
        judged = examination.judge(learner.predicting, point)
        found |= {f"{name}@{point}": value for name, value in judged.items()}
    found["asked"] = float(len(learner.replies))
    found["seconds"] = sum(reply.seconds for reply in learner.replies)
    return found


def by_networks(world: World) -> dict[str, float]:
    """Return the accuracy of imitation's ensemble after so many random questions."""
    learner = Learner(world, world.annotator(PEOPLE), "random")
    examination, found = Examination(world, learner.annotator), {}
    left, right = world.other[:PAIRS], world.other[PAIRS:]
    for point in (*POINTS, 400):
        while len(learner.replies) < point:
            question = learner.chooser.propose(learner.posterior, learner.noise)
            if question is None:
                break
            learner.replies.append(learner.annotator.answer(question))
            learner.chooser.hear(learner.replies[-1])
        rng = world.stream(f"networks {point}")
        reward = learn_ensemble(learner.replies, world.scale, Noise(), rng)
        sides = [
            np.array([reward.reward(s.features).mean() for s in side])
            for side in (left, right)
        ]
        found[f"accuracy@{point}"] = examination.accuracy(sides[0] - sides[1])
    return found


def taught(world: World, kinds: Sequence[str]) -> Evidence:
    """Return what people say other than answers, with errors of their own."""
    rng = world.stream("other kinds")
    means, weights = world.means(world.pool), world.shown()
    worth = means @ weights
    told: dict[str, list[Any]] = {"ratings": [], "corrections": []}
    choices, alarms = [], []
    for _ in range(TEACH["demonstrations"]):
        ways = rng.choice(len(worth), 9, replace=False)
        # The operator takes what seems best, which is often not quite the best.
        best = (worth[ways] + rng.gumbel(size=9)).argmax()
        choices.append(Choice(means[ways[best]], np.delete(means[ways], best, axis=0)))
    for _ in range(TEACH["corrections"]):
        bad, *ways = rng.choice(len(worth), 7, replace=False)
        good = ways[int((worth[ways[:2]] + rng.gumbel(size=2)).argmax())]
        for rival, share in ((bad, 0.5), *((way, 0.125) for way in ways[2:])):
            told["corrections"].append(
                Comparison(means[good] - means[rival], Answer.LEFT, share, "correction")
            )
    threshold = np.quantile(worth, 0.25)
    for _ in range(5 * TEACH["alarms"]):
        way = int(rng.integers(len(worth)))
        taken = worth[way] + rng.logistic() < threshold
        alarms.append(Alarm(means[way], 1.0 if taken else 0.05, bool(taken)))
    rated = rng.choice(len(worth), TEACH["ratings"], replace=False)
    good_ = worth[rated] + rng.logistic(size=len(rated)) > np.median(worth)
    for a, b in zip(range(len(rated) - 1), range(1, len(rated)), strict=True):
        if good_[a] != good_[b]:
            gap = means[rated[a]] - means[rated[b]]
            said = Answer.LEFT if good_[a] else Answer.RIGHT
            told["ratings"].append(Comparison(gap, said, 1.0, "rating"))
    return Evidence(
        tuple(c for kind in told if kind in kinds for c in told[kind]),
        tuple(choices) if "demonstrations" in kinds else (),
        tuple(alarms) if "alarms" in kinds else (),
    )


def by_kinds(world: World, kinds: Sequence[str]) -> dict[str, float]:
    """Return the accuracy with some kinds of feedback."""
    who = world.annotator(PEOPLE)
    learner = Learner(world, who, given=taught(world, kinds))
    if "answers" in kinds:
        learner.ask(TEACH["answers"])
    rng = world.stream("edits")
    for _ in range(EDITS if "edits" in kinds else 0):
        shown = learner.posterior.mean
        edit = simulated_edit(world.scale.names, shown, truth=world.shown(), rng=rng)
        learner.given += Evidence(edits=(edit,))
        learner.fit()
    examination = Examination(world, who)
    gaps = examination.differences @ learner.posterior.mean
    return {"accuracy": examination.accuracy(gaps)}


def by_wrong_edit(world: World, edited: str) -> dict[str, float]:
    """Return the accuracy after a wrong edit, which comes after twenty answers."""
    who = world.annotator(PEOPLE)
    learner, examination = Learner(world, who), Examination(world, who)
    learner.ask(20)
    heaviest = int(np.abs(world.shown()).argmax())
    wrong = WeightEdit(world.scale.names[heaviest], -float(world.shown()[heaviest]))
    if edited != "no edit":
        learner.given += Evidence(edits=(wrong,))
        learner.fit()
    found = {}
    for later in range(0, 51, 5):
        learner.ask(20 + later)
        if edited == "taken back" and learner.given.edits:
            bare, full = learner.given, learner.posterior
            learner.given = Evidence()
            if not conflicts(bare.edits, learner.fit()):
                learner.given, learner.posterior = bare, full
        found[f"edited@{later}"] = float(len(learner.given.edits))
        gaps = examination.differences @ learner.posterior.mean
        found[f"accuracy@{later}"] = examination.accuracy(gaps)
    return found


Row = dict[str, float]


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return mean and 95 % bootstrap interval."""
    rows = np.asarray(values, np.float64)
    rng = np.random.default_rng(0)
    means = rows[rng.integers(len(rows), size=(10_000, len(rows)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(rows.mean()), float(low), float(high)


def text(values: Sequence[float], digits: int = 3) -> str:
    """Return mean and interval in brackets."""
    mean, low, high = interval(values)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


class Study:
    """Runs parts over all seeds and keeps every figure.

    Args:
        world: Makes the world of a seed.
        seeds: How many.
    """

    def __init__(self, world: Callable[[int], World], seeds: int) -> None:
        self.worlds = [world(seed) for seed in range(seeds)]
        self.rows: dict[str, list[Row]] = {}

    def run(self, name: str, measure: Callable[[World], Row]) -> list[Row]:
        """Measure on all worlds, and print that it is done."""
        self.rows[name] = [measure(world) for world in self.worlds]
        print(f"# {name}: {len(self.worlds)} seeds", flush=True)
        return self.rows[name]

    def column(self, name: str, measure: str) -> list[float]:
        """Return one figure of every seed."""
        return [row[measure] for row in self.rows[name]]

    def gap(self, first: str, second: str, measure: str) -> list[float]:
        """Return by how much one part is ahead of another, seed by seed."""
        pairs = zip(self.column(first, measure), self.column(second, measure), strict=True)
        return [a - b for a, b in pairs]


def questions(study: Study) -> None:
    """Compare ways of choosing questions."""
    ways = ("information", "disagreement", "random")
    for way in ways:
        study.run(way, partial(by_questions, questioner=way, annotator=PEOPLE))
    for measure in ("accuracy", "log_loss", "brier", "ece"):
        print(f"\n{measure:12}" + "".join(f"{f'{p} asked':>24}" for p in POINTS))
        for way in ways:
            cells = [text(study.column(way, f"{measure}@{p}")) for p in POINTS]
            print(f"{way:12}" + "".join(f"{cell:>24}" for cell in cells))
    print("\ninformation ahead of random, accuracy:")
    for point in POINTS:
        ahead = study.gap("information", "random", f"accuracy@{point}")
        print(f"  {point:4} asked: {text(ahead)}")


def annotators(study: Study) -> None:
    """Let every annotator answer."""
    print(
        f"\n{'accuracy':14}{'information, 50':>24}{'100':>24}{'random, 50':>24}{'100':>24}"
    )
    lines = []
    for name in ANNOTATORS.names():
        line = f"{name:14}"
        for way in ("information", "random"):
            part = f"{name}, {way}"
            study.run(
                part,
                partial(by_questions, questioner=way, annotator=name, points=(50, 100)),
            )
            for point in (50, 100):
                line += f"{text(study.column(part, f'accuracy@{point}')):>24}"
        lines.append(line)
    print("\n".join(lines))


def kinds(study: Study) -> None:
    """Compare kinds of feedback: each alone, all together, all but one."""
    names = (*TEACH, "edits")
    sets = {f"{name} alone": (name,) for name in names}
    sets["all kinds"] = names
    sets |= {f"all but {n}": tuple(k for k in names if k != n) for n in names}
    for name, chosen in sets.items():
        study.run(name, partial(by_kinds, kinds=chosen))
    print()
    for name in sets:
        print(f"{name:24}{text(study.column(name, 'accuracy'))}")
    alone = {f"{n} alone": np.mean(study.column(f"{n} alone", "accuracy")) for n in names}
    best = max(alone, key=lambda name: alone[name])
    ahead = study.gap("all kinds", best, "accuracy")
    print(f"all kinds ahead of the best one ({best}): {text(ahead)}")


def edits(study: Study) -> None:
    """Say wrongly what a weight is, and see what answers make of it."""
    ways = ("no edit", "kept", "taken back")
    for way in ways:
        study.run(f"edit: {way}", partial(by_wrong_edit, edited=way))
    later = range(0, 51, 5)
    print(f"\n{'accuracy':14}" + "".join(f"{f'+{n}':>8}" for n in later))
    for way in ways:
        means = [np.mean(study.column(f"edit: {way}", f"accuracy@{n}")) for n in later]
        print(f"{way:14}" + "".join(f"{mean:8.3f}" for mean in means))
    shares = [np.mean(study.column("edit: taken back", f"edited@{n}")) for n in later]
    print(f"{'still edited':14}" + "".join(f"{share:8.2f}" for share in shares))
    for way in ways[1:]:
        behind = study.gap(f"edit: {way}", "edit: no edit", "accuracy@30")
        print(f"{way}, 30 answers later, ahead of no edit: {text(behind)}")


def networks(study: Study) -> None:
    """Let imitation's ensemble learn from random questions, and count what it needs."""
    points = (*POINTS, 400)
    study.run("networks", by_networks)
    if "information" not in study.rows:
        way = partial(by_questions, questioner="information", annotator=PEOPLE)
        study.run("information", way)
    cells = [text(study.column("networks", f"accuracy@{p}")) for p in points]
    print(f"\n{'networks':12}" + "".join(f"{cell:>24}" for cell in cells))
    curve = [np.mean(study.column("networks", f"accuracy@{p}")) for p in points]
    rising = np.maximum.accumulate(curve)
    for point in (20, 50, 100):
        reached = float(np.mean(study.column("information", f"accuracy@{point}")))
        needed = np.exp(np.interp(reached, rising, np.log(points)))
        more = "more than " if reached > rising[-1] else ""
        print(
            f"what {point} questions give by information ({reached:.3f}) takes imitation's "
            f"ensemble {more}{needed:.0f}"
        )


PARTS = {
    "questions": questions,
    "annotators": annotators,
    "kinds": kinds,
    "edits": edits,
    "networks": networks,
}


def main() -> None:
    """Read the command line, measure, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--env", help="take the features of this environment")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path, help="write every figure there")
    given = parser.parse_args()
    study = Study(recorded(given.env) if given.env else synthetic, given.seeds)
    for part in given.parts:
        PARTS[part](study)
    if given.json:
        found = {"env": given.env, "seeds": given.seeds, "rows": study.rows}
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
