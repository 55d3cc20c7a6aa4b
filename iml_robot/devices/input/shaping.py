"""From raw sticks and keys to smooth commands; no hardware in here."""

from __future__ import annotations

import math

from iml_robot.core.station_settings import CurveSettings

#: Travel around the centre that counts as rest; sticks do not centre exactly.
DEAD_ZONE = 0.10

#: Travel at the end of a stick that counts as full; worn sticks do not reach 1.
OUTER_SATURATION = 0.02

#: Share of the cubic curve, which makes small corrections finer.
EXPO = 0.30

#: Deflection beyond which a stick takes over, of 1. Autopilots take 0.12 to 0.30.
TAKEOVER_DEFLECTION = 0.25

#: A command grows, falls back and changes its sign at these rates [1/s]: full after
#: 0.5 s, gone after 0.2 s.
RISE_PER_S = 2.0
FALL_PER_S = 5.0
REVERSE_PER_S = 6.0


def rescale(
    value: float, *, dead_zone: float = DEAD_ZONE, saturation: float = OUTER_SATURATION
) -> float:
    """Return a deflection without its dead zone, stretched to full range again.

    Without the stretching the command would jump to `dead_zone` at its edge.

    Args:
        value: Deflection in [-1, 1].
        dead_zone: Deflection that counts as none, in [0, 1).
        saturation: Travel below 1 that counts as full, in [0, 1 - dead_zone).

    Returns:
        Deflection in [-1, 1]; NaN stays NaN.
    """
    if math.isnan(value):
        return value
    travel = (abs(value) - dead_zone) / (1.0 - saturation - dead_zone)
    return math.copysign(min(max(travel, 0.0), 1.0), value)


def expo(value: float, share: float = EXPO) -> float:
    """Return e x^3 + (1 - e) x, which is flat in the middle and 1 at the end."""
    return share * value**3 + (1.0 - share) * value


def shape_axis(value: float, curve: CurveSettings | None = None) -> float:
    """Return the command of one stick axis or trigger: dead zone, rescaling, expo.

    Each axis is shaped by itself and not the stick as a whole, since the two axes of a
    stick steer different things: a thumb that pushes straight ahead must not turn.

    Args:
        value: Deflection in [-1, 1].
        curve: The curve that a person likes; None: the usual one.

    Returns:
        Command in [-1, 1]; NaN stays NaN.
    """
    if curve is None:
        return expo(rescale(value))
    travel = rescale(value, dead_zone=curve.dead_zone, saturation=curve.saturation)
    return curve.most * expo(travel, curve.expo)


def outside(value: float, dead_zone: float) -> float:
    """Return a deflection, or 0 within the dead zone: a stick that rests moves nothing.

    Args:
        value: Deflection in [-1, 1].
        dead_zone: Deflection that counts as none.
    """
    return 0.0 if abs(value) <= dead_zone else value


def deflection(*values: float) -> float:
    """Return the length of a vector of deflections.

    A sum, as some programs test for, cancels: right and back would be no takeover.
    """
    return math.hypot(*values)


class KeyRamp:
    """Turns a key that is up or down into a command that grows and fades.

    Keys alone give -1, 0 and 1. A policy that learns from such labels learns to twitch,
    and a person cannot steer a fast robot with them. The rates hold per second, so that
    the keys feel the same at 10 and at 60 steps a second.

    Args:
        rise_per_s: Rate away from zero [1/s].
        fall_per_s: Rate towards zero after the release [1/s].
        reverse_per_s: Rate towards zero while the opposite key is down [1/s].
    """

    def __init__(
        self,
        *,
        rise_per_s: float = RISE_PER_S,
        fall_per_s: float = FALL_PER_S,
        reverse_per_s: float = REVERSE_PER_S,
    ) -> None:
        for name, rate in (
            ("rise_per_s", rise_per_s),
            ("fall_per_s", fall_per_s),
            ("reverse_per_s", reverse_per_s),
        ):
            if not rate > 0:
                raise ValueError(f"{name} must be above 0, got {rate}")
        self._rise_per_s = rise_per_s
        self._fall_per_s = fall_per_s
        self._reverse_per_s = reverse_per_s
        self.value = 0.0

    def reset(self) -> None:
        """Go to rest at once."""
        self.value = 0.0

    def step(self, target: float, dt_s: float) -> float:
        """Move towards a target for some time and return the command.

        Args:
            target: -1, 0 or 1: where the keys point; opposite keys cancel to 0.
            dt_s: Time since the last call [s].
        """
        left_s = max(dt_s, 0.0)
        if self.value * target < 0.0:
            left_s = self._towards(0.0, self._reverse_per_s, left_s)
        if abs(target) < abs(self.value):
            self._towards(target, self._fall_per_s, left_s)
        elif self.value * target >= 0.0:
            self._towards(target, self._rise_per_s, left_s)
        return self.value

    def _towards(self, goal: float, rate_per_s: float, left_s: float) -> float:
        """Move at a rate and return the time that is left after arriving [s]."""
        need_s = abs(goal - self.value) / rate_per_s
        if need_s <= left_s:
            self.value = goal
            return left_s - need_s
        self.value += math.copysign(rate_per_s * left_s, goal - self.value)
        return 0.0
