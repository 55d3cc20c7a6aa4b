"""How fast the rover's environment is, and how much of that is the physics alone."""

from __future__ import annotations

import time
from typing import Any

import gymnasium as gym
import mujoco
import numpy as np

from iml_robot_envs.maps import MapChoice
from iml_robot_envs.rover_model import SUBSTEP_S
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.tasks.rover_rocks import CONTROL_DT_S, TASK
from iml_robot_envs.terrain import Array

LEVEL, SPLIT = 2, "val"
CHUNK_STEPS = 50
LEAST_RESETS = 20


def measure_rover(steps: int) -> dict[str, float]:
    """Return how fast one rover drives on ditched ground, on one core.

    Rates come from the median over chunks of 50 steps, so that other programs on the
    machine weigh little. The physics alone is the same controls on the same maps, given
    to MuJoCo without anything around it.

    Args:
        steps: Control steps to drive, at least 50.

    Returns:
        control_steps_per_s, raw_mujoco_steps_per_s (control steps too, of 10 substeps),
        share (the first over the second), reset_ms_median and reset_ms_p95 (each reset
        on a new map).

    Raises:
        ValueError: If there are too few steps.
    """
    if steps < CHUNK_STEPS:
        raise ValueError(f"steps must be at least {CHUNK_STEPS}, got {steps}")
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    rng = np.random.default_rng(0)
    reset_s: list[float] = []
    step_s: list[float] = []
    raw_s: list[float] = []
    while len(step_s) * CHUNK_STEPS < steps:
        reset_s.append(_timed_reset(env, len(reset_s)))
        spent, controls = _drive(env, rng, steps - len(step_s) * CHUNK_STEPS)
        step_s += spent
        raw_s += _replay(len(reset_s) - 1, controls)
    while len(reset_s) < LEAST_RESETS:
        reset_s.append(_timed_reset(env, len(reset_s)))
    rate, raw_rate = (CHUNK_STEPS / float(np.median(spent)) for spent in (step_s, raw_s))
    return {
        "control_steps_per_s": rate,
        "raw_mujoco_steps_per_s": raw_rate,
        "share": rate / raw_rate,
        "reset_ms_median": 1e3 * float(np.median(reset_s)),
        "reset_ms_p95": 1e3 * float(np.percentile(reset_s, 95)),
    }


def _timed_reset(env: gym.Env[Array, Array], index: int) -> float:
    """Return the time of a reset on a map [s]."""
    started = time.perf_counter()
    env.reset(options={"level": LEVEL, "split": SPLIT, "index": index})
    return time.perf_counter() - started


def _drive(
    env: gym.Env[Array, Array], rng: np.random.Generator, steps: int
) -> tuple[list[float], list[Array]]:
    """Return the time of each whole chunk [s] and all wheel commands [rad/s]."""
    batch = env.get_wrapper_attr("simulation").robots.batch
    chunks: list[float] = []
    controls: list[Array] = []
    wobble = np.zeros(2)
    ended = False
    while not ended and len(chunks) * CHUNK_STEPS < steps:
        spent = 0.0
        for _ in range(CHUNK_STEPS):
            wobble = 0.9 * wobble + 0.3 * rng.standard_normal(2)
            action = np.clip([0.8 + wobble[0], wobble[1]], -1, 1).astype(np.float32)
            started = time.perf_counter()
            _, _, terminated, truncated, _ = env.step(action)
            spent += time.perf_counter() - started
            controls.append(batch.ctrl[0].copy())
            ended = terminated or truncated
            if ended:
                return chunks, controls
        chunks.append(spent)
    return chunks, controls


def _replay(index: int, controls: list[Array]) -> list[float]:
    """Return the time MuJoCo needs for each whole chunk of the same drive [s]."""
    simulation = Simulation(TASK, 1)
    simulation.start(np.array([0]), [MapChoice(LEVEL, SPLIT, index)])
    robots: Any = simulation.robots
    model, data = robots.models[0], robots.batch.get_data(0)
    ctrl = data.ctrl
    substeps = round(CONTROL_DT_S / SUBSTEP_S)
    chunks = []
    for first in range(0, len(controls) - CHUNK_STEPS + 1, CHUNK_STEPS):
        spent = 0.0
        for control in controls[first : first + CHUNK_STEPS]:
            ctrl[:] = control
            started = time.perf_counter()
            mujoco.mj_step(model, data, nstep=substeps)
            spent += time.perf_counter() - started
        chunks.append(spent)
    return chunks
