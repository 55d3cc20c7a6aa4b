"""Whether the emergency stop and its reset reach the program, through the real devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pygame

from iml_robot.arbitration.rules.hands import RESET_HOLD_S
from iml_robot.core.types import Request
from iml_robot.devices.input.reading import DeviceReading, InputDevice
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.paragraph import SIZES, draw_paragraph
from iml_robot.station.shapes import draw_shape
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe


class StopTest:
    """Follows one stop and one reset; no pixels in here.

    Attributes:
        stopped: Whether the stop was pressed.
        done: Whether it was reset after that.
        say: What to do next.
    """

    def __init__(self) -> None:
        self.stopped = self.done = False
        self.say = "Press the emergency stop."
        self._held_since_s: float | None = None

    def look(self, readings: Sequence[DeviceReading], now_s: float) -> None:
        """Take in what the devices say now."""
        requests = frozenset[Request]().union(*(r.requests for r in readings))
        if Request.EMERGENCY_STOP in requests:
            self.stopped, self._held_since_s = True, None
            self.say = "Stopped. Now hold the reset."
        if not self.stopped or self.done:
            return
        if Request.RESET not in requests:
            self._held_since_s = None
            return
        if any(reading.moving for reading in readings):
            self._held_since_s = None
            self.say = "Let go of sticks and steering keys, then hold the reset."
            return
        since_s = now_s if self._held_since_s is None else self._held_since_s
        self._held_since_s = since_s
        self.done = now_s - since_s >= RESET_HOLD_S


def try_stop(
    stage: Stage, pads: LivePads, devices: Callable[[], Sequence[InputDevice]]
) -> bool:
    """Let the person stop and reset once; return whether both arrived.

    Args:
        stage: The window.
        pads: The pads that are there; closed meanwhile, so that the devices get them.
        devices: Makes the devices as the session does.
    """
    test, held = StopTest(), pads.opened
    pads.close()
    made = devices()
    for device in made:
        device.open()
    # What is not plugged in would only send people looking for it.
    labels = [_labels(device) for device in made if device.read().connected]

    def watch() -> str | None:
        test.look([device.read() for device in made], stage.now_s)
        return "done" if test.done else None

    def beside(scribe: Scribe, area: pygame.Rect) -> None:
        _draw(scribe, area, test, labels)

    leave = Item("leave", "Leave without a test")
    # START of a pad may be the reset, so that it must not lead back.
    menu = MenuScreen(
        stage,
        "Emergency stop and reset",
        lambda: (leave,),
        beside=beside,
        watch=watch,
        back=False,
    )
    try:
        menu.wait()
    finally:
        for device in made:
            device.close()
        if held:
            pads.open()
    return test.done


def _labels(device: InputDevice) -> tuple[str, str]:
    """Return what stops and what resets on a device."""
    lines = device.bindings()
    stop = next((label for label, text in lines if "EMERGENCY" in text), "")
    reset = next((label for label, text in lines if "reset" in text), "")
    return stop, reset


def _draw(
    scribe: Scribe, area: pygame.Rect, test: StopTest, labels: Sequence[tuple[str, str]]
) -> None:
    style = scribe.theme.modes
    shown = next(s for s in style.values() if s.shape == "octagon")
    size = min(area.height // 3, scribe.px(150))
    spot = (area.centerx, area.top + size // 2)
    colour = shown.colour if test.stopped else scribe.theme.line
    draw_shape(scribe.surface, shown.shape, spot, size, colour)
    text = pygame.Rect(area.left, area.top + size + scribe.px(20), area.width, 0)
    text.height = area.bottom - text.top
    place = 1 if test.stopped else 0
    keys = " or ".join(label[place] for label in labels if label[place])
    draw_paragraph(scribe, text, (test.say, f"Here: {keys}."), sizes=(24.0, *SIZES))
