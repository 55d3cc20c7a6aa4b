"""Certifies test maps: finds a way across each, and drives it with the task's pilot.

    python scripts/certify.py RoverHills --maps 200

A map is certified if a way wide enough for the robot joins start and goal, and if the
pilot, which sees no more than the observation, crosses it in at least two of three draws
of gusts and noise; where a task has neither, all draws are the same and one is driven. All
maps of a level are driven at once. What is found is written to
`envs/iml_robot_envs/certified/TASK.json` and printed. Maps that the file knows are not
driven again: after a change of terrain or pilot, delete it first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from scipy import ndimage

import iml_robot_envs
from iml_robot_envs.maps import LEVELS, MapChoice
from iml_robot_envs.robot_task import RobotTask
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.soils import ICE, SOILS
from iml_robot_envs.terrain import Array, Bools, Terrain
from iml_robot_envs.terrains.corridor import near_posts, sample_at
from iml_robot_envs.terrains.hills import slopes

CERTIFIED = Path(iml_robot_envs.__file__).with_name("certified")
DRAWS, DRAWS_WANTED = 3, 2
WIDEST_M = 8.0
"""Wider ways count as so wide."""

Blocked = Callable[[Terrain], Bools]


def rocks_and_ditches(terrain: Terrain) -> Bools:
    """Return where the ground rises or falls by more than a wheel climbs, 0.25 m."""
    low = ndimage.minimum_filter(terrain.heights, 3)
    return np.asarray(ndimage.maximum_filter(terrain.heights, 3) - low > 0.25)


def too_steep(terrain: Terrain) -> Bools:
    """Return where the soil does not hold a rover that climbs."""
    resistance = np.array([soil.rolling + soil.sinking for soil in SOILS])
    limits = terrain.grip - resistance
    return np.asarray(slopes(terrain.heights, terrain.cell_m) > limits[terrain.soils])


def posts_and_ice(terrain: Terrain) -> Bools:
    """Return where posts stand and where ice lies."""
    return np.asarray((terrain.soils == ICE) | near_posts(terrain, 0.0))


PASSING: Mapping[str, tuple[Blocked, float]] = {
    "RoverRocks": (rocks_and_ditches, 0.6),
    "RoverHills": (too_steep, 0.6),
    "RoverIce": (posts_and_ice, 0.6),
    "DroneForest": (lambda terrain: near_posts(terrain, 0.0), 0.5),
    # Arches have a way over or under them.
    "DroneCanyon": (lambda terrain: terrain.heights > 2.0, 0.6),
    "Point": (lambda terrain: np.zeros(terrain.heights.shape, np.bool_), 0.0),
}
"""What is in the way, and how wide the robot is [m]."""


def way_m(terrain: Terrain, blocked: Bools) -> float:
    """Return how wide the widest way to the goal is at its narrowest [m]; 0: there is none.

    The width is good to about a cell of the map.
    """
    room = ndimage.distance_transform_edt(~np.pad(blocked, 1, constant_values=True))
    width = 2 * terrain.cell_m * np.asarray(room)[1:-1, 1:-1]
    ends = [sample_at(terrain, point) for point in (terrain.start, terrain.goal)]

    def passes(least_m: float) -> bool:
        regions, _ = ndimage.label(width > least_m)
        start, goal = (regions[end] for end in ends)
        return bool(start != 0 and start == goal)

    # Where a wide way leads, a narrower one does, so that halving finds the widest.
    low, high = 0.0, WIDEST_M
    while high - low > 0.05:
        middle = (low + high) / 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low


def crossed(
    task: RobotTask, level: int, indices: Sequence[int], *, noise: int, steps: int
) -> Bools:
    """Return which test maps the pilot crosses in one draw, all driven at once.

    Args:
        task: The task.
        level: Level of the maps.
        indices: Their numbers.
        noise: Number of the draw.
        steps: Time limit [control steps].
    """
    count = len(indices)
    simulation = Simulation(task, count)
    driving = np.arange(count)
    simulation.start(driving, [MapChoice(level, "test", k, noise) for k in indices])
    pilots = [task.make_pilot() for _ in indices]
    for pilot, index in zip(pilots, indices, strict=True):
        pilot.reset(seed=index)
    actions = np.zeros((count, len(task.action_names)))
    while len(driving) and simulation.steps.max() < steps:
        seen = simulation.observe()
        for robot in driving.tolist():
            actions[robot] = pilots[robot].act(seen[robot])
        simulation.step(np.clip(actions, -1, 1), driving)
        driving = np.flatnonzero(~simulation.ended)
    return np.array([outcome == "success" for outcome in simulation.outcomes])


def built(task: RobotTask, level: int, index: int) -> tuple[Terrain, int]:
    """Return a test map, and how many draws its recipe took until a planner passed it."""
    rng = MapChoice(level, "test", index).generator(task.name)
    counting: Any = getattr(task.fields[level], "build_counted", None)
    return counting(rng) if counting else (task.fields[level].build(rng), 1)


def ways(task: RobotTask, level: int, maps: int) -> tuple[Array, float]:
    """Return how wide the ways across the first test maps are [m], and the acceptance."""
    blocked, _ = PASSING[task.name]
    widths, draws = [], 0
    for index in range(maps):
        terrain, tries = built(task, level, index)
        widths.append(way_m(terrain, blocked(terrain)))
        draws += tries
    return np.array(widths), maps / draws


def driven(
    task: RobotTask, level: int, indices: Sequence[int], *, steps: int
) -> tuple[Bools, int]:
    """Return which test maps the pilot crosses, and how many in the first draw."""
    draws = draws_of(task)
    wins = np.zeros((draws, len(indices)), np.bool_)
    undecided = np.arange(len(indices))
    for noise in range(draws):
        if len(undecided):
            chosen = [indices[k] for k in undecided.tolist()]
            wins[noise, undecided] = crossed(task, level, chosen, noise=noise, steps=steps)
        if noise:  # Two draws that agree decide.
            undecided = np.flatnonzero(wins[: noise + 1].sum(axis=0) == 1)
    return np.asarray(wins.sum(axis=0) >= min(DRAWS_WANTED, draws)), int(wins[0].sum())


def draws_of(task: RobotTask) -> int:
    """Return how many draws differ and are to be driven."""
    return DRAWS if task.senses.noise_channels else 1


def certificate(
    task: RobotTask, level: int, maps: int, *, steps: int, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is found of the first test maps of a level.

    Args:
        task: The task.
        level: Level of the maps.
        maps: How many.
        steps: Time limit [control steps].
        known: What was found before, of fewer maps; they are not driven again.
    """
    widths, acceptance = ways(task, level, maps)
    wide = widths >= PASSING[task.name][1]
    fresh = range(known.get("maps", 0), maps)
    good, first = driven(task, level, fresh, steps=steps)
    failed = {*known.get("uncertified", ()), *np.array(fresh)[~good].tolist()}
    failed |= set(np.flatnonzero(~wide).tolist())
    return {
        "maps": maps,
        "draws": draws_of(task),
        "certified": maps - len(failed),
        "uncertified": sorted(failed),
        "crossed_in_first_draw": known.get("crossed_in_first_draw", 0) + first,
        "with_a_way": int(wide.sum()),
        "narrowest_way_m": round(float(widths.min()), 1),
        "recipe_acceptance": round(acceptance, 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the certificates of a task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=sorted(PASSING))
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--levels", type=int, nargs="*", default=list(LEVELS))
    parser.add_argument("--folder", type=Path, default=CERTIFIED)
    chosen = parser.parse_args(arguments)
    env_id = next(i for i in gym.registry if i.startswith(f"iml/{chosen.task}-v"))
    env: Any = gym.make(env_id, disable_env_checker=True)
    task: RobotTask = env.get_wrapper_attr("task")
    facts = {
        "id": env_id,
        "iml_robot_envs": version("iml-robot"),
        "mujoco": version("mujoco-core"),
        "pilot": type(task.make_pilot()).__name__,
    }
    path = chosen.folder / f"{chosen.task}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = levels_in(path, facts)
    for level in chosen.levels:
        known = levels.get(str(level), {})
        if known.get("maps", 0) < chosen.maps:
            steps = env.spec.max_episode_steps
            known = certificate(task, level, chosen.maps, steps=steps, known=known)
        print(f"level {level}: {known}", flush=True)
        levels[str(level)] = known
        content = {**facts, "levels": dict(sorted(levels.items()))}
        path.write_text(json.dumps(content, indent=1) + "\n")


def levels_in(path: Path, facts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what a file says level by level; nothing if other programs had found it."""
    if not path.is_file():
        return {}
    content = json.loads(path.read_text())
    found: dict[str, dict[str, Any]] = content.pop("levels")
    return found if content == facts else {}


if __name__ == "__main__":
    main()
