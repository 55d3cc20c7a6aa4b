"""Makes environments by id and tells what they offer; the only place that does."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from iml_robot.core.errors import ImlRobotError, UsageError
from iml_robot.robots.env_id import EnvId
from iml_robot.robots.extras import extra

__all__ = ["check_render_mode", "control_period_s", "extra", "make_env"]


def make_env(
    env_id: str, *, render_mode: str | None = None, time_limit: bool = True
) -> Any:
    """Return a Gymnasium environment with a flat observation and a Box action in [-1, 1].

    Observations of several parts are flattened, actions with other bounds rescaled, and
    numbered actions presented as scores.

    Args:
        env_id: Gymnasium id; "module:id" imports the module first, "id?neutral=1" names
            the numbered action that does nothing.
        render_mode: As in `gymnasium.make`.
        time_limit: Whether episodes end after the steps with which the environment was
            registered. Without, it may be stepped without a reset too.

    Raises:
        UsageError: If there is no such environment, or its spaces do not fit.
    """
    # Some environments know no render_mode at all, so it is given only where it is wanted.
    wanted: dict[str, Any] = {} if render_mode is None else {"render_mode": render_mode}
    said = EnvId.parse(env_id)
    try:
        if render_mode is not None:
            check_render_mode(env_id, render_mode)
        env = _made(said, wanted, time_limit=time_limit)
    except ImlRobotError:
        raise
    except Exception as error:
        # Whatever somebody else's module raises, its author needs the reason.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"cannot make the environment {env_id!r}: {reason}") from error
    return _fitted(env_id, env, said.neutral)


def check_render_mode(env_id: str, render_mode: str = "rgb_array") -> None:
    """Refuse an environment that says itself that it cannot be shown this way.

    It is not made for that, so that this is quick.

    Raises:
        UsageError: If it has no such render mode.
        gymnasium.error.Error: If there is no such environment.
        ImportError: If its module cannot be imported.
    """
    from gymnasium.envs import registration

    said = EnvId.parse(env_id)
    said.load()
    creator: Any = registration.spec(said.name).entry_point
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


def control_period_s(env: Any) -> float:
    """Return the control period [s], from the environment or its frame rate."""
    offered = extra(env, "control_dt")
    if offered:
        return float(offered)
    return 1.0 / float((env.metadata or {}).get("render_fps") or 20.0)


def _made(said: EnvId, wanted: dict[str, Any], *, time_limit: bool) -> Any:
    """Return the environment as it was registered, or without limits to its use."""
    import gymnasium as gym

    if time_limit:
        return gym.make(said.gymnasium, disable_env_checker=True, **wanted)
    said.load()
    spec = copy.deepcopy(gym.spec(said.name))
    spec.max_episode_steps, spec.order_enforce = None, False
    return gym.make(spec, disable_env_checker=True, **wanted)


def _fitted(env_id: str, env: Any, neutral: int | None) -> Any:
    """Return the environment with spaces that the program knows."""
    from gymnasium.spaces import Discrete

    from iml_robot.robots.discrete_actions import DiscreteActions
    from iml_robot.robots.flat_observations import flattened

    env = flattened(env_id, env)
    if isinstance(env.action_space, Discrete):
        return DiscreteActions(env, neutral=neutral)
    if neutral is not None:
        raise UsageError(
            f"the id {env_id!r} names a neutral action, but its actions are "
            f"{env.action_space} and not numbered; leave '?neutral=' away"
        )
    return _rescaled(env_id, env)


def _rescaled(env_id: str, env: Any) -> Any:
    """Return the environment with actions from -1 to 1.

    Raises:
        UsageError: If its actions are no vector of numbers between bounds.
    """
    from gymnasium.spaces import Box
    from gymnasium.wrappers.rescale_action import RescaleAction

    from iml_robot.robots.classic_control import WideActions, is_classic_control

    space = env.action_space
    if not isinstance(space, Box) or len(space.shape) != 1:
        raise UsageError(
            f"the actions of {env_id!r} are {space}; this program needs a flat Box, a "
            "number for each thing that is steered, or Discrete, a number for each action"
        )
    if not np.issubdtype(space.dtype, np.floating):
        raise UsageError(
            f"the actions of {env_id!r} are whole numbers: {space}; this program needs "
            "a Box of floating-point numbers, or Discrete"
        )
    if not np.isfinite([space.low, space.high]).all():
        raise UsageError(
            f"the actions of {env_id!r} have no bounds: {space}; give its action space a "
            "finite low and high, which the stick's ends then mean"
        )
    if is_classic_control(env):
        env = WideActions(env)
    if not (np.all(space.low == -1) and np.all(space.high == 1)):
        env = RescaleAction(env, -1.0, 1.0)
    return env
