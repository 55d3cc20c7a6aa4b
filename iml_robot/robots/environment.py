"""Makes environments by id and tells what they offer; the only place that does."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from iml_robot.core.errors import ImlRobotError, UsageError


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

    from iml_robot.robots.classic_control import WideActions, is_classic_control

    # Some environments know no render_mode at all, so it is given only where it is wanted.
    wanted: dict[str, Any] = {} if render_mode is None else {"render_mode": render_mode}
    try:
        if render_mode is not None:
            _check_render_mode(env_id, render_mode)
        env = gym.make(env_id, disable_env_checker=True, **wanted)
    except ImlRobotError:
        raise
    except Exception as error:
        # Whatever somebody else's module raises, its author needs the reason.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"cannot make the environment {env_id!r}: {reason}") from error
    _check_box(env_id, "observation", env.observation_space)
    _check_box(env_id, "action", env.action_space)
    low, high = env.action_space.low, env.action_space.high  # type: ignore[attr-defined]
    if not np.isfinite([low, high]).all():
        raise UsageError(
            f"the actions of {env_id!r} have no bounds: {env.action_space}; give its "
            "action space a finite low and high, which the stick's ends then mean"
        )
    if is_classic_control(env):
        env = WideActions(env)
    if not (np.all(low == -1) and np.all(high == 1)):
        env = RescaleAction(env, -1.0, 1.0)
    return env


def _check_box(env_id: str, word: str, space: Any) -> None:
    from gymnasium.spaces import Box

    if isinstance(space, Box) and len(space.shape) == 1:
        return
    advice = {
        "observation": "for example through a FlattenObservation wrapper",
        "action": "a number for each thing that is steered",
    }
    raise UsageError(
        f"the {word}s of {env_id!r} are {space}; this program needs a flat Box, "
        f"{advice[word]}"
    )


def _check_render_mode(env_id: str, render_mode: str) -> None:
    """Refuse an environment that says itself that it cannot be shown this way."""
    from gymnasium.envs import registration

    module, _, name = env_id.rpartition(":")
    if module:
        importlib.import_module(module)
    creator: Any = registration.spec(name).entry_point
    if isinstance(creator, str):
        creator = registration.load_env_creator(creator)
    metadata = getattr(creator, "metadata", None) or {}
    modes = metadata.get("render_modes", [render_mode])
    if render_mode not in modes:
        raise UsageError(
            f"{env_id!r} cannot be shown in the window, which needs the render mode "
            f"{render_mode!r}: it has {', '.join(map(str, modes)) or 'none'}; add that "
            "mode, or run with --operator simulated"
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
