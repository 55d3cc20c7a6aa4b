"""Which dials there are: one for each thing that the robot or the session tells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iml_robot.station.status import SessionStatus

STEEP_RAD = math.radians(20.0)
"""Tilt from which on it is marked; a rover of the Jackal class turns over sideways at
about 45 degrees."""
SLIPPING_M_S = 0.3
"""Difference of wheels and ground that is marked: nine tenths of the steps of a rover
that turns at random, even on ice, have less."""
LOW_M = 0.6
"""Height that is marked: twice that at which a flight ends."""
FENCE_MARGIN = 1.5
"""The fence is marked within so many stopping distances."""

_IMPORTANCE = ("height", "attitude", "speed", "steps", "fence", "slip", "wind", "goal")
"""Which dials stay where letters are so large that not all fit."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One dial.

    Attributes:
        kind: How it is drawn: attitude, speed, slip, wind, height, goal, fence or steps.
        value: What it reads, in words.
        caption: What that is; begins with "!" where it needs a look.
        figures: What the drawing is made from; the kind decides what they mean.
    """

    kind: str
    value: str
    caption: str
    figures: tuple[float, ...]

    @property
    def marked(self) -> bool:
        """Whether it needs a look."""
        return self.caption.startswith("!")


def gauges_of(told: Mapping[str, Any], status: SessionStatus) -> list[Gauge]:
    """Return the dials from left to right; what nobody tells has none.

    Args:
        told: What the environment says in `info` and `instruments`.
        status: What the session says.
    """
    made = (
        _attitude(told),
        _speed(told),
        _slip(told),
        _height(told),
        _wind(told),
        _goal(told),
        _fence(told),
        _steps(status),
    )
    return [gauge for gauge in made if gauge is not None]


def most_important(gauges: Sequence[Gauge], count: int) -> list[Gauge]:
    """Return at most so many dials in their order; those that need a look come first.

    Args:
        gauges: All dials.
        count: How many there is room for.
    """
    ranked = sorted(gauges, key=lambda g: (not g.marked, _IMPORTANCE.index(g.kind)))
    kept = {gauge.kind for gauge in ranked[:count]}
    return [gauge for gauge in gauges if gauge.kind in kept]


def number(told: Mapping[str, Any], key: str) -> float | None:
    """Return a finite number that the environment tells, else None."""
    try:
        value = float(told[key])
    except (KeyError, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _attitude(told: Mapping[str, Any]) -> Gauge | None:
    roll, pitch = number(told, "roll"), number(told, "pitch")
    if roll is None or pitch is None:
        return None
    # The angle between the robot's up and straight up.
    tilt = math.acos(max(-1.0, min(1.0, math.cos(roll) * math.cos(pitch))))
    caption = "! steep" if tilt > STEEP_RAD else "tilt"
    return Gauge("attitude", f"{math.degrees(tilt):.0f}°", caption, (roll, pitch))


def _speed(told: Mapping[str, Any]) -> Gauge | None:
    speed = number(told, "speed")
    if speed is None:
        return None
    return Gauge("speed", f"{speed:z.2f} m/s", "speed", (speed,))


def _slip(told: Mapping[str, Any]) -> Gauge | None:
    speed, wheels = number(told, "speed"), number(told, "wheel_speed")
    if speed is None or wheels is None:
        return None
    slip = wheels - speed
    caption = "! slipping" if abs(slip) > SLIPPING_M_S else "wheel slip"
    return Gauge("slip", f"{slip:+z.2f} m/s", caption, (speed, wheels))


def _height(told: Mapping[str, Any]) -> Gauge | None:
    height, ceiling = number(told, "height"), number(told, "ceiling")
    if height is None:
        return None
    caption = "above ground"
    if height < LOW_M:
        caption = "! low"
    elif ceiling is not None:
        high = ceiling - height < LOW_M
        caption = "! near the limit" if high else f"limit {ceiling:.1f} m"
    top = ceiling if ceiling is not None and ceiling > 0 else max(5.0, height)
    return Gauge("height", f"{height:z.1f} m", caption, (height, top))


def _wind(told: Mapping[str, Any]) -> Gauge | None:
    heading = number(told, "heading")
    try:
        east, north, *_ = (float(part) for part in told["wind"])
    except (KeyError, TypeError, ValueError):
        return None
    strength = math.hypot(east, north)
    if heading is None or not math.isfinite(strength):
        return None
    towards = math.atan2(north, east) - heading
    return Gauge("wind", f"{strength:.1f} m/s", "wind", (towards, strength))


def _goal(told: Mapping[str, Any]) -> Gauge | None:
    distance = number(told, "distance_to_goal")
    if distance is None:
        return None
    bearing = number(told, "goal_bearing")
    figures = () if bearing is None else (bearing,)
    return Gauge("goal", f"{distance:.1f} m", "to the goal", figures)


def _fence(told: Mapping[str, Any]) -> Gauge | None:
    room = number(told, "edge_distance")
    if room is None:
        return None
    stopping = number(told, "stopping_distance") or 0.0
    near = room < FENCE_MARGIN * stopping
    return Gauge(
        "fence", f"{room:.1f} m", "! edge of the map" if near else "to the edge", ()
    )


def _steps(status: SessionStatus) -> Gauge | None:
    if not status.step_limit:
        return None
    left = max(0.0, 1.0 - status.step / status.step_limit)
    left_s = max(0, status.step_limit - status.step) * status.control_dt_s
    caption = "! time is short" if left < 0.1 else "time left"
    return Gauge("steps", f"{left_s:.0f} s", caption, (left,))
