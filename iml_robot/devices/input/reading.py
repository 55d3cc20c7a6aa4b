"""What every input device says at one control step, whatever robot it steers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from iml_robot.core.types import Link, Request
from iml_robot.devices.input.rumble import Rumble

#: Directions of a command, each in [-1, 1], in the frame of the robot.
COMMAND_AXES = ("forward", "left", "up", "turn")

#: Requests that are kept when waiting presses are thrown away: a stop that was asked
#: for between two episodes must still stop the robot.
LASTING_REQUESTS = frozenset({Request.EMERGENCY_STOP, Request.QUIT})


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """State of one input device, independent of the robot.

    Attributes:
        name: Name of the device, for display.
        connected: True while the device is there.
        lost: True if the device vanished since the last reading, even if it is back.
        forward: Speed forwards, in [-1, 1] of the greatest speed.
        left: Speed to the left, in [-1, 1]; rovers have none.
        up: Climb rate, in [-1, 1]; rovers have none.
        turn: Yaw rate, counter-clockwise (to the left) positive, in [-1, 1].
        moving: True while a stick or movement key is deflected.
        gripping: True while the dead-man control is held.
        requests: Requests since the last reading; RESET while its control is held.
        evaluation: Scalar feedback in [-1, 1] since the last reading, or None.
        time_s: Monotonic time at which the device was looked at [s].
        link: Whether the person could reach the robot, where the device knows that
            itself; None: the focus of the window and the age of the input tell.
        warning: What is wrong with the device and what to do, for display; "" if
            nothing is.
    """

    name: str
    connected: bool = True
    lost: bool = False
    forward: float = 0.0
    left: float = 0.0
    up: float = 0.0
    turn: float = 0.0
    moving: bool = False
    gripping: bool = False
    requests: frozenset[Request] = frozenset()
    evaluation: float | None = None
    time_s: float = 0.0
    link: Link | None = None
    warning: str = ""

    @property
    def engaged(self) -> bool:
        """True while somebody wants to drive with this device."""
        return self.connected and (self.moving or self.gripping)


def abandoned(reading: DeviceReading) -> DeviceReading:
    """Return a reading of which nothing counts as steering any more, only requests."""
    return replace(
        reading,
        forward=0.0,
        left=0.0,
        up=0.0,
        turn=0.0,
        moving=False,
        gripping=False,
        link=Link.STALE,
    )


class InputDevice(Protocol):
    """Something that a person steers with.

    A device is built with the `EventPump` whose batches it reads, and options by
    keyword, of which it gets `layout`, `settings` and `rumble` if it takes them.
    """

    @property
    def name(self) -> str:
        """Name for display; of a pad, what it calls itself."""
        ...

    def open(self) -> None:
        """Start to listen; calling it again does nothing."""
        ...

    def close(self) -> None:
        """Stop to listen and let go of the hardware."""
        ...

    def reset(self) -> None:
        """Forget presses that nobody has read, except those that must last.

        Controls that are held stay held, because they are.
        """
        ...

    def read(self) -> DeviceReading:
        """Return the state now, and every press since the last call."""
        ...

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label of the control, meaning)."""
        ...


@runtime_checkable
class Rumbling(Protocol):
    """A device that hands can feel, if it likes to be one."""

    def rumble(self, pattern: Rumble) -> None:
        """Shake, or do nothing where the hardware cannot."""
        ...


@runtime_checkable
class Switched(Protocol):
    """A device whose dead-man control may stay on after its release."""

    def release(self) -> None:
        """Let go, because another device steers now."""
        ...
