"""Where the controls of a calibrated pad are, and whether its calibration can be true."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import AxisRange, PadSettings
from iml_robot.devices.input.mapping import STICK_AXES, TRIGGERS, Link, parse_link

SHORTEST_TRAVEL = 0.25
"""Travel of an axis to each side of its rest that can be steered with, of 1. Half the way
of a common stick; what moves less is noise, or a stick that was not moved to its end."""


_WHOLE = AxisRange(source="a0")


@dataclass(frozen=True, slots=True)
class RangeLink(Link):
    """An axis with ends and a centre of its own.

    Attributes:
        range: What was measured.
    """

    range: AxisRange = _WHOLE

    def apply(self, value: float) -> float:
        """Return the value of the control for a value of the axis.

        Returns:
            For a stick in [-1, 1], right and down positive as SDL counts; for a trigger
            in [0, 1].
        """
        if self.control in TRIGGERS:
            # It rests at an end, so that there is nothing to either side of its centre.
            pulled = (value - self.range.low) / (self.range.high - self.range.low)
            pulled = min(max(pulled, 0.0), 1.0)
            return 1.0 - pulled if self.range.reversed else pulled
        share = normalised(self.range, value)
        return -share if self.control.endswith("y") else share


def normalised(axis: AxisRange, value: float) -> float:
    """Return a value of an axis in [-1, 1]: 1 is right, up or pressed, 0 is rest.

    Args:
        axis: What was measured.
        value: What the axis says.
    """
    side = axis.high if value > axis.centre else axis.low
    span = abs(side - axis.centre)
    share = (value - axis.centre) / span if span else 0.0
    share = min(max(share, -1.0), 1.0)
    return -share if axis.reversed else share


def calibrated_links(pad: PadSettings, needed: Collection[str]) -> list[Link]:
    """Return where the controls are.

    Args:
        pad: What was found out about the pad.
        needed: Stick axes without which nobody can steer.

    Raises:
        UsageError: If the calibration cannot be true, or lacks a stick that is needed.
    """
    missing = sorted(set(needed) - set(pad.axes))
    if missing:
        raise UsageError(f"nothing is known about {', '.join(missing)}; calibrate it again")
    links: list[Link] = [_range_link(name, axis) for name, axis in pad.axes.items()]
    links += [parse_link(control, source) for control, source in pad.buttons.items()]
    owners: dict[tuple[str, int, int], str] = {}
    for link in links:
        owner = owners.setdefault((link.kind, link.number, link.bit), link.control)
        if owner != link.control:
            raise UsageError(
                f"{owner} and {link.control} are on the same input; calibrate it again"
            )
    return links


def _range_link(control: str, axis: AxisRange) -> RangeLink:
    line = parse_link(control, axis.source)
    if control not in (*STICK_AXES, *TRIGGERS) or line.kind != "a":
        raise UsageError(
            f"{control} cannot be on {axis.source!r}: only sticks and triggers are on axes"
        )
    travels = (axis.centre - axis.low, axis.high - axis.centre)
    # A trigger rests at one of its ends.
    too_short = max(travels) if control in TRIGGERS else min(travels)
    if min(travels) < 0 or too_short < SHORTEST_TRAVEL:
        raise UsageError(
            f"{control} goes from {axis.low:.2f} over {axis.centre:.2f} to "
            f"{axis.high:.2f}; it must move {SHORTEST_TRAVEL:g} or more "
            "to each side of its rest"
        )
    return RangeLink(control=control, kind="a", number=line.number, range=axis)
