"""A person with a keyboard and a gamepad, as the arbiter sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Box

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean, option_names
from iml_robot.core.station_settings import StationSettings
from iml_robot.core.types import FloatArray, Link, OperatorSignal, Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.reading import (
    COMMAND_AXES,
    DeviceReading,
    InputDevice,
    Rumbling,
    Switched,
    abandoned,
)
from iml_robot.devices.input.recording import ALONE, Around, Final, RecordingWriter
from iml_robot.devices.input.rumble import Rumble
from iml_robot.operators import OPERATORS

#: Directions of the parts of an action by their number: speed and turn of a rover;
#: forward, left, up and turn of a drone.
_DEFAULT_AXES: Mapping[int, tuple[str, ...]] = {
    1: ("forward",),
    2: ("forward", "turn"),
    4: ("forward", "left", "up", "turn"),
}

#: Input older than this is no input [s].
STALE_S = 0.25


class PersonalControlsError(UsageError):
    """What a person likes cannot be used, and what is usual could."""


@OPERATORS.register("human")
class HumanOperator:
    """Turns what the hands do into actions and requests.

    Several devices may be there, one of them steers: the one that moved last. It keeps
    steering while it is deflected or gripped, so that a bump against another device
    changes nothing; the dead-man control of the other one takes over all the same. Stop
    and other requests count from every device.

    Args:
        env: Environment with a `Box` action space.
        pump: Source of the events, shared with the window; None makes a new one.
        devices: Names of the devices, the most important first.
        device_options: Options of the devices by their names.
        axes: Which direction each part of an action follows: "forward", "left", "up" or
            "turn", with "-" in front to reverse it; None guesses by their number.
        pump_events: Whether `advise` collects the events of its step. False leaves that
            to somebody else, whose silence is then noticed.
        settings: What the person likes, of which controls and rumbling count here;
            options of the devices go before it. None: what is usual.
        record: File to write what the person does to, for the device `playback`; "": none.

    Raises:
        PersonalControlsError: If nothing but the settings is wrong.
        UsageError: If the environment cannot be steered, or an option is wrong.
    """

    def __init__(
        self,
        env: Any,
        *,
        pump: EventPump | None = None,
        devices: Sequence[str] = ("gamepad", "keyboard"),
        device_options: Mapping[str, Mapping[str, Any]] | None = None,
        axes: Sequence[str] | None = None,
        pump_events: bool = True,
        settings: StationSettings | None = None,
        record: str = "",
    ) -> None:
        if not devices:
            raise UsageError("a human operator needs a device, got none; name one")
        self.pump = pump or EventPump()
        self._axes = _checked_axes(env.action_space, axes)
        self._pump_events = pump_events
        self._layout = (
            "drone" if {"left", "up"} & {name for name, _ in self._axes} else "rover"
        )
        chosen = [(name, (device_options or {}).get(name, {})) for name in devices]
        self._devices = _built(self.pump, chosen, self._layout, settings)
        self._record = record
        self._recording: RecordingWriter | None = None
        self._said: tuple[DeviceReading, Around] | None = None
        self._final: Final | None = None
        self._active = len(devices) - 1
        self._gripping = [False] * len(devices)
        self._connected = [True] * len(devices)
        self._engaged = False
        self._asked = False
        self._is_open = False
        self._warning = ""

    @property
    def warning(self) -> str:
        """What is wrong with a device and what to do, for display; "" if nothing is."""
        return self._warning

    def open(self) -> None:
        """Start to listen to the devices; `reset` does it as well."""
        if not self._is_open:
            for device in self._devices:
                device.open()
            self._is_open = True
            if self._record and self._recording is None:
                self._recording = RecordingWriter(Path(self._record))
                self._recording.start(self._layout, self.bindings())

    def close(self) -> None:
        """Let go of the devices; must come before the window closes pygame."""
        for device in self._devices:
            device.close()
        self._write()
        if self._recording is not None:
            self._recording.close()
        self._is_open = False

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode: presses of the time in between are forgotten.

        Controls that are held stay held, and a stop that was asked for stays asked for.
        """
        self.open()
        self._write()
        for device in self._devices:
            device.reset()
        if self._recording is not None:
            self._recording.reset(seed)

    def look(self) -> None:
        """Look which devices are there, between episodes."""
        self._connected = [device.read().connected for device in self._devices]

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label, meaning), of devices that are there."""
        return [
            line
            for device, connected in zip(self._devices, self._connected, strict=True)
            if connected
            for line in device.bindings()
        ]

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step.

        Raises:
            InfrastructureError: If no window is open.
        """
        self._look_at_events()
        played = self.played
        self._shake(asking=bool(info.get("asking")))
        readings = [_sound(device.read()) for device in self._devices]
        self._connected = [reading.connected for reading in readings]
        self._warning = next((r.warning for r in readings if r.warning), "")
        requests = frozenset[Request]().union(*(reading.requests for reading in readings))
        if self.pump.quit_requested:
            requests |= {Request.QUIT}
        evaluations = [r.evaluation for r in readings if r.evaluation is not None]
        # The device that steered until now is looked at first: if it is gone, that is
        # said at this very step, whoever else is ready to steer.
        steering = readings[self._active]
        link = self._link(steering)
        self._steer_with(self._choose(readings))
        if link is not Link.DEVICE_REMOVED:
            steering = readings[self._active]
        self._gripping = [reading.gripping for reading in readings]
        self._engaged = readings[self._active].engaged
        said = replace(
            steering,
            requests=requests,
            evaluation=evaluations[0] if evaluations else None,
            link=link,
        )
        self._write()
        self._said = said, ALONE
        # Who takes over from a recording does what they do, and not what it says.
        plays = hasattr(self._devices[self._active], "around")
        self._final = played.final if plays else None
        return self._signal(said, link)

    @property
    def played(self) -> Around:
        """What the next step depended on, where a recording is played back."""
        found = (getattr(device, "around", None) for device in self._devices)
        return next((around for around in found if around is not None), ALONE)

    @property
    def final(self) -> Final | None:
        """What reached the arbiter when the last answer was recorded; None: not known."""
        return self._final

    def witness(self, around: Around) -> None:
        """Take in what the last answer depended on besides, for the recording."""
        if self._said is not None:
            self._said = self._said[0], around

    def _write(self) -> None:
        """Record the last answer: by now it is known what became of it."""
        if self._recording is not None and self._said is not None:
            self._recording.add(*self._said)
        self._said = None

    def _signal(self, said: DeviceReading, link: Link) -> OperatorSignal:
        return OperatorSignal(
            action=self._action(said) if said.connected else None,
            moving=said.moving and said.connected,
            gripping=said.gripping and said.connected,
            requests=said.requests,
            link=link,
            age_s=self._age_s(said),
            evaluation=said.evaluation,
            device=said.name,
        )

    def _look_at_events(self) -> None:
        """Collect the events, unless somebody else does or nobody needs any."""
        listening = any(getattr(device, "listens", True) for device in self._devices)
        # A recording plays without a window; where there is one, it wants its events.
        if self._pump_events and (listening or self.pump.window_open):
            self.pump.pump()

    def _shake(self, *, asking: bool) -> None:
        """Tell the hands when the robot begins to ask."""
        if asking and not self._asked:
            for device in self._devices:
                if isinstance(device, Rumbling):
                    device.rumble(Rumble.TAKEOVER_REQUEST)
        self._asked = asking

    def _steer_with(self, index: int) -> None:
        """Let a device steer; one that steered until now lets go."""
        before, self._active = self._devices[self._active], index
        if before is not self._devices[index] and isinstance(before, Switched):
            # Otherwise its switched grip would steer again as soon as this one rests.
            before.release()

    def _age_s(self, reading: DeviceReading) -> float:
        return max(self.pump.clock() - reading.time_s, 0.0)

    def _link(self, active: DeviceReading) -> Link:
        if active.link is not None:
            return active.link
        if active.lost or not active.connected:
            return Link.DEVICE_REMOVED
        if not self.pump.focused:
            return Link.FOCUS_LOST
        if self._age_s(active) > STALE_S:
            return Link.STALE
        return Link.OK

    def _choose(self, readings: Sequence[DeviceReading]) -> int:
        """Return which device steers from now on."""
        for index, reading in enumerate(readings):
            pressed = reading.gripping and not self._gripping[index]
            if index != self._active and reading.connected and pressed:
                return index
        if readings[self._active].engaged and self._engaged:
            return self._active
        wanting = [i for i, reading in enumerate(readings) if reading.engaged]
        if wanting:
            return wanting[0]
        if not _usable(readings[self._active]):
            there = [i for i, reading in enumerate(readings) if _usable(reading)]
            return there[0] if there else self._active
        return self._active

    def _action(self, reading: DeviceReading) -> FloatArray:
        return np.asarray(
            [sign * getattr(reading, name) for name, sign in self._axes], dtype=np.float32
        )


