"""How fast the environments are, and how much of that is the physics alone."""

from __future__ import annotations

import time
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import load_env_creator

from iml_robot_envs.benchmark_drives import Crew, Recorder
from iml_robot_envs.benchmark_memory import memory_mb
from iml_robot_envs.robot_task import FloatArray
from iml_robot_envs.robot_vector_env import RobotVectorEnv
from iml_robot_envs.terrain import Indices

LEVEL, SPLIT = 2, "val"
CHUNK_STEPS = 50
BATCH_CHUNK_STEPS = 10
BATCH_CHUNKS = 15
WARM_UP_STEPS = 40
LEAST_RESETS = 20
VIEW_SIZE = 640, 360
ROBOTS = {"rover": "iml/RoverRocks-v0", "drone": "iml/DroneForest-v0"}
"""What stands for each kind of robot."""


def measure_one(name: str, steps: int) -> dict[str, float]:
    """Return how fast one robot of a task goes on unfamiliar ground, on one core.

    Its scripted driver drives a chunk of 50 steps; then it goes back, and the same
    actions are timed without the driver; then the same controls from the same state,
    given to MuJoCo without anything around it. Rates come from the median over chunks, so
    that other programs on the machine weigh little.

    Args:
        name: Id of the environment.
        steps: Control steps to drive, at least 50.

    Returns:
        steps_per_s, raw_mujoco_steps_per_s (control steps too), share (the first over the
        second), reset_ms_median and reset_ms_p95 (each reset on a new map).

    Raises:
        ValueError: If there are too few steps.
    """
    if steps < CHUNK_STEPS:
        raise ValueError(f"steps must be at least {CHUNK_STEPS}, got {steps}")
    # Steps are made twice, which a time limit would not understand.
    env = gym.make(name, disable_env_checker=True, max_episode_steps=10**6)
    recorder = Recorder(env.get_wrapper_attr("simulation").robots.batch)
    resets: list[float] = []
    chunks: list[tuple[float, float]] = []
    while len(chunks) * CHUNK_STEPS < steps:
        observation = _timed_reset(env, resets)
        crew = Crew([env.get_wrapper_attr("make_pilot")()])
        going_on = True
        while going_on and len(chunks) * CHUNK_STEPS < steps:
            state = env.get_wrapper_attr("get_state")()
            recorder.start()
            actions, observation, going_on = _plan_one(env, crew, observation)
            recorder.stop()
            if going_on:
                env.get_wrapper_attr("set_state")(state)
                chunks.append((_timed(env, actions), recorder.replay_first()))
    while len(resets) < LEAST_RESETS:
        _timed_reset(env, resets)
    rate, raw = CHUNK_STEPS / np.median(chunks, axis=0)
    return {
        "steps_per_s": float(rate),
        "raw_mujoco_steps_per_s": float(raw),
        "share": float(rate / raw),
        "reset_ms_median": 1e3 * float(np.median(resets)),
        "reset_ms_p95": 1e3 * float(np.percentile(resets, 95)),
    }


def measure_batch(
    name: str, steps: int, *, robots: int = 64, threads: int = 2
) -> dict[str, float]:
    """Return how fast many robots of a task go together, infos and all.

    As `measure_one`, in chunks of 10 steps; the physics alone is bare `Batch.step`.

    Args:
        name: Id of the environment.
        steps: Control steps of each robot, at least 10.
        robots: How many.
        threads: Threads that step them.

    Returns:
        steps_per_s (of all robots together), bare_batch_steps_per_s and share.

    Raises:
        ValueError: If there are too few steps.
    """
    if steps < BATCH_CHUNK_STEPS:
        raise ValueError(f"steps must be at least {BATCH_CHUNK_STEPS}, got {steps}")
    spec = gym.spec(name)
    make: Any = load_env_creator(str(spec.vector_entry_point))
    env = make(
        num_envs=robots,
        threads=threads,
        max_episode_steps=spec.max_episode_steps,
        autoreset_mode="NextStep",
    )
    recorder = Recorder(env.simulation.robots.batch)
    chunks: list[tuple[float, float]] = []
    maps = np.arange(robots)
    while len(chunks) * BATCH_CHUNK_STEPS < steps:
        left = steps // BATCH_CHUNK_STEPS - len(chunks)
        chunks += _drive_batch(env, recorder, maps % 1000)[:left]
        maps += robots
    env.close()
    rate, bare = robots * BATCH_CHUNK_STEPS / np.median(chunks, axis=0)
    return {
        "steps_per_s": float(rate),
        "bare_batch_steps_per_s": float(bare),
        "share": float(rate / bare),
    }


