"""Gusts as airmen model them: the Dryden spectra of MIL-F-8785C near the ground."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.terrain import Array, Wind

GUST_STEPS = 1280
"""Control steps after which the gusts begin again, without a jump."""
HEIGHT_M = 3.0
"""Height that drones fly at, on which the length of gusts depends."""
LEAST_AIRSPEED_M_S = 2.0
"""Speed with which gusts come by where there is no wind: that of the drone."""
FOOT_M = 0.3048
VERTICAL_SHARE = 0.5
"""Vertical over horizontal gusts, both as standard deviations. Source: MIL-F-8785C at
3 m: 0.51."""


def gust_lengths(height_m: float = HEIGHT_M) -> tuple[float, float]:
    """Return the scale of horizontal and of vertical gusts at a height [m].

    Source: MIL-F-8785C, low altitude: h / (0.177 + 0.000823 h)^1.2 and h, in feet.
    """
    feet = height_m / FOOT_M
    return feet / (0.177 + 0.000823 * feet) ** 1.2 * FOOT_M, height_m


def longitudinal(lags_s: Array, time_s: float) -> Array:
    """Return the correlation of gusts along the wind after some time.

    Args:
        lags_s: Times [s], any shape.
        time_s: Scale of the gusts over the airspeed [s].
    """
    return np.asarray(np.exp(-lags_s / time_s))


def transverse(lags_s: Array, time_s: float) -> Array:
    """Return the correlation of gusts across the wind and of vertical ones."""
    return np.asarray((1 - lags_s / (2 * time_s)) * np.exp(-lags_s / time_s))


def draw_gusts(
    wind: Wind, rng: np.random.Generator, *, control_dt: float, steps: int = GUST_STEPS
) -> Array:
    """Return gusts at each control step of an episode.

    White noise goes through filters whose answers have the spectra of Dryden, exactly at
    the moments of the control steps. A series begins where it ends.

    Args:
        wind: Which way it blows, and how gusty it is.
        rng: Draws the noise.
        control_dt: Time between two steps [s].
        steps: Length of the series.

    Returns:
        Velocity of the air beyond that of the mean wind, x, y, z [m/s], shape (steps, 3).
    """
    mean = np.hypot(*wind.mean)
    airspeed = max(mean, LEAST_AIRSPEED_M_S)
    wide, high = (length / airspeed for length in gust_lengths())
    lags = control_dt * np.minimum(np.arange(steps), steps - np.arange(steps))
    correlations = np.stack(
        [longitudinal(lags, wide), transverse(lags, wide), transverse(lags, high)]
    )
    power = np.maximum(np.fft.rfft(correlations).real, 0.0)
    noise = np.fft.rfft(rng.standard_normal((3, steps)))
    along, across, up = np.fft.irfft(noise * np.sqrt(power), steps) * wind.gust_m_s
    east, north = np.divide(wind.mean, mean) if mean > 0 else (1.0, 0.0)
    return np.column_stack(
        [
            along * east - across * north,
            along * north + across * east,
            up * VERTICAL_SHARE,
        ]
    )
