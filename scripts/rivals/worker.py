"""Steps one environment on one core when it is told to; compare_simulators.py talks to it.

Runs under the Python of each simulator, so it needs nothing but NumPy and Gymnasium.
Requests are JSON, one a line, on standard input; each gets one line on standard output:

    {"contestant": {...}, "core": 1, "warm_up_s": 1.0}
        -> {"version": "0.29.0", "physics_hz": 240.0}
    {"run_s": 1.0}
        -> {"steps": 510, "cpu_s": 1.0, "wall_s": 1.0, "reset_ms": [25.1, 24.8]}

An answer {"error": "..."} says in one line why there is none.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import gymnasium as gym
import numpy as np

WALL_PER_CPU = 20.0
"""A round that lasts longer than this many times its length stops with what it has."""


def make(contestant: dict[str, Any]) -> Any:
    """Return the environment: a single one, or a batch where there are more robots."""
    importlib.import_module(contestant["module"])
    env_id, options = contestant["env_id"], contestant["options"]
    robots = contestant["robots"]
    if robots == 1:
        return gym.make(env_id, disable_env_checker=True, **options)
    old = gym.__version__.startswith("0.")
    mode: Any = "custom" if old else "vector_entry_point"
    return gym.make_vec(env_id, num_envs=robots, vectorization_mode=mode, **options)


def smooth_actions(space: Any, rng: np.random.Generator) -> Iterator[Any]:
    """Wander through a bounded box of actions, with a memory of about ten steps."""
    low = np.asarray(space.low, dtype=np.float64)
    span = np.asarray(space.high, dtype=np.float64) - low
    wander = np.zeros(space.shape)
    while True:
        wander = 0.9 * wander + 0.3 * rng.standard_normal(space.shape)
        yield (low + span * (np.clip(wander, -1, 1) + 1) / 2).astype(space.dtype)


def found(env: Any, path: str) -> float | None:
    """Return the number at a dotted path below the environment, or None."""
    thing = env.unwrapped
    for name in path.split("."):
        try:
            thing = thing[int(name)] if name.isdigit() else getattr(thing, name)
        except (AttributeError, LookupError):
            return None
    return float(thing)


class Stint:
    """An environment that is driven on and on, a round at a time."""

    def __init__(self, contestant: dict[str, Any]) -> None:
        self.contestant = contestant
        self.env = make(contestant)
        self.robots: int = contestant["robots"]
        self._actions = smooth_actions(self.env.action_space, np.random.default_rng(0))
        self._after_end = False
        self.env.reset(seed=0, options=contestant["reset_options"])

    def run(self, run_s: float) -> dict[str, Any]:
        """Step for some processor time; neither resets nor the choice of actions count.

        A batch resets its robots within its steps, either in the step that ends an
        episode or in the next one; both are left out.
        """
        steps, cpu_s, wall_s = 0, 0.0, 0.0
        resets_ms: list[float] = []
        give_up = time.perf_counter() + WALL_PER_CPU * run_s
        while cpu_s < run_s and time.perf_counter() < give_up:
            action = next(self._actions)
            wall, cpu = time.perf_counter(), time.process_time()
            _, _, terminated, truncated, _ = self.env.step(action)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            ended = bool(np.any(terminated) or np.any(truncated))
            if self.robots == 1 or not (ended or self._after_end):
                steps, cpu_s, wall_s = steps + self.robots, cpu_s + cpu, wall_s + wall
            self._after_end = ended
            if ended and self.robots == 1:
                resets_ms.append(self._reset_ms())
        return {"steps": steps, "cpu_s": cpu_s, "wall_s": wall_s, "reset_ms": resets_ms}

    def facts(self) -> dict[str, Any]:
        """Return the simulator's version and its physics rate [Hz] as it says itself."""
        try:
            release = version(self.contestant["distribution"])
        except PackageNotFoundError:
            release = ""
        physics = found(self.env, self.contestant["physics_path"])
        if physics is not None and physics < 1:
            physics = 1 / physics
        return {"version": release, "physics_hz": physics}

    def _reset_ms(self) -> float:
        started = time.process_time()
        self.env.reset(options=self.contestant["reset_options"])
        return 1e3 * (time.process_time() - started)


def start(request: dict[str, Any]) -> tuple[Stint, dict[str, Any]]:
    """Make the environment and drive it until everything is compiled and cached."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {request["core"]})
    stint = Stint(request["contestant"])
    stint.run(request["warm_up_s"])
    return stint, stint.facts()


def main() -> None:
    """Answer requests until there are no more."""
    # Simulators print on standard output as they please; answers get a pipe of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    stint: Stint | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if stint is None:
                stint, answer = start(request)
            else:
                answer = stint.run(request["run_s"])
        except Exception as error:  # the other side decides what a failure means
            answer = {"error": " ".join(f"{type(error).__name__}: {error}".split())}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
