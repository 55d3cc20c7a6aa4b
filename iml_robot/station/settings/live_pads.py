"""The pads that are plugged in, as the screens before and beside the drive see them."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pygame

from iml_robot.core.station_settings import PadSettings
from iml_robot.devices.input.finding import PadKnowledge, find_pads
from iml_robot.devices.input.mapping import STICK_AXES
from iml_robot.devices.input.pads import Pad, start_controllers, stop_controllers


class LivePads:
    """Holds on to every pad, so that its buttons reach the menus and its sticks are seen.

    The devices that drive start the controllers of SDL anew, after which older handles
    are deaf. So close this one before they open, and open it again after they closed.
    """

    def __init__(self) -> None:
        self._controllers: ModuleType | None = None
        self._knowledge = PadKnowledge()
        self._pads: list[Pad] = []
        self._pressed: tuple[str, ...] = ()
        self._open = False

    @property
    def opened(self) -> bool:
        """Whether the pads are held."""
        return self._open

    @property
    def pressed(self) -> Sequence[str]:
        """Buttons, and triggers as buttons, that were pressed in the newest batch."""
        return self._pressed

    @property
    def pads(self) -> Sequence[Pad]:
        """The pads that are there, the one that drives first."""
        return tuple(self._pads)

    def open(self, known: dict[str, PadSettings] | None = None) -> None:
        """Take hold of the pads that are there.

        Args:
            known: What was found out about pads, by their GUID; None: as before.
        """
        if known is not None:
            self._knowledge = PadKnowledge(pads=known)
        if self._open:
            return
        self._controllers = start_controllers()
        self._open = True
        self._find()

    def close(self) -> None:
        """Let go of the pads; harmless when that was done already."""
        self._pads.clear()
        if self._open:
            stop_controllers(self._controllers)
        self._open = False

    def look(self, events: Sequence[pygame.event.Event]) -> None:
        """Take in the events of one batch: movements, new pads, pads that are gone."""
        if not self._open:
            return
        search = False
        pressed: list[str] = []
        for event in events:
            search = search or event.type == pygame.JOYDEVICEADDED
            for pad in self._pads:
                pressed += pad.handle(event)
            self._pads = [pad for pad in self._pads if not pad.removed_by(event)]
        self._pads = [pad for pad in self._pads if pad.attached]
        self._pressed = tuple(pressed)
        if search:
            self._find()

    def stick(self) -> float | None:
        """Return the deflection of the stick axis that is moved most; None: no pad."""
        values = [pad.value(axis) for pad in self._pads for axis in STICK_AXES]
        return max(values, key=abs, default=None)

    def _find(self) -> None:
        held = {pad.instance_id for pad in self._pads}
        self._pads += find_pads(self._controllers, self._knowledge, open_already=held)
