"""What `info` says about many robots: arrays and masks, as Gymnasium's own batches have."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from iml_robot_envs.simulation import Rewards, Simulation
from iml_robot_envs.terrain import Array, Bools

NESTED = hasattr(gym.vector, "AutoresetMode")
"""Gymnasium 1.x makes a dictionary in an info a dictionary of arrays; 0.29 does not."""


def describe_all(
    simulation: Simulation, rewards: Rewards, *, shown: Bools, stepped: Bools
) -> dict[str, Any]:
    """Return the `info` of all robots; see `RobotEnv` for the keys.

    Every key comes with a mask, `_key`, of the robots it says something about. The features
    are one array of shape (N, d).

    Args:
        simulation: Where the robots are.
        rewards: What the step was worth.
        shown: Robots to speak of, shape (N,); values of others are 0 or None.
        stepped: Those of them that have made a step and so earned a reward, shape (N,).
    """
    columns, terms = _columns(simulation), rewards.terms
    if not shown.all():
        for column in columns.values():
            column[~shown] = None if column.dtype == object else 0
    if NESTED:
        columns["reward_terms"] = _term_arrays(terms, stepped)
    else:
        columns["reward_terms"] = _term_dictionaries(terms, shown, stepped)
    columns["features"] = np.where(stepped[:, None], rewards.features, np.float32(0.0))
    masks = np.repeat(shown[None], len(columns), axis=0)
    infos: dict[str, Any] = {}
    for (name, column), mask in zip(columns.items(), masks, strict=True):
        infos[name], infos[f"_{name}"] = column, mask
    return infos


def _columns(simulation: Simulation) -> dict[str, Any]:
    """Return all but the reward's terms, new arrays of shape (N,)."""
    motion, outcomes = simulation.robots.motion, simulation.outcomes
    success = simulation.ended.copy()
    for robot in np.flatnonzero(success).tolist():
        success[robot] = outcomes[robot] == "success"
    level, index, noise = simulation.map_numbers.copy()
    return {
        "outcome": _objects(outcomes),
        "success": success,
        "speed": motion.speed.copy(),
        "yaw_rate": motion.yaw_rate.copy(),
        "roll": motion.roll.copy(),
        "pitch": motion.pitch.copy(),
        "heading": motion.heading.copy(),
        "position": _objects(list(map(tuple, motion.position[:, :2].tolist()))),
        "altitude": motion.position[:, 2].copy(),
        "distance_to_goal": simulation.goal_distance_m.copy(),
        "level": level,
        "split": simulation.splits.copy(),
        "index": index,
        "noise": noise,
        "sim_time": simulation.steps * simulation.task.control_dt,
    }


def _objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    """Return an array that holds the values as they are, tuples too."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _term_arrays(terms: Mapping[str, Array], stepped: Bools) -> dict[str, Array | Bools]:
    """Return the terms as arrays with masks; nothing if no robot has made a step."""
    arrays: dict[str, Array | Bools] = {}
    if stepped.any():
        for name, term in terms.items():
            arrays[name] = np.where(stepped, term, 0.0)
            arrays[f"_{name}"] = stepped.copy()
    return arrays


def _term_dictionaries(
    terms: Mapping[str, Array], shown: Bools, stepped: Bools
) -> npt.NDArray[np.object_]:
    """Return a dictionary for each robot, empty where it has made no step."""
    names = tuple(terms)
    dictionaries = np.full(len(shown), None, object)
    columns = [term.tolist() for term in terms.values()]
    if stepped.all():
        rows = zip(*columns, strict=True)
        dictionaries[:] = list(map(dict, map(zip, itertools.repeat(names), rows)))
        return dictionaries
    for robot in np.flatnonzero(shown).tolist():
        dictionaries[robot] = {}
    for robot in np.flatnonzero(stepped).tolist():
        own = [column[robot] for column in columns]
        dictionaries[robot] = dict(zip(names, own, strict=True))
    return dictionaries
