"""Puts actions on other keys and buttons, one press at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iml_robot.core.errors import ImlRobotError, UsageError
from iml_robot.core.station_settings import ControlSettings
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.bound import NAMES, NOTHING, Bound, Conflict, check_all
from iml_robot.station.settings.catching import catch_control
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage

RESET = "reset to defaults"


class RebindingScreen:
    """Lists what each action is on; the one that is chosen takes the next press.

    Args:
        stage: The window.
        kept: The settings; a change counts at once.
        pads: The pads that are there.
        device: "keyboard" or "gamepad".
        layout: "rover" or "drone".
    """

    def __init__(
        self,
        stage: Stage,
        kept: KeptSettings,
        pads: LivePads,
        *,
        device: str,
        layout: str,
    ) -> None:
        self._stage, self._kept, self._pads = stage, kept, pads
        self._device, self._layout = device, layout
        keys = device == "keyboard"
        title = f"Keys of a {layout}" if keys else "Buttons of a pad"
        self._menu = MenuScreen(stage, title, self._items, watch=self._watch)

    def show(self) -> None:
        """Let the person change bindings until they go back."""
        while True:
            choice = self._menu.wait()
            if choice.action != "choose" or choice.key == "done":
                return
            if choice.key == RESET:
                self._apply(self._bound().reset(), "All as by default again.")
            else:
                self._rebind(choice.key)

    def _watch(self) -> None:
        self._pads.look(self._stage.events)

    def _bound(self) -> Bound:
        return Bound(self._device, self._layout, self._kept.now.controls)

    def _items(self) -> list[Item]:
        bound = self._bound()
        no_pad = self._device == "gamepad" and not self._pads.pads
        refused = "There is no pad; plug one in." if no_pad else ""
        # Only drones that are flown with one hand know shifting.
        lines = [
            Item(
                action,
                NAMES[action],
                bound.label(action) + (" (own)" if bound.changed(action) else ""),
                "Choose, then press what you want it to be on.",
                refused=refused,
            )
            for action in bound.actions()
            if action != "shift"
        ]
        note = "Takes back what you chose for this device."
        return [*lines, Item(RESET, "Reset to defaults", note=note), Item("done", "Done")]

    def _rebind(self, action: str) -> None:
        meaning = NAMES[action]
        control = catch_control(
            self._stage, self._pads, device=self._device, meaning=meaning
        )
        if control is None:
            self._menu.say(f"Nothing was changed: {meaning} stays where it was.")
            return
        if not control:
            self._menu.say("This key has no name, so it cannot be kept; take another one.")
            return
        bound = self._bound()
        conflict = bound.conflict(action, control)
        name = bound.name_of(control)
        try:
            if conflict is None:
                change = bound.assigned(action, control)
            else:
                change = bound.swapped(conflict)
        except UsageError as error:
            self._menu.say(_sentence(error))
            return
        if conflict is None:
            self._apply(change, f"{meaning} is on {name} now.")
        elif self._wants_swap(bound, conflict):
            self._apply(change, f"Swapped: {meaning} is on {name} now.")

    def _wants_swap(self, bound: Bound, conflict: Conflict) -> bool:
        """Say whose control it is, and ask whether both actions shall swap."""
        owner, action = NAMES[conflict.owner], NAMES[conflict.action]
        name, former = bound.name_of(conflict.control), bound.label(conflict.action)
        lines = (
            Item("leave", "Leave all as it was", note=f"{name} stays {owner}."),
            Item(
                "swap",
                f"Swap: {owner} goes to {former}",
                note=f"{name} becomes {action}; {former} becomes {owner}."
                if former != NOTHING
                else f"{name} becomes {action}; {owner} is on nothing then.",
            ),
        )
        title = f"{name} is {owner}, so it cannot be {action}"
        choice = MenuScreen(self._stage, title, lambda: lines, watch=self._watch).wait()
        return choice.action == "choose" and choice.key == "swap"

    def _apply(self, change: Mapping[str, Any], done: str) -> None:
        try:
            held = self._kept.now.controls.model_dump()
            check_all(ControlSettings.model_validate({**held, **change}))
            self._kept.change("controls", change)
        except ImlRobotError as error:
            self._menu.say(_sentence(error))
        else:
            self._menu.say(done)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
