"""Makes environments by id and tells what they offer; the only place that does."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot.core.errors import UsageError


def make_env(env_id: str, *, render_mode: str | None = None) -> Any:
    """Return a Gymnasium environment with a flat observation and a Box action.

    Args:
        env_id: Gymnasium id; "module:id" imports the module first.
        render_mode: As in `gymnasium.make`.

    Raises:
        UsageError: If there is no such environment, or its spaces do not fit.
    """
    import gymnasium as gym
    from gymnasium.wrappers.rescale_action import RescaleAction

    # Some environments know no render_mode at all, so it is given only where it is wanted.
    wanted: dict[str, Any] = {} if render_mode is None else {"render_mode": render_mode}
    try:
        env = gym.make(env_id, disable_env_checker=True, **wanted)
    except (gym.error.Error, ImportError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"cannot make the environment {env_id!r}: {reason}") from error
    _check_box(env_id, "observation", env.observation_space)
    _check_box(env_id, "action", env.action_space)
    low, high = env.action_space.low, env.action_space.high  # type: ignore[attr-defined]
    if not (np.all(low == -1) and np.all(high == 1)):
        env = RescaleAction(env, -1.0, 1.0)
    return env


def _check_box(env_id: str, word: str, space: Any) -> None:
    from gymnasium.spaces import Box

    if not isinstance(space, Box) or len(space.shape) != 1:
        raise UsageError(
            f"the {word}s of {env_id!r} are {space}; this program needs a flat Box, "
            "for example through a FlattenObservation wrapper"
        )


def extra(env: Any, name: str, default: Any = None) -> Any:
    """Return an attribute that robots offer beyond Gymnasium, or the default."""
    try:
        return env.get_wrapper_attr(name)
    except AttributeError:
        return default


def control_period_s(env: Any) -> float:
    """Return the control period [s], from the environment or its frame rate."""
    offered = extra(env, "control_dt")
    if offered:
        return float(offered)
    return 1.0 / float((env.metadata or {}).get("render_fps") or 20.0)
