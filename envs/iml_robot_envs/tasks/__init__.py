"""One task a file: a module here that says `REGISTRATION` is an environment.

A task is registered without being imported, so that importing the package loads no
physics: `REGISTRATION` is read from the source, and must be a literal with the
environment's `id`, the name of its `class` and `max_episode_steps`. The environment for
many robots is made of the module's `TASK`.
"""

from __future__ import annotations

import ast
import pkgutil
from pathlib import Path
from typing import Any

import gymnasium as gym


def registration_of(source: str, name: str) -> dict[str, Any]:
    """Return the `REGISTRATION` of a task's source.

    Args:
        source: Text of the module.
        name: Its name, for messages.

    Raises:
        ValueError: If there is none, or if it is no literal.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REGISTRATION":
            return dict(ast.literal_eval(node.value))
    raise ValueError(
        f"the task {name} has no REGISTRATION; add REGISTRATION = "
        '{"id": "iml/Name-v0", "class": "Name", "max_episode_steps": 1200}'
    )


def register_all() -> None:
    """Register every module of this package."""
    for module in pkgutil.iter_modules(__path__):
        path = Path(__path__[0]) / f"{module.name}.py"
        facts = registration_of(path.read_text(encoding="utf-8"), module.name)
        gym.register(
            facts["id"],
            entry_point=f"{__name__}.{module.name}:{facts['class']}",
            vector_entry_point=f"iml_robot_envs.vector_tasks:{module.name}",
            max_episode_steps=facts["max_episode_steps"],
        )


register_all()