def _built(
    pump: EventPump,
    chosen: Sequence[tuple[str, Mapping[str, Any]]],
    layout: str,
    settings: StationSettings | None,
) -> list[InputDevice]:
    """Return the devices with what the task and the person say.

    Args:
        pump: Source of the events.
        chosen: Names of the devices, and what the task says about each.
        layout: "rover" or "drone".
        settings: What the person likes.

    Raises:
        PersonalControlsError: If nothing but the settings is wrong.
        UsageError: If an option is wrong.
    """

    def build(liked: StationSettings) -> list[InputDevice]:
        offered = {
            "layout": layout,
            "settings": liked.controls,
            "rumble": liked.feedback.rumble,
        }
        devices = []
        for name, own in chosen:
            known = option_names(DEVICES.get(name))
            taken = {key: value for key, value in offered.items() if key in known}
            devices.append(DEVICES.build(name, pump, options={**taken, **own}))
        return devices

    usual = StationSettings()
    if settings is None:
        return build(usual)
    try:
        return build(settings)
    except UsageError as error:
        # Whoever is at fault is found by trying without what the person likes.
        build(usual)
        raise PersonalControlsError(f"your own controls cannot be used: {error}") from error


def _usable(reading: DeviceReading) -> bool:
    """Return whether somebody could steer with a device."""
    return reading.connected and reading.link is not Link.STALE


