"""Measures `iml-robot evaluate` beside the evaluation of Stable-Baselines3, in one run.

    python scripts/compare_evaluators.py --policy rover_rocks --suite rover-gate --maps 50

Both drive the same policy on the same maps, in turns and on one core, and processor time
is compared, so that a busy machine weighs on both alike. Stable-Baselines3 drives one
environment, as it does by default, and once more with as many side by side as ours. Then
follows how much of the bare vector environment's throughput is left when a constant action
is evaluated instead of just executed, and what the whole command takes on `--jobs`
processes: wall clock, processor time and memory of all of them together.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from iml_robot.core.types import FloatArray
from iml_robot.evaluation.drivers import find_source
from iml_robot.evaluation.evaluator import MAPS_PER_CHUNK
from iml_robot.evaluation.meter import Abilities, Meter
from iml_robot.evaluation.rollouts import drive_maps, map_options
from iml_robot.evaluation.suites import SuiteEntry, load_suite
from iml_robot.robots.environment import make_env
from iml_robot.robots.fleet import make_fleet


@dataclass(frozen=True)
class Drive:
    """What an evaluation found, and what it cost.

    Attributes:
        outcomes: How each map ended, in their order.
        steps: Control steps of all maps.
        cpu_s: Processor time [s].
    """

    outcomes: list[str]
    steps: int
    cpu_s: float

    @property
    def successes(self) -> int:
        """Number of maps that were mastered."""
        return self.outcomes.count("success")


class MapByMap(gym.Wrapper):  # type: ignore[type-arg]
    """Starts on the next map of a list at each reset."""

    def __init__(self, env: Any, entry: SuiteEntry, indices: Sequence[int]) -> None:
        super().__init__(env)
        self._entry, self._indices, self._next = entry, list(indices), 0
        self.index = -1

    def reset(self, **given: Any) -> Any:
        """Go to the next map; the last one again when there are none left."""
        del given
        self.index = self._indices[min(self._next, len(self._indices) - 1)]
        self._next += 1
        options = map_options(self._entry.options, self.index)
        return self.env.reset(seed=self.index, options=options)

    def step(self, action: Any) -> Any:
        """Step, and say which map it was."""
        *rest, info = self.env.step(action)
        return (*rest, {**info, "map": self.index})


class Predictor:
    """A policy as Stable-Baselines3 asks for it."""

    def __init__(self, act_batch: Callable[[FloatArray], FloatArray]) -> None:
        self._act_batch = act_batch

    def predict(self, observations: FloatArray, **rest: Any) -> tuple[FloatArray, None]:
        """Return the actions for many observations."""
        del rest
        return self._act_batch(np.asarray(observations, np.float32)), None


def theirs(policy: Any, entry: SuiteEntry, side_by_side: int) -> Drive:
    """Evaluate with Stable-Baselines3.

    Args:
        policy: The policy.
        entry: The maps.
        side_by_side: Environments that step in turn, each on every so manieth map.
    """
    lists = [list(range(first, entry.maps, side_by_side)) for first in range(side_by_side)]
    envs = DummyVecEnv([_maker(entry, indices) for indices in lists])
    found: dict[int, str] = {}
    steps = 0

    def note(local: dict[str, Any], _: dict[str, Any]) -> None:
        nonlocal steps
        info = local["info"]
        # Environments whose share is done go on until the others have finished theirs.
        if info["map"] not in found:
            steps += 1
            if local["done"]:
                found[info["map"]] = info["outcome"] or "time_limit"

    begun = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluate_policy(
            Predictor(policy.act_batch), envs, n_eval_episodes=entry.maps, callback=note
        )
    cpu_s = time.process_time() - begun
    envs.close()
    return Drive([found[index] for index in range(entry.maps)], steps, cpu_s)


def _maker(entry: SuiteEntry, indices: Sequence[int]) -> Callable[[], Any]:
    return lambda: Monitor(MapByMap(make_env(entry.task), entry, indices))


def ours(policy: Any, entry: SuiteEntry) -> Drive:
    """Evaluate as a process of `iml-robot evaluate` does, with all its measurements."""
    abilities, outcomes, steps = Abilities.of(entry.task), [], 0
    begun = time.process_time()
    for first in range(0, entry.maps, MAPS_PER_CHUNK):
        indices = range(first, min(first + MAPS_PER_CHUNK, entry.maps))
        meter = Meter(abilities, len(indices))
        results = drive_maps(
            policy, entry.task, entry.options, indices, seed=0, witness=meter
        )
        for record in meter.records(results):
            outcomes.append(record.outcome)
            steps += record.steps
    return Drive(outcomes, steps, time.process_time() - begun)


def bare(action: FloatArray, entry: SuiteEntry) -> Drive:
    """Step the vector environment with a constant action and nothing else."""
    outcomes, steps = [], 0
    begun = time.process_time()
    for first in range(0, entry.maps, MAPS_PER_CHUNK):
        indices = range(first, min(first + MAPS_PER_CHUNK, entry.maps))
        fleet = make_fleet(entry.task, len(indices))
        fleet.start([*indices], [map_options(entry.options, index) for index in indices])
        actions = np.tile(action, (len(indices), 1)).astype(np.float32)
        running = np.ones(len(indices), np.bool_)
        while running.any():
            fleet.step(actions, running)
            steps += int(running.sum())
            running = np.array([not outcome for outcome in fleet.outcomes])
        outcomes += fleet.outcomes
        fleet.close()
    return Drive(outcomes, steps, time.process_time() - begun)


class Constant:
    """A policy that always does the same."""

    def __init__(self, action: FloatArray) -> None:
        self._action = action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the same action for all."""
        return np.tile(self._action, (len(observations), 1))


