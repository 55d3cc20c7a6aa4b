"""Measures the three calibrations of a task: operator, gap and observability ceilings.

    python scripts/calibrate.py quickstart --maps 200

Prints for every level how often the pilot and the shipped policy succeed, and for the
configured unfamiliar level what a policy reaches that was told at every step what the
operator would have done (the observability ceiling: what corrections can do at most). All
maps of a level are driven at once in one process.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.cli.lines import percent
from iml_robot.core.config import RunConfig, load_config
from iml_robot.core.resources import find_policy
from iml_robot.learners.cloning.learner import CloningLearner
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
from iml_robot.robots.environment import extra, make_env
from iml_robot.session.demonstrations import record_demonstrations
from iml_robot.session.parts import build_untrained
from iml_robot.session.results import Count
from iml_robot_envs.maps import MapChoice
from iml_robot_envs.simulation import Simulation

DRIVERS = ("operator", "policy")

Driver = Callable[[Any, Any], Any]
"""Observations (k, size) and numbers of the robots (k,) to actions (k, act_dim)."""


def outcomes(env: Any, level: int, maps: int, driver: Driver) -> Counter[str]:
    """Return how a driver fares on the first test maps of a level."""
    task = extra(env, "simulation").task
    simulation = Simulation(task, maps)
    everybody = np.arange(maps)
    choices = [MapChoice(level, "test", index, noise=0) for index in range(maps)]
    simulation.start(everybody, choices)
    actions = np.zeros((maps, len(task.action_names)))
    driving, steps = everybody, 0
    while len(driving) and steps < env.spec.max_episode_steps:
        actions[driving] = driver(simulation.observe()[driving], driving)
        simulation.step(np.clip(actions, -1, 1), driving)
        steps += 1
        driving = np.array([k for k in driving if not simulation.outcomes[k]], np.int64)
    return Counter(outcome or "time_limit" for outcome in simulation.outcomes)


def pilots(env: Any, maps: int) -> Driver:
    """Return the task's pilot, one for each map."""
    crew = [extra(env, "make_pilot")() for _ in range(maps)]
    for number, pilot in enumerate(crew):
        pilot.reset(seed=number)
    return lambda seen, which: np.stack(
        [crew[k].act(row) for k, row in zip(which, seen, strict=True)]
    )


def alone(path: Path) -> Driver:
    """Return a policy that drives without help."""
    policy = EnsemblePolicy(load_policy(path).network)
    return lambda seen, which: policy.act_batch(seen)


def told_everything(config: RunConfig, path: Path, *, episodes: int, rounds: int) -> None:
    """Train on the unfamiliar level with a label at every step, and write the policy."""
    env = make_env(config.env.id)
    learner = build_untrained(config, env, seed=0)
    assert isinstance(learner, CloningLearner)
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


def report(name: str, level: int, found: Counter[str]) -> None:
    """Print a line of the table."""
    count = Count(found["success"], found.total())
    print(f"level {level}: {name} {percent(count)} {dict(found.most_common())}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--levels", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--drivers", nargs="*", choices=DRIVERS, default=DRIVERS)
    parser.add_argument("--episodes", type=int, default=80, help="0: no third calibration")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args(arguments)
    use_one_thread()
    config = load_config(chosen.config)
    env = make_env(config.env.id)
    policy = alone(find_policy(config.policy or ""))
    maps = chosen.maps
    for level in chosen.levels:
        if "operator" in chosen.drivers:
            report("operator", level, outcomes(env, level, maps, pilots(env, maps)))
        if "policy" in chosen.drivers:
            report("policy", level, outcomes(env, level, maps, policy))
    if chosen.episodes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "told.safetensors"
            told_everything(config, path, episodes=chosen.episodes, rounds=chosen.rounds)
            level = int(str(config.env.options["level"]))
            report("told everything", level, outcomes(env, level, maps, alone(path)))


if __name__ == "__main__":
    main()