def measure_view(pictures: int) -> dict[str, float]:
    """Return how long a picture of the first-person view takes, 640 x 360.

    Args:
        pictures: How many are drawn, at least 2, on the way from a start to its goal.

    Returns:
        picture_ms_median and picture_ms_p95.
    """
    from iml_robot_envs.first_person import FirstPersonView
    from iml_robot_envs.maps import MapChoice
    from iml_robot_envs.tasks.rover_rocks import TASK

    terrain = TASK.fields[LEVEL].build(MapChoice(LEVEL, SPLIT, 0).generator(TASK.name))
    west, south = (-terrain.half_extent_m).tolist()
    goal = float(terrain.goal[0]), float(terrain.goal[1])
    view = FirstPersonView(
        terrain.heights, terrain.cell_m, (west, south), goal=goal, goal_radius_m=1.0
    )
    spent = []
    for place in np.linspace(terrain.start[:2], goal, pictures):
        height = terrain.height_at(place[:1], place[1:])[0] + 0.4
        started = time.perf_counter()
        view.draw((*place, height, terrain.start[2], 0.1, 0.0), size=VIEW_SIZE)
        spent.append(time.perf_counter() - started)
    # The first picture prepares the map.
    return {
        "picture_ms_median": 1e3 * float(np.median(spent[1:])),
        "picture_ms_p95": 1e3 * float(np.percentile(spent[1:], 95)),
    }


def measure_all(steps: int, *, robots: int = 64) -> dict[str, float]:
    """Return all figures of a rover and of a drone, and of the first-person view.

    Args:
        steps: Control steps of one robot; many robots make a twentieth of them each.
        robots: How many robots go together.

    Returns:
        The figures of `measure_one`, of `measure_batch` and of `benchmark_memory`, with
        "rover_", "rover_64_", "drone_" and "drone_64_" before their names, and those of
        `measure_view`.
    """
    figures: dict[str, float] = {}
    for robot, name in ROBOTS.items():
        if name not in gym.registry:
            continue
        one = measure_one(name, steps)
        many = measure_batch(name, max(steps // 20, BATCH_CHUNK_STEPS), robots=robots)
        many["memory_mb"] = memory_mb(name, robots)
        figures |= {f"{robot}_{what}": value for what, value in one.items()}
        figures |= {f"{robot}_{robots}_{what}": value for what, value in many.items()}
    return figures | measure_view(60)


def _timed_reset(env: gym.Env[Any, Any], resets: list[float]) -> FloatArray:
    """Start on the next map, and note the time that took [s]."""
    options = {"level": LEVEL, "split": SPLIT, "index": len(resets)}
    started = time.perf_counter()
    observation, _ = env.reset(seed=0, options=options)
    resets.append(time.perf_counter() - started)
    return np.asarray(observation)


def _plan_one(
    env: gym.Env[Any, Any], crew: Crew, observation: FloatArray
) -> tuple[list[FloatArray], FloatArray, bool]:
    """Drive a chunk; return actions, what is seen then, and if the episode goes on."""
    actions = []
    for _ in range(CHUNK_STEPS):
        actions.append(crew.act(observation[None])[0])
        observation, _, terminated, truncated, _ = env.step(actions[-1])
        if terminated or truncated:
            return actions, observation, False
    return actions, observation, True


def _drive_batch(
    env: RobotVectorEnv, recorder: Recorder, maps: Indices
) -> list[tuple[float, float]]:
    """Return the times of whole chunks [s]: of the environment and of bare physics."""
    options = {"level": LEVEL, "split": SPLIT, "index": maps}
    observations, _ = env.reset(seed=0, options=options)
    crew = Crew([env.make_pilot() for _ in maps])
    for _ in range(WARM_UP_STEPS):
        observations = env.step(crew.act(observations))[0]
    chunks = []
    for _ in range(BATCH_CHUNKS):
        states = [env.get_state(robot) for robot in range(len(maps))]
        actions = []
        recorder.start()
        for _ in range(BATCH_CHUNK_STEPS):
            actions.append(crew.act(observations))
            observations = env.step(actions[-1])[0]
        recorder.stop()
        # A chunk with a new episode in it has no counterpart in bare physics.
        if recorder.complete:
            for robot, state in enumerate(states):
                env.set_state(robot, state)
            chunks.append((_timed(env, actions), recorder.replay()))
    return chunks


def _timed(env: Any, actions: list[FloatArray]) -> float:
    """Return the time that steps under some actions take [s]."""
    started = time.perf_counter()
    for action in actions:
        env.step(action)
    return time.perf_counter() - started
