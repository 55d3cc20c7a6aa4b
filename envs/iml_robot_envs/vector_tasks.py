"""Every task for many robots: `make_vector` with a task's module as first argument.

Each module of `iml_robot_envs.tasks` that has a `TASK` is an attribute of this module: a
function that Gymnasium finds by the text of `vector_entry_point`.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from typing import Any

from iml_robot_envs.robot_vector_env import RobotVectorEnv
from iml_robot_envs.simulation import Simulation


def make_vector(
    module: str, *, num_envs: int = 1, threads: int | None = None, **options: Any
) -> RobotVectorEnv:
    """Return the robots of a task.

    Args:
        module: Name of the task's module in `iml_robot_envs.tasks`.
        num_envs: Number of robots, at least 1.
        threads: Threads that step them; None for one a processor.
        options: Of `RobotVectorEnv`.

    Raises:
        ValueError: If there are no robots or no threads.
    """
    for name, number in (("num_envs", num_envs), ("threads", threads)):
        if number is not None and number < 1:
            raise ValueError(f"{name} must be at least 1, got {number}")
    if threads is None:
        threads = min(num_envs, os.cpu_count() or 1)
    task = importlib.import_module(f"iml_robot_envs.tasks.{module}").TASK
    return RobotVectorEnv(Simulation(task, num_envs, threads), **options)


def __getattr__(name: str) -> Callable[..., RobotVectorEnv]:
    """Return what makes the robots of the task in the module of this name."""
    if name.startswith("_"):
        raise AttributeError(name)
    make = functools.partial(make_vector, name)
    # Who wants to leave robots out of a step sees that it can before it makes any.
    make.steps_only_some = True  # type: ignore[attr-defined]
    return make
