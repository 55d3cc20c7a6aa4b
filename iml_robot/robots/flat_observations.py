"""Observations of several parts as one vector, where that loses nothing."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from iml_robot.core.errors import UsageError
from iml_robot.core.types import FloatArray
from iml_robot.robots.extras import extra

MOST_NUMBERS = 4096
"""Numbers of an observation that a policy of this program can take."""


class FlatObservations(gym.ObservationWrapper):  # type: ignore[type-arg]
    """Joins the parts of an observation in the order of Gymnasium's `flatten`.

    A number of a `Discrete` part becomes a vector with a single 1.

    Args:
        env: Environment whose observation `is_flattenable`.
    """

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        flat = spaces.flatten_space(env.observation_space)
        assert isinstance(flat, spaces.Box)
        low, high = flat.low.astype(np.float32), flat.high.astype(np.float32)
        self.observation_space = spaces.Box(low, high, dtype=np.float32)

    def observation(self, observation: Any) -> FloatArray:
        """Return the vector, shape (obs_dim,)."""
        flat = spaces.flatten(self.env.observation_space, observation)
        return np.asarray(flat, dtype=np.float32)


class RestorableFlatObservations(FlatObservations):
    """The same around an environment with snapshots, which answers with flat vectors."""

    def set_state(self, state: bytes) -> tuple[FloatArray, dict[str, Any]]:
        """Put the environment back; return what a reset returns."""
        observation, info = self.env.get_wrapper_attr("set_state")(state)
        return self.observation(observation), info


def flattened(env_id: str, env: Any) -> Any:
    """Return an environment whose observation is a flat Box.

    Args:
        env_id: Its id, for messages.
        env: The environment.

    Raises:
        UsageError: If its observation holds pictures, or things of changing number.
    """
    space = env.observation_space
    if isinstance(space, spaces.Box) and len(space.shape) == 1:
        return env
    picture = _picture_in(space)
    if picture is not None:
        raise UsageError(
            f"the observations of {env_id!r} hold pictures ({picture}), which the policies "
            "of this program cannot look at; give the environment an observation of "
            "numbers, for example with an ObservationWrapper that encodes them"
        )
    if not space.is_np_flattenable:
        raise UsageError(
            f"the observations of {env_id!r} are {space}, which have no fixed number of "
            "parts; give the environment an observation that is a Box, or a Dict or Tuple "
            "of Box, Discrete, MultiBinary and MultiDiscrete"
        )
    count = spaces.flatdim(space)
    if count > MOST_NUMBERS:
        raise UsageError(
            f"the observations of {env_id!r} are {count} numbers when flattened, at most "
            f"{MOST_NUMBERS} are possible; give the environment a smaller observation"
        )
    restorable = extra(env, "set_state") is not None
    return (RestorableFlatObservations if restorable else FlatObservations)(env)


def _picture_in(space: Any) -> Any:
    """Return a space of pictures within a space; None if there is none."""
    if isinstance(space, spaces.Dict):
        parts = list(space.spaces.values())
    elif isinstance(space, spaces.Tuple):
        parts = list(space.spaces)
    else:
        seen = isinstance(space, spaces.Box) and space.dtype == np.uint8
        return space if seen and len(space.shape) >= 2 else None
    found = (_picture_in(part) for part in parts)
    return next((picture for picture in found if picture is not None), None)