def _sound(reading: DeviceReading) -> DeviceReading:
    """Return a reading without numbers that are none, which count as no input at all."""
    if all(math.isfinite(getattr(reading, name)) for name in COMMAND_AXES):
        return reading
    return abandoned(
        replace(reading, warning=f"{reading.name} sends no numbers; plug it in again")
    )


def _checked_axes(space: Any, axes: Sequence[str] | None) -> list[tuple[str, float]]:
    """Return direction and sign of each part of an action."""
    if not isinstance(space, Box) or len(space.shape) != 1:
        raise UsageError(
            f"a person can steer actions that are a vector of numbers, got {space}; "
            "wrap the environment so that its action space is a one-dimensional Box"
        )
    size = space.shape[0]
    names = axes if axes is not None else _DEFAULT_AXES.get(size, ())
    if len(names) != size:
        raise UsageError(
            f"the action has {size} parts, got axes for {len(names)}; set operator.axes "
            f"to a list with one of {', '.join(COMMAND_AXES)} for each part"
        )
    parsed = [(name.removeprefix("-"), -1.0 if name[:1] == "-" else 1.0) for name in names]
    for name, _ in parsed:
        if name not in COMMAND_AXES:
            raise UsageError(
                f"no direction is called {name!r}{did_you_mean(name, COMMAND_AXES)}"
            )
    return parsed
