"""Measures what the reward features of a task usually are, to give them a common scale.

    python scripts/reference_features.py RoverHills

The task's pilot and, where one is shipped, its policy drive training maps of the levels 0
to 2, each once as they like and once pushed now and then, so that accidents happen too.
Mean and standard deviation over all steps are written to
`envs/iml_robot_envs/reference_features/TASK.json` and printed.

What people have taught is in units of these numbers. A change of them is a change of every
learned reward: measure again only when a feature or a task has changed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np

import iml_robot_envs
from iml_robot.core.resources import find_policy, shipped_names
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import FloatArray
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
from iml_robot.robots.fleet import make_fleet
from iml_robot.session.demonstrations import Pushes

FOLDER = Path(iml_robot_envs.__file__).with_name("reference_features")
LEVELS = (0, 1, 2)
SEED = 0
LONGEST_STEPS = 1200
"""Control steps after which a drive ends: a minute, in which most goals are reached."""


class Crew:
    """Pilots of as many robots."""

    def __init__(self, env: Any, size: int) -> None:
        self._pilots = [env.get_wrapper_attr("make_pilot")() for _ in range(size)]
        for seed, pilot in enumerate(self._pilots):
            pilot.reset(seed=seed)

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return what each of them does."""
        pairs = zip(self._pilots, observations, strict=True)
        return np.stack([pilot.act(seen) for pilot, seen in pairs]).astype(np.float32)


class Drives(NamedTuple):
    """What some robots did.

    Attributes:
        features: Of every step, shape (steps, d).
        outcomes: How the drives ended; "" where one went on.
    """

    features: FloatArray
    outcomes: list[str]


def drive(env_id: str, driver: Any, maps: list[dict[str, Any]], *, pushed: bool) -> Drives:
    """Let a driver cross maps, all robots at once.

    Args:
        env_id: Gymnasium id.
        driver: Acts for all robots.
        maps: Reset options of each.
        pushed: Whether what they do is disturbed now and then.
    """
    fleet = make_fleet(env_id, len(maps))
    fleet.start([SEED] * len(maps), maps)
    rows: list[FloatArray] = []
    pushes: list[Pushes] = []
    for step in range(LONGEST_STEPS):
        moving = np.array([not outcome for outcome in fleet.outcomes])
        if not moving.any():
            break
        actions = np.asarray(driver.act_batch(fleet.observations), np.float32)
        if pushed and step == 0:
            size = actions.shape[1]
            streams = [named_stream(SEED, f"push {k}") for k in range(len(maps))]
            pushes = [Pushes(stream, size) for stream in streams]
        for robot, push in enumerate(pushes):
            actions[robot] = push.disturb(actions[robot])
        fleet.step(actions, moving)
        rows.append(fleet.features[moving])
    fleet.close()
    return Drives(np.concatenate(rows), fleet.outcomes)


def measure(task: str, maps: int) -> dict[str, Any]:
    """Return what is known of a task's features, for its file.

    Args:
        task: Name of the task, for example "RoverHills".
        maps: Training maps of each level.
    """
    env_id = f"iml_robot_envs:iml/{task}-v0"
    env = gym.make(env_id, disable_env_checker=True)
    chosen = [
        {"level": level, "split": "train", "index": index, "noise": 0}
        for level in LEVELS
        for index in range(maps)
    ]
    drivers: dict[str, Any] = {"pilot": None}
    policy = re.sub(r"(?<!^)(?=[A-Z])", "_", task).lower()
    if policy in shipped_names("policies"):
        drivers[policy] = EnsemblePolicy(load_policy(find_policy(policy)).network)
    rows, outcomes = [], Counter[str]()
    for driver in drivers.values():
        for pushed in (False, True):
            crew = driver or Crew(env, len(chosen))
            found = drive(env_id, crew, chosen, pushed=pushed)
            rows.append(found.features)
            outcomes.update(outcome or "going on" for outcome in found.outcomes)
    features = np.concatenate(rows).astype(np.float64)
    names = list(env.get_wrapper_attr("reward_features"))
    return {
        "drivers": list(drivers),
        "levels": list(LEVELS),
        "maps": maps,
        "steps": len(features),
        "outcomes": dict(sorted(outcomes.items())),
        "features": {
            name: {"mean": float(f"{mean:.6g}"), "std": float(f"{std:.6g}")}
            for name, mean, std in zip(
                names, features.mean(axis=0), features.std(axis=0), strict=True
            )
        },
    }


def main() -> None:
    """Measure the features of a task."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("task", help="name as in the id, for example RoverHills")
    parser.add_argument("--maps", type=int, default=6, help="training maps of each level")
    parser.add_argument("--print", action="store_true", help="write no file")
    given = parser.parse_args()
    use_one_thread()
    facts = measure(given.task, given.maps)
    text = json.dumps(facts, indent=2) + "\n"
    sys.stdout.write(text)
    if not given.print:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{given.task}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
