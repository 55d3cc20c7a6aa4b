"""Names for the parts of an action, from the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym

from iml_robot.core.errors import UsageError


class NamedActions(gym.Wrapper):  # type: ignore[type-arg]
    """Says what the parts of an action, or the numbered actions, are called.

    Args:
        env: Environment as `make_env` makes it.
        names: One for each.

    Attributes:
        action_names: The names.

    Raises:
        UsageError: If there are not as many names as parts.
    """

    def __init__(self, env: Any, names: Sequence[str]) -> None:
        super().__init__(env)
        count = env.action_space.shape[0]
        if len(names) != count:
            raise UsageError(
                f"env.names has {len(names)} names ({', '.join(names)}), and the action of "
                f"this environment has {count} parts; give one for each, or none"
            )
        self.action_names = tuple(names)


def named(env: Any, names: Sequence[str]) -> Any:
    """Return the environment with names for its action; the same where none are given.

    Raises:
        UsageError: If there are not as many names as parts.
    """
    return NamedActions(env, names) if names else env
