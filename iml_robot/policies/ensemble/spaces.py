"""What a network must know of an environment."""

from __future__ import annotations

from typing import Any

from iml_robot.policies.ensemble.network import Spaces
from iml_robot.robots.environment import extra


def spaces_of(env: Any) -> Spaces:
    """Return sizes and layout of an environment's observation and action."""
    return Spaces(
        env.observation_space.shape[0],
        env.action_space.shape[0],
        extra(env, "observation_layout", {}),
    )
