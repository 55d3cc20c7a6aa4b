"""What an episode leaves to chance: gusts and the noise of sensors.

Both are tables drawn once from the map and the number of the draw, and looked up by the
step of the episode, so that nothing but these three has to be remembered by a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.gusts import draw_gusts
from iml_robot_envs.terrain import Wind

Floats = npt.NDArray[np.float32]

NOISE_STEPS = 256
"""Control steps after which the noise of sensors begins again."""


@dataclass(frozen=True)
class Weather:
    """The chance of one episode.

    Attributes:
        gusts: Velocity of the gusts at each control step [m/s], shape (steps, 3); from
            the beginning again afterwards.
        noise: Standard normal numbers of the sensors, shape (noise steps, channels).
    """

    gusts: Floats
    noise: Floats


def still_air() -> Weather:
    """Return no wind and no noise."""
    return Weather(np.zeros((1, 3), np.float32), np.zeros((1, 0), np.float32))


def draw_weather(
    wind: Wind, rng: np.random.Generator, *, control_dt: float, channels: int
) -> Weather:
    """Return the gusts and the noise of an episode.

    Args:
        wind: The air over the map.
        rng: Draws both; the noise first, so that it does not depend on the wind.
        control_dt: Control period [s].
        channels: Random numbers that an observation uses.
    """
    noise = rng.standard_normal((NOISE_STEPS, channels), np.float32)
    if wind.gust_m_s == 0.0:
        return Weather(np.zeros((1, 3), np.float32), noise)
    gusts = draw_gusts(wind, rng, control_dt=control_dt)
    return Weather(gusts.astype(np.float32), noise)
