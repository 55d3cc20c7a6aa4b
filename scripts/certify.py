"""Certifies test maps: drives each with the task's pilot and writes down which to release.

    python scripts/certify.py RoverHills --maps 200

A map is released if the pilot, which sees no more than the observation, crosses it in at
least two of three draws of gusts and noise. Written to
`envs/iml_robot_envs/certified/TASK.json`, with the share of drawn maps that passed the
recipe's own test, and printed: the operator's ceiling on every level.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import gymnasium as gym

import iml_robot_envs
from iml_robot_envs.maps import LEVELS, MapChoice

CERTIFIED = Path(iml_robot_envs.__file__).with_name("certified")
DRAWS_WANTED = 2
ACCEPTANCE_DRAWS = 100


def drives(job: tuple[str, int, int]) -> list[bool]:
    """Return whether the pilot crossed a map in each draw, until two draws agree."""
    env_id, level, index = job
    env: Any = gym.make(env_id, disable_env_checker=True)
    pilot = env.get_wrapper_attr("make_pilot")()
    results: list[bool] = []
    while max(results.count(True), results.count(False)) < DRAWS_WANTED:
        options = {"level": level, "split": "test", "index": index, "noise": len(results)}
        observation, info = env.reset(seed=index, options=options)
        pilot.reset(seed=index)
        ended = False
        while not ended:
            observation, _, terminated, truncated, info = env.step(pilot.act(observation))
            ended = terminated or truncated
        results.append(bool(info["success"]))
    env.close()
    return results


def acceptance(env_id: str, level: int) -> float:
    """Return the share of drawn maps that pass the recipe's own test."""
    env: Any = gym.make(env_id, disable_env_checker=True)
    task = env.get_wrapper_attr("simulation").task
    build: Any = getattr(task.fields[level], "build_counted", None)
    if build is None:
        return 1.0
    draws: list[int] = [
        build(MapChoice(level, "test", index).generator(task.name))[1]
        for index in range(ACCEPTANCE_DRAWS)
    ]
    return len(draws) / sum(draws)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the certificates of a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", help="for example RoverHills")
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--levels", type=int, nargs="*", default=list(LEVELS))
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(arguments)
    env_id = next(i for i in gym.registry if i.startswith(f"iml/{chosen.task}-v"))
    path = CERTIFIED / f"{chosen.task}.json"
    known = json.loads(path.read_text())["levels"] if path.exists() else {}
    with get_context("spawn").Pool(chosen.jobs) as pool:
        for level in chosen.levels:
            jobs = [(env_id, level, index) for index in range(chosen.maps)]
            results = pool.map(drives, jobs, 5)
            rejected = [k for k, drawn in enumerate(results) if drawn.count(True) < 2]
            known[str(level)] = {
                "tested": chosen.maps,
                "first_draw_successes": sum(drawn[0] for drawn in results),
                "rejected": rejected,
                "recipe_acceptance": round(acceptance(env_id, level), 3),
            }
            print(f"level {level}: {known[str(level)]}", flush=True)
            path.parent.mkdir(exist_ok=True)
            content = {"id": env_id, "levels": dict(sorted(known.items()))}
            path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
