"""Measures the three calibrations of a task: operator, gap and observability ceilings.

    python scripts/calibrate.py quickstart --maps 200

Prints for every level how often the pilot and the shipped policy succeed, and for the
configured unfamiliar level what a policy reaches that was told at every step what the
operator would have done (the observability ceiling: what corrections can do at most).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from iml_robot.cli.lines import percent
from iml_robot.core.config import RunConfig, load_config
from iml_robot.core.resources import find_policy
from iml_robot.evaluation.evaluator import Evaluation, Evaluator
from iml_robot.learners.hg_dagger import HumanGatedDagger
from iml_robot.robots.environment import extra, make_env
from iml_robot.session.demonstrations import record_demonstrations
from iml_robot.session.parts import build_learner
from iml_robot.session.results import Count


def pilot_succeeds(job: tuple[str, int, int]) -> bool:
    """Return whether the pilot alone reaches the goal of one test map."""
    env_id, level, index = job
    env = make_env(env_id)
    pilot = extra(env, "make_pilot")()
    options = {"level": level, "split": "test", "index": index}
    observation, _ = env.reset(seed=index, options=options)
    pilot.reset(seed=index)
    while True:
        observation, _, terminated, truncated, info = env.step(pilot.act(observation))
        if terminated or truncated:
            return bool(info["success"])


def told_everything(config: RunConfig, path: Path, *, episodes: int, rounds: int) -> None:
    """Train on the unfamiliar level with a label at every step, and write the policy."""
    env = make_env(config.env.id)
    learner = build_learner(config, env, seed=0)
    assert isinstance(learner, HumanGatedDagger)
    data = []
    for number in range(rounds + 1):
        driver = learner.policy if number else None
        data += record_demonstrations(
            env, config.env.options, episodes, seed=number, env_id=config.env.id,
            on_progress=lambda fraction: None, driver=driver,
        )  # fmt: skip
        learner.pretrain(data, updates=3000, rehearsal=0, on_progress=lambda f: None)
        print(f"round {number}: {len(data)} episodes labelled at every step", flush=True)
    learner.save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--levels", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--episodes", type=int, default=80)
    chosen = parser.parse_args(arguments)
    config = load_config(chosen.config)
    with Evaluator(2) as evaluator, get_context("spawn").Pool(2) as pool:
        for level in chosen.levels:
            jobs = [(config.env.id, level, index) for index in range(chosen.maps)]
            pilot = Count(sum(pool.map(pilot_succeeds, jobs, 10)), chosen.maps)
            wanted = Evaluation(
                "", config.env.id, {"level": level, "split": "test"}, chosen.maps
            )
            found = evaluator.evaluate(
                find_policy(config.policy or ""), wanted, on_progress=lambda f: None
            )
            policy = Count(found.successes, chosen.maps)
            print(f"level {level}: operator {percent(pilot)}, policy {percent(policy)}")
        if chosen.episodes:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "told.safetensors"
                told_everything(config, path, episodes=chosen.episodes, rounds=2)
                options = {**config.env.options, "split": "test"}
                wanted = Evaluation("", config.env.id, options, chosen.maps)
                found = evaluator.evaluate(path, wanted, on_progress=lambda f: None)
            told = Count(found.successes, chosen.maps)
            print(f"{options}: told everything {percent(told)} {found.outcomes()}")


if __name__ == "__main__":
    main()
