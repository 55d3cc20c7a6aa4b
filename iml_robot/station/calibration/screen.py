"""Leads a person through the calibration of a plain joystick or a transmitter."""

from __future__ import annotations

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import PadSettings
from iml_robot.devices.input.calibration import Calibration, Phase
from iml_robot.devices.input.plain import PlainPad
from iml_robot.station.calibration.drawing import draw_calibration
from iml_robot.station.controls import Control, Controls
from iml_robot.station.stage import Stage

CONTROLS = (
    Control("on", "go on", ("RETURN",)),
    Control("again", "begin again", ("BACKSPACE",)),
    Control("leave", "leave it uncalibrated", ("ESCAPE",)),
)
"""Keys alone: what the buttons of the pad mean is not known yet."""

ON = {
    Phase.ENDS: "all ends were reached",
    Phase.BUTTON: "there is no such button",
    Phase.DONE: "keep it",
}
"""What Enter says in each phase that it ends; the others end by themselves."""

MESSAGE_S = 2.5

_KEYS = (pygame.KEYDOWN, pygame.KEYUP, pygame.WINDOWFOCUSLOST)


class CalibrationScreen:
    """Shows what to do next, and what the axes do.

    Args:
        stage: The window.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._controls = Controls(CONTROLS)
        self._message, self._until_s = "", 0.0

    def calibrate(self, pad: PlainPad, calibration: Calibration) -> PadSettings | None:
        """Go through the steps.

        Args:
            pad: The pad; its events must arrive in the batches of the window.
            calibration: What to find out about it.

        Returns:
            What was found, to be kept under the GUID of the pad. None: the person left it
            or closed the window.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        self._message = ""
        while not stage.closed:
            self._draw(pad, calibration)
            stage.wait()
            self._feed(pad, calibration)
            actions = self._pressed()
            if stage.closed or "leave" in actions:
                return None
            found = self._do(actions, pad, calibration)
            if found is not None:
                return found
        return None

    def _feed(self, pad: PlainPad, calibration: Calibration) -> None:
        for button in pad.take(self._stage.events):
            calibration.press(button)
        # SDL centres the sticks of a pad that was pulled out.
        if not pad.gone:
            calibration.feed(pad.values, self._stage.now_s)

    def _pressed(self) -> tuple[str, ...]:
        keys = [event for event in self._stage.events if event.type in _KEYS]
        pressed = self._controls.read(keys, self._stage.now_s)
        if pressed.unknown:
            self._say(f"'{pressed.unknown[0]}' does nothing here.")
        return pressed.actions

    def _do(
        self, actions: tuple[str, ...], pad: PlainPad, calibration: Calibration
    ) -> PadSettings | None:
        """Do what was pressed; return what was found if that was the last step."""
        if "again" in actions:
            calibration.restart()
        elif "on" in actions and not pad.gone:
            return self._go_on(calibration)
        return None

    def _go_on(self, calibration: Calibration) -> PadSettings | None:
        """Go on by hand; return what was found if that was the last step."""
        if calibration.phase is not Phase.DONE:
            calibration.confirm()
            return None
        try:
            return calibration.result
        except UsageError as error:
            calibration.restart()
            self._say(f"Begun again: {error}.", 4 * MESSAGE_S)
            return None

    def _say(self, line: str, seconds: float = MESSAGE_S) -> None:
        self._message, self._until_s = line, self._stage.now_s + seconds

    def _draw(self, pad: PlainPad, calibration: Calibration) -> None:
        stage = self._stage
        scribe = stage.begin()
        message = self._message if stage.now_s < self._until_s else calibration.problem
        if pad.gone:
            message = "It was pulled out. Esc leaves; plug it in and calibrate it then."
        elif not stage.focused:
            message = "Click into this window: it does not get your keys."
        on = ON.get(calibration.phase)
        keys = [
            (label, on or meaning) if label == "Enter" else (label, meaning)
            for label, meaning in self._controls.bindings(pad=False)
            if label != "Enter" or on
        ]
        draw_calibration(scribe, calibration, pad.name, keys=keys, message=message)
        stage.show()