def whole_command(policy: str, suite: str, jobs: int) -> dict[str, Any]:
    """Run the command as a CI does; return time, processor time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "r.json"
        command = [
            str(Path(sys.executable).parent / "iml-robot"), "evaluate", policy,
            "--suite", suite, "--jobs", str(jobs), "--json", str(report),
        ]  # fmt: skip
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            peak = _peak_mb(process)
        wall_s = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = json.loads(report.read_text())
    return {
        "maps": found["suite"]["driven"],
        "successes": sum(e["successes"] for e in found["evaluations"]),
        "driving_s": round(found["timing"]["wall_s"], 1),
        "command_s": round(wall_s, 1),
        "cpu_s": round(
            after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, 1
        ),
        "memory_mb": round(peak),
        "load": round(os.getloadavg()[0], 1),
    }


def _peak_mb(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process and those it started had together [MB]."""
    peak, ended = 0.0, threading.Event()
    while process.poll() is None:
        peak = max(peak, _memory_mb(process.pid))
        ended.wait(0.3)
    return peak


def _memory_mb(number: int) -> float:
    """Return proportional memory of a process and its children [MB]; 0 if it is gone."""
    try:
        text = Path(f"/proc/{number}/smaps_rollup").read_text()
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    except OSError:
        return 0.0
    own = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(own.split()[1]) / 1000 + sum(_memory_mb(int(child)) for child in children)


def compared(policy: str, entry: SuiteEntry, rounds: int) -> dict[str, Any]:
    """Return how both evaluations did on some maps, in alternating rounds."""
    driver = find_source(policy).load(entry.task)
    env = make_env(entry.task)
    action = np.zeros(env.action_space.shape, np.float32)
    env.close()
    contestants: dict[str, Callable[[], Drive]] = {
        "ours": lambda: ours(driver, entry),
        "theirs": lambda: theirs(driver, entry, 1),
        "theirs_25": lambda: theirs(driver, entry, min(MAPS_PER_CHUNK, entry.maps)),
        "constant": lambda: ours(Constant(action), entry),
        "bare": lambda: bare(action, entry),
    }
    ours(driver, entry.model_copy(update={"maps": 2}))
    drives: dict[str, list[Drive]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, drive in contestants.items():
            drives[name].append(drive())
    least = {n: min(found, key=lambda d: d.cpu_s) for n, found in drives.items()}
    return _figures(least, entry)


def _figures(least: dict[str, Drive], entry: SuiteEntry) -> dict[str, Any]:
    mine, single = least["ours"], least["theirs"]
    rates = {name: drive.steps / drive.cpu_s for name, drive in least.items()}
    pairs = zip(mine.outcomes, single.outcomes, strict=True)
    return {
        "entry": entry.name,
        "maps": entry.maps,
        "successes": {n: least[n].successes for n in ("ours", "theirs", "theirs_25")},
        "maps_that_ended_otherwise": sum(a != b for a, b in pairs),
        "cpu_s": {name: round(drive.cpu_s, 2) for name, drive in least.items()},
        "steps_per_cpu_s": {name: round(rate) for name, rate in rates.items()},
        "times_as_fast": {
            name: round(rates["ours"] / rates[name], 2) for name in ("theirs", "theirs_25")
        },
        "share_of_bare": round(rates["constant"] / rates["bare"], 3),
    }


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--policy", default="rover_rocks")
    parser.add_argument("--suite", default="rover-gate")
    parser.add_argument("--maps", type=int, default=50, help="of each entry")
    parser.add_argument("--rounds", type=int, default=1, help="the fastest one counts")
    parser.add_argument("--jobs", type=int, default=2, help="0: skip the whole command")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    from iml_robot.policies.ensemble.policy import use_one_thread

    use_one_thread()
    suite = load_suite(given.suite).shortened(given.maps)
    found: dict[str, Any] = {"policy": given.policy, "suite": given.suite}
    found["entries"] = [compared(given.policy, e, given.rounds) for e in suite.entries]
    if given.jobs:
        found["command"] = whole_command(given.policy, given.suite, given.jobs)
    text = json.dumps(found, indent=2)
    print(text)
    if given.json is not None:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
