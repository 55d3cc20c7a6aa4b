"""Finds the pads that can drive, and says what is known about each."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import PadSettings
from iml_robot.devices.input.calibrated import calibrated_links
from iml_robot.devices.input.mapping import KNOWN_PAD, UNKNOWN_PAD, Link, parse_mapping
from iml_robot.devices.input.pads import Pad

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PadKnowledge:
    """What is known about pads before one is plugged in.

    Attributes:
        unknown_pad: Where the controls are on a pad that SDL does not know, in its
            notation; goes before everything else.
        pads: What a person found out about pads, by their GUID.
        needed: Stick axes without which nobody can steer.
    """

    unknown_pad: Mapping[str, str] = field(default_factory=dict)
    pads: Mapping[str, PadSettings] = field(default_factory=dict)
    needed: Collection[str] = ("leftx", "lefty")


def find_pads(
    controllers: ModuleType | None,
    knowledge: PadKnowledge,
    *,
    open_already: Collection[int] = (),
) -> list[Pad]:
    """Open the pads that can drive: those that SDL knows, calibrated ones, others.

    Args:
        controllers: What `start_controllers` returned.
        knowledge: What is known about pads.
        open_already: Instance ids of pads that are held already.
    """
    found: list[tuple[int, Pad]] = []
    for index in range(pygame.joystick.get_count()):
        try:
            joystick = pygame.joystick.Joystick(index)
            if joystick.get_instance_id() in open_already:
                continue
            if controllers is not None and controllers.is_controller(index):
                pad = _known(joystick, controllers.Controller(index), knowledge)
                found.append((0, pad))
            elif can_drive(joystick):
                pad, calibrated = _unknown(joystick, knowledge)
                found.append((1 if calibrated else 2, pad))
        except pygame.error as error:
            # The pad was pulled out between the count and here.
            logger.info("pad %d cannot be opened: %s", index, error)
    return [pad for _, pad in sorted(found, key=lambda entry: entry[0])]


def can_drive(joystick: pygame.joystick.JoystickType) -> bool:
    """Return whether a joystick is one to steer with.

    The motion sensor of a pad shows up as a joystick of its own, without buttons.
    """
    return joystick.get_numaxes() >= 2 and joystick.get_numbuttons() >= 1


def _known(
    joystick: pygame.joystick.JoystickType, controller: Any, knowledge: PadKnowledge
) -> Pad:
    own = knowledge.pads.get(joystick.get_guid())
    curve = own.curve if own is not None else None
    return Pad(joystick, KNOWN_PAD, controller=controller, curve=curve)


def _unknown(
    joystick: pygame.joystick.JoystickType, knowledge: PadKnowledge
) -> tuple[Pad, bool]:
    """Return a pad that SDL does not know, and whether its calibration is used."""
    name = joystick.get_name()
    own = knowledge.pads.get(joystick.get_guid())
    if own is not None and own.axes:
        try:
            links = calibrated_links(own, knowledge.needed)
        except UsageError as error:
            warning = f"the calibration of {name!r} is not used: {error}"
        else:
            links = _completed(links, knowledge.unknown_pad)
            return Pad(joystick, links, curve=own.curve), True
    elif {"leftx", "lefty"} <= set(knowledge.unknown_pad):
        # Whoever says where its sticks are need not be told that nobody knows.
        warning = ""
    else:
        warning = (
            f"the pad {name!r} is unknown to SDL and its controls are guessed; "
            "calibrate it, or set unknown_pad"
        )
    if warning:
        logger.warning(warning)
    links = parse_mapping({**UNKNOWN_PAD, **knowledge.unknown_pad})
    return Pad(joystick, links, warning=warning), False


def _completed(links: list[Link], unknown_pad: Mapping[str, str]) -> list[Link]:
    """Return the links of a calibration with guessed buttons, and what a task says."""
    told = parse_mapping(unknown_pad)
    kept = [link for link in links if link.control not in unknown_pad]
    used = {(link.kind, link.number, link.bit) for link in (*kept, *told)}
    known = {link.control for link in (*kept, *told)}
    guessed = [
        link
        for link in parse_mapping(UNKNOWN_PAD)
        if link.kind != "a"
        and link.control not in known
        and (link.kind, link.number, link.bit) not in used
    ]
    return [*kept, *told, *guessed]
