"""Lets a person change what they like, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pygame

from iml_robot.core.errors import ImlRobotError, UsageError
from iml_robot.core.station_settings import ControlSettings
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import Choice, MenuScreen
from iml_robot.station.settings.bound import check_all
from iml_robot.station.settings.curve_graph import draw_curve
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.pages import (
    CONTROLS,
    CURVE,
    DISPLAY,
    FEEDBACK,
    WORKLOAD,
    SettingsPage,
)
from iml_robot.station.settings.rebinding import RebindingScreen
from iml_robot.station.settings.samples import draw_colours
from iml_robot.station.settings.sticks_picture import draw_sticks
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe

Calibrate: TypeAlias = Callable[[], str]

PAGES = {page.key: page for page in (DISPLAY, FEEDBACK, CONTROLS, WORKLOAD)}
_BACK = Item("back", "Back")
_BOTH_STICKS = 400
"""Height that the sticks of rover and drone need below each other [design pixels]."""
_MORE = (
    Item("rover", "Keys of a rover", note="Put actions on other keys."),
    Item("drone", "Keys of a drone", note="Put actions on other keys."),
    Item("buttons", "Buttons of a pad", note="Put actions on other buttons."),
    Item("curve", "Curve of the sticks", note=CURVE.note),
)


class SettingsScreen:
    """Shows the settings; a change counts at once and is kept.

    Args:
        stage: The window.
        kept: The settings.
        pads: The pads that are there.
        calibrate: Opens the wizard that measures a pad and returns what to say about
            it; None: there is none.
    """

    def __init__(
        self,
        stage: Stage,
        kept: KeptSettings,
        pads: LivePads,
        *,
        calibrate: Calibrate | None = None,
    ) -> None:
        self._stage, self._kept, self._pads = stage, kept, pads
        self._calibrate = calibrate

    def show(self) -> None:
        """Let the person look around until they go back or close the window."""
        lines = [Item(page.key, page.title, note=page.note) for page in PAGES.values()]
        where = self._kept.path
        note = f"Kept in {where}." if where is not None else "Forgotten at the end."
        lines.append(Item("back", "Back", note=note))
        menu = MenuScreen(self._stage, "Settings", lambda: lines, watch=self._watch)
        while True:
            choice = menu.wait()
            if choice.action != "choose" or choice.key == "back":
                return
            self._page(PAGES[choice.key])

    def _watch(self) -> None:
        self._pads.look(self._stage.events)

    def _page(self, page: SettingsPage) -> None:
        """Show a page until the person goes back."""
        beside = {"display": self._colours, "controls": self._sticks, "curve": self._graph}
        menu = MenuScreen(
            self._stage,
            page.title,
            lambda: self._items(page),
            beside=beside.get(page.key),
            watch=self._watch,
        )
        while True:
            choice = menu.wait()
            if choice.action not in ("choose", "less", "more") or choice.key == "back":
                return
            if not self._opened(choice, menu):
                self._step(page, choice, menu)

    def _items(self, page: SettingsPage) -> list[Item]:
        lines = [setting.item(self._kept.now) for setting in page.settings]
        if page is CONTROLS:
            lines += _MORE
            missing = "" if self._pads.pads else "There is no pad; plug one in."
            if self._calibrate is not None:
                note = "Measures where a pad, joystick or transmitter ends and rests."
                lines.append(Item("calibrate", "Calibrate a pad", "", note, False, missing))
        if page in (CONTROLS, CURVE):
            note = "Takes back what was changed here; calibrated pads stay."
            lines.append(Item("defaults", "Reset to defaults", note=note))
        return [*lines, _BACK]

    def _opened(self, choice: Choice, menu: MenuScreen) -> bool:
        """Open what a line leads to; return whether it leads anywhere."""
        key = choice.key
        if key in ("rover", "drone", "buttons"):
            device = "gamepad" if key == "buttons" else "keyboard"
            layout = "rover" if key == "buttons" else key
            RebindingScreen(
                self._stage, self._kept, self._pads, device=device, layout=layout
            ).show()
        elif key == "curve":
            self._page(CURVE)
        elif key == "calibrate" and self._calibrate is not None:
            menu.say(self._calibrate())
        elif key == "defaults":
            self._reset(menu)
        else:
            return False
        return True

    def _step(self, page: SettingsPage, choice: Choice, menu: MenuScreen) -> None:
        setting = next(s for s in page.settings if s.name == choice.key)
        steps = -1 if choice.action == "less" else 1
        change = setting.stepped(self._kept.now, steps)
        if setting.section == "controls":
            try:
                self._check(change)
            except UsageError as error:
                menu.say(f"{str(error).capitalize()}. Nothing was changed.")
                return
        self._apply(setting.section, change, menu)

    def _check(self, change: Mapping[str, Any]) -> None:
        """Refuse other hands whose keys are taken by own bindings."""
        held = self._kept.now.controls.model_dump()
        check_all(ControlSettings.model_validate({**held, **change}))

    def _reset(self, menu: MenuScreen) -> None:
        usual = ControlSettings().model_dump()
        usual["pads"] = self._kept.now.controls.model_dump()["pads"]
        self._apply("controls", usual, menu)
        menu.say("Keys, buttons, sticks and curves are as by default again.")

    def _apply(self, section: str, change: Mapping[str, Any], menu: MenuScreen) -> None:
        try:
            self._kept.change(section, change)
        except ImlRobotError as error:
            menu.say(f"Holds until the end of the program only: {error}.")

    def _colours(self, scribe: Scribe, area: pygame.Rect) -> None:
        draw_colours(scribe, area)

    def _sticks(self, scribe: Scribe, area: pygame.Rect) -> None:
        controls = self._kept.now.controls
        value = self._pads.pads[0].value if self._pads.pads else None
        if area.height < scribe.px(_BOTH_STICKS):
            draw_sticks(scribe, area, controls, "drone", value)
            return
        upper = pygame.Rect(area.left, area.top, area.width, area.height // 2)
        lower = pygame.Rect(area.left, upper.bottom, area.width, area.height // 2)
        draw_sticks(scribe, upper, controls, "rover", value)
        draw_sticks(scribe, lower, controls, "drone", value)

    def _graph(self, scribe: Scribe, area: pygame.Rect) -> None:
        draw_curve(scribe, area, self._kept.now.controls.curve, self._pads.stick())
