"""Do two people who like different things get different robots from the same start?

Two simulated annotators answer questions about the same policy's drives, one careful and
one in a hurry; their policies then drive the same held-out maps. Prints the mean of every
reward feature, success and time, with paired differences over maps.

    python scripts/two_tastes.py quickstart forest --json two_tastes.json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.cli import main as command
from iml_robot.core.config import load_config
from iml_robot.core.resources import find_policy
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.fleet import make_fleet

TASTES = {
    "careful": {"closeness": -2.0, "progress": 0.3, "jerkiness": -0.5},
    "fast": {"progress": 2.0, "closeness": -0.2},
}
EPISODES, QUESTIONS = 4, 12


def teach(
    task: str, weights: dict[str, float], seed: int, guidance: float, folder: Path
) -> Path:
    """Return the policy of a session in which an annotator answered by these weights."""
    listed = ", ".join(f"{name}: {weight}" for name, weight in weights.items())
    annotator = f"{{name: human_like, weights: {{{listed}}}}}"
    asked = f"{{questions: {QUESTIONS}, guidance: {guidance}, annotator: {annotator}}}"
    settings = [f"preferences={asked}", "evaluation=[]", "learner=hg_dagger"]
    # Nobody corrects here: what changes comes from the answers alone.
    settings += ["operator={name: simulated, traits: {miss_probability: 1.0}}"]
    arguments = ["run", task, "--operator", "simulated", "--episodes", str(EPISODES)]
    arguments += ["--seed", str(seed), "--out", str(folder)]
    for setting in settings:
        arguments += ["--set", setting]
    if command(arguments):
        raise SystemExit("the session failed")
    return sorted((folder / "policies").glob("*-liked.safetensors"))[-1]


def drive(task: str, policy: Path, maps: int, level: int) -> dict[str, Any]:
    """Return features, success and time of a policy on held-out maps, one row a map."""
    config = load_config(task)
    fleet = make_fleet(config.env.id, maps)
    options = [{"level": level, "split": "test", "index": i} for i in range(maps)]
    fleet.start(list(range(maps)), options)
    driver = EnsemblePolicy(load_policy(policy).network)
    sums, steps = 0.0, np.zeros(maps)
    running = np.ones(maps, bool)
    actions = np.zeros((maps, driver.network.spaces.action_size), np.float32)
    while running.any():
        actions[running] = driver.act_batch(fleet.observations[running])
        fleet.step(actions, running)
        sums = sums + fleet.features * running[:, None]
        steps += running
        running = np.array([not outcome for outcome in fleet.outcomes])
    success = np.array([outcome == "success" for outcome in fleet.outcomes])
    fleet.close()
    return {"features": sums / steps[:, None], "success": success, "steps": steps}


def interval(
    differences: np.ndarray, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Return the mean and its 95 % bootstrap interval."""
    draws = rng.choice(differences, (2000, len(differences))).mean(1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(differences.mean()), float(low), float(high)


def compare(task: str, seed: int, maps: int, level: int, guidance: float) -> dict[str, Any]:
    """Return and print how the robots of both people differ."""
    config = load_config(task)
    env = make_env(config.env.id)
    about = extra(env, "reward_features", {})
    scale = np.array([entry["std"] for entry in about.values()])
    with tempfile.TemporaryDirectory() as folder:
        policies = {
            name: teach(task, weights, seed, guidance, Path(folder) / name)
            for name, weights in TASTES.items()
        }
        policies["shipped"] = find_policy(str(config.policy))
        driven = {name: drive(task, path, maps, level) for name, path in policies.items()}
    rng = np.random.default_rng(0)
    result: dict[str, Any] = {"task": task, "seed": seed, "maps": maps}
    result |= {"level": level, "guidance": guidance}
    print(f"{task}, level {level}, {maps} maps, seed {seed}: careful less fast, in sd")
    for name, one in driven.items():
        result[name] = {
            "success": int(one["success"].sum()),
            "seconds": float(one["steps"][one["success"]].mean() * 0.05),
            "features": dict(zip(about, one["features"].mean(0).tolist(), strict=True)),
        }
        print(
            f"  {name}: {result[name]['success']}/{maps}, {result[name]['seconds']:.1f} s"
        )
    gap = (driven["careful"]["features"] - driven["fast"]["features"]) / scale
    result["careful_less_fast"] = {}
    for place, name in enumerate(about):
        mean, low, high = interval(gap[:, place], rng)
        result["careful_less_fast"][name] = [mean, low, high]
        print(f"  {name:14s} {mean:+.3f} [{low:+.3f}, {high:+.3f}]")
    return result


def main() -> None:
    """Compare on every task and seed that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=["quickstart", "forest"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--maps", type=int, default=100)
    parser.add_argument("--level", type=int, default=1)
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    use_one_thread()
    results = [
        compare(task, seed, given.maps, given.level, given.guidance)
        for task in given.tasks
        for seed in range(given.seeds)
    ]
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
