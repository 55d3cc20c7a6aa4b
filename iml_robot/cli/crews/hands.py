"""What the person at the window has in their hands: devices, a pencil and a menu."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from iml_robot.cli.crews.pausing import PausingOperator
from iml_robot.core.config import RunConfig
from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import StationSettings
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.drawing.drawing import DrawingOperator, can_follow
from iml_robot.operators.human import PersonalControlsError
from iml_robot.operators.pressing import person_at
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.pause.choices import PauseChoice
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.screen import SettingsScreen
from iml_robot.station.settings.wizard import calibrate_a_pad
from iml_robot.station.stage import Stage
from iml_robot.station.window_controls import WindowControls
from iml_robot.station.window_keys import for_devices

LOGGER = logging.getLogger(__name__)

_DRONE_PARTS = 4
"""So many parts have the actions of what flies, where nobody says what they mean."""


class Person:
    """The person as they steer, with devices that can be made anew at any time.

    Args:
        make: Makes the operator with its devices, closed.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._now = make()

    def __getattr__(self, name: str) -> Any:
        """Return what the present operator offers besides."""
        return getattr(self._now, name)

    def renew(self) -> None:
        """Make the operator anew; whoever closed the old one opens this one."""
        self._now = self._make()

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        self._now.reset(seed=seed)

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label, meaning)."""
        bound: list[tuple[str, str]] = self._now.bindings()
        return bound

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step."""
        signal: OperatorSignal = self._now.advise(observation, policy_action, info)
        return signal


class Hands:
    """Everything that a person steers, draws and chooses with.

    Args:
        env: The environment.
        settings: The configuration.
        pump: Source of the events.
        kept: What the person likes.
        obey: Called with each choice in the pause menu.

    Attributes:
        menu: The pause menu.
        controls: What the window does by a press, as long as the devices hold.
        sketch: What is drawn on the map; None: no robot follows paths here.
        operator: The person, as the loop asks them.
        trouble: Why the person's own controls do not hold; "" if they do.
    """

    def __init__(
        self,
        env: Any,
        settings: RunConfig,
        pump: EventPump,
        *,
        kept: KeptSettings,
        obey: Callable[[PauseChoice], None],
    ) -> None:
        self._env, self._settings = env, settings
        self._pump, self._kept = pump, kept
        self.trouble = ""
        self.menu = PauseMenu()
        self.controls = WindowControls()
        self.sketch = Sketch(pump) if can_follow(env) else None
        self._person = Person(self._made)
        steering: Any = self._person
        if self.sketch is not None:
            steering = DrawingOperator(steering, env, self.sketch)
        self.operator = PausingOperator(steering, self.menu, pump, obey)

    @property
    def warning(self) -> str:
        """What is wrong with a device or a path; "" for nothing."""
        words = "" if self.sketch is None else self.sketch.words
        return words or str(getattr(self._person, "warning", ""))

    def renew(self) -> None:
        """Make the devices anew, by what the person likes now; closed ones only."""
        self._person.renew()

    def open(self) -> None:
        """Start to listen to the devices."""
        self._person.open()

    def close(self) -> None:
        """Let go of the devices; must come before the window closes pygame."""
        if self.sketch is not None:
            self.sketch.close()
        self._person.close()

    def change_settings(self, stage: Stage) -> None:
        """Let the person change what they like; other controls hold from then on."""
        self._person.close()
        pads = LivePads()
        pads.open(dict(self._kept.now.controls.pads))
        try:
            wizard = partial(calibrate_a_pad, stage, self._kept, pads)
            SettingsScreen(stage, self._kept, pads, calibrate=wizard).show()
        finally:
            pads.close()
            self._person.renew()
            self._person.open()

    def _made(self) -> Any:
        """Return the operator with the person's own controls, or with the usual ones."""
        options = dict(self._settings.operator.options)
        try:
            self.trouble = ""
            return self._with(self._kept.now, options)
        except PersonalControlsError as error:
            self.trouble = str(error)
            LOGGER.warning("%s; the usual ones hold", error)
            usual = self._kept.now.model_copy(
                update={"controls": type(self._kept.now.controls)()}
            )
            return self._with(usual, options)

    def _with(self, liked: StationSettings, options: dict[str, Any]) -> Any:
        actions = self._settings.env.actions
        try:
            controls = WindowControls(
                layout_of(self._env, options),
                liked.controls,
                taken=_taken(actions, options),
            )
        except UsageError as error:
            told = f"your own controls cannot be used: {error}"
            raise PersonalControlsError(told) from error
        driving = liked.model_copy(update={"controls": for_devices(liked.controls)})
        made = person_at(self._env, actions, pump=self._pump, settings=driving, **options)
        self.controls = controls
        self.menu.stops = _stops(controls, options)
        return made


def layout_of(env: Any, options: Mapping[str, Any]) -> str:
    """Return whether the robot is steered like a "rover" or a "drone".

    Args:
        env: The environment.
        options: Options of the operator.
    """
    axes = options.get("axes")
    if axes is None:
        shape = env.action_space.shape
        return "drone" if shape and shape[0] == _DRONE_PARTS else "rover"
    return "drone" if {"left", "up"} & {str(a).removeprefix("-") for a in axes} else "rover"


def _taken(actions: Any, options: Mapping[str, Any]) -> set[str]:
    """Return the keys that the task uses for something of its own."""
    keys = {key for what in actions or () for key in str(what).split("+")}
    for names in _own(options, "keyboard", "keys").values():
        keys |= {names} if isinstance(names, str) else set(names)
    return keys


def _stops(controls: WindowControls, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys and buttons that stop the robot, by the task or by the person."""
    named: list[str] = []
    for device, option in (("keyboard", "keys"), ("gamepad", "buttons")):
        names = _own(options, device, option).get("emergency_stop", [])
        named += [names] if isinstance(names, str) else list(names)
    return (*controls.stops, *named)


def _own(options: Mapping[str, Any], device: str, option: str) -> Mapping[str, Any]:
    told = (options.get("device_options") or {}).get(device) or {}
    return told.get(option) or {}
