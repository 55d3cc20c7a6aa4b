"""Measures how well policies drive that were trained on what an annotator answered.

    python scripts/preference_end_to_end.py rover drone [--seeds 1] [--json FILE]
    python scripts/preference_end_to_end.py rover drone --ablation --seeds 3

The annotator has a taste, which are weights of the named features of the environment and
not those that it ships with; only the annotator knows them. Between rounds of training
questions are asked about what the policy did, the reward is fitted to the answers, and
everything that was met is relabelled. Each policy is judged by the true weights on maps
nobody practised on: 0 is random driving, 1 what the same trainer reaches in the same steps
on the true reward. Variants leave parts out; the last one is imitation's own preference
comparisons with its neural reward and PPO, in as many control steps and questions.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from end_to_end.ablation import judge_updates, table
from end_to_end.imitation_rival import learn_with_imitation
from end_to_end.learning import Learned, Variant, learn, trained_on
from end_to_end.tasks import TASKS, Study

from iml_robot.learners.reinforcement.reward import LinearReward
from iml_robot.learners.reinforcement.rollouts import Drive, returns
from iml_robot.policies.ensemble.policy import use_one_thread

ABLATION = (
    "answers",
    "answers, pessimism",
    "answers, gate",
    "answers, gate, pessimism",
)


def variants(study: Study) -> dict[str, Callable[[Study], Learned]]:
    """Return everything that is compared, by name."""
    shipped = LinearReward.shipped(study.traits.reward_features)
    return {
        "random": lambda s: (s.random(), {}),
        "oracle": trained_on(study.truth),
        "shipped weights": trained_on(shipped),
        "answers": lambda s: learn(s, Variant()),
        "answers, pessimism": lambda s: learn(s, Variant(pessimism=0.5)),
        "answers, flat prior": lambda s: learn(s, Variant(flat=True)),
        "answers, gate": lambda s: learn(s, Variant(gated=True)),
        "answers, gate, pessimism": lambda s: learn(s, Variant(gated=True, pessimism=0.5)),
        "imitation": learn_with_imitation,
    }


def measure(study: Study, chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Train and judge every variant; return a row for each."""
    rows: list[dict[str, Any]] = []
    for name, train in variants(study).items():
        if chosen and name not in (*chosen, "random", "oracle"):
            continue
        begun = time.process_time()
        policy, figures = train(study)
        seconds = time.process_time() - begun
        drives = study.judged(policy, hold_steps=study.task.ground.hold_steps)
        nimble = study.judged(policy, hold_steps=1)
        row = {
            "task": study.task.name,
            "variant": name,
            "seed": study.seed,
            "return": float(returns(drives, study.truth).mean()),
            "successes": float(np.mean([_successes(one) for one in drives])),
            "failures": float(np.mean([one.failures for one in drives])),
            "return_each_step": float(returns(nimble, study.truth).mean()),
            "cpu_s": seconds,
            **figures,
        }
        rows.append(row)
        normalise(rows)
        told = " ".join(
            f"{key}={value:.3g}" for key, value in row.items() if isinstance(value, float)
        )
        print(f"{study.task.name} {name:22} seed {study.seed} {told}", flush=True)
    judge_updates(rows)
    for row in rows:
        for number, update in enumerate(row.get("updates", []), 1):
            print(
                f"{row['task']} {row['variant']:22} seed {study.seed} update {number} "
                f"{update['before_normalised']:.3f} -> {update['after_normalised']:.3f} "
                f"{'accepted' if update['accepted'] else 'refused'}",
                flush=True,
            )
    return rows


def _successes(one: Drive) -> int:
    return len(one.outcomes) - one.failures


def normalise(rows: Sequence[dict[str, Any]]) -> None:
    """Add where each return lies between random driving and the oracle's."""
    known = {row["variant"]: row["return"] for row in rows}
    if {"random", "oracle"} <= known.keys():
        span = known["oracle"] - known["random"]
        for row in rows:
            row["normalised"] = (row["return"] - known["random"]) / span


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="+", choices=sorted(TASKS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=32_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--annotator", default="human_like")
    parser.add_argument("--variants", nargs="*", default=[])
    parser.add_argument(
        "--ablation", action="store_true", help="with and without gate and pessimism"
    )
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    use_one_thread()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows: list[dict[str, Any]] = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for name in given.tasks:
            study = Study(
                TASKS[name],
                seed,
                given.steps,
                given.questions,
                given.rounds,
                given.annotator,
            )
            rows += measure(study, ABLATION if given.ablation else given.variants)
            if given.json:
                tasks = [asdict(TASKS[task]) for task in given.tasks]
                found = {"tasks": tasks, "rows": rows}
                given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"\n{table(rows)}")


if __name__ == "__main__":
    main()
