"""Waits for the key or button that a person chooses for an action."""

from __future__ import annotations

from functools import cache

import pygame

from iml_robot.station.menus.drawing import MenuAreas
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_strip

PATIENCE_S = 6.0
"""Nothing pressed for this long: all stays as it was [s]. No key can stand for that,
since each may be the one that is wanted."""


def catch_control(stage: Stage, pads: LivePads, *, device: str, meaning: str) -> str | None:
    """Return the name of the next key or button; None: nobody pressed any.

    Args:
        stage: The window.
        pads: The pads that are there.
        device: "keyboard" or "gamepad": what is waited for.
        meaning: What the control is for.
    """
    stage.enter()
    end_s = stage.now_s + PATIENCE_S
    while not stage.closed and stage.now_s < end_s:
        _draw(stage, device, meaning, end_s - stage.now_s)
        stage.wait()
        pads.look(stage.events)
        keys = [e for e in stage.events if e.type == pygame.KEYDOWN]
        if device == "gamepad":
            if pads.pressed:
                return pads.pressed[0]
            if any(event.key == pygame.K_ESCAPE for event in keys):
                return None
            continue
        if pads.pressed:
            return None
        for event in keys:
            return place_name(event)
    return None


def place_name(event: pygame.event.Event) -> str:
    """Return the name of the place of a pressed key on a US keyboard, as settings have it.

    Returns:
        "" for a key that has no name.
    """
    return _places().get(event.scancode, "")


@cache
def _places() -> dict[int, str]:
    """Return the names of keys by scancode; of two names for a key, the shorter."""
    names = sorted(
        (name for name in dir(pygame) if name.startswith("KSCAN_")), key=len, reverse=True
    )
    places = {getattr(pygame, name): name.removeprefix("KSCAN_") for name in names}
    places.pop(pygame.KSCAN_UNKNOWN, None)
    return places


def _draw(stage: Stage, device: str, meaning: str, left_s: float) -> None:
    scribe = stage.begin()
    keyboard = device == "keyboard"
    other = "any pad button" if keyboard else "Esc"
    keys = [(other, f"leave it as it was (so does waiting: {left_s:.0f} s)")]
    areas = MenuAreas.of(scribe, keys, beside=False)
    what = "key" if keyboard else "button"
    scribe.write(f"Press the new {what}", areas.title, 28, bold=True)
    line = pygame.Rect(areas.list.left, 0, areas.list.width, scribe.px(48))
    line.centery = areas.list.centery
    scribe.write(f"for: {meaning}", line, 26, align="centre", colour=scribe.theme.policy)
    draw_strip(scribe, areas.keys, keys)
    stage.show()
