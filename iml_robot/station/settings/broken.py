"""What to do about settings that cannot be read: the person decides, nothing is lost."""

from __future__ import annotations

import textwrap
from pathlib import Path

from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.station_settings import (
    StationSettings,
    load_station_settings,
    save_station_settings,
)
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.bound import check_all
from iml_robot.station.settings.paragraph import draw_paragraph
from iml_robot.station.stage import Stage

USE, WRITE, LEAVE = "use", "write", "leave"


def settled(stage: Stage, kept: KeptSettings, path: Path) -> bool:
    """Read the settings of a person, and ask them what to do if that is impossible.

    Args:
        stage: The window, drawn with the defaults until then.
        kept: Takes in what was read, and the file that changes go to.
        path: The file.

    Returns:
        Whether to go on; False: the person leaves, or closed the window.
    """
    trouble = ""
    while True:
        try:
            kept.now = read_settings(path)
        except (UsageError, OSError) as error:
            trouble = trouble or str(error)
        else:
            kept.path = path
            return True
        choice = _asked(stage, path, trouble)
        if choice == LEAVE:
            return False
        # Without a file nothing that is broken can be written over.
        kept.now, kept.path = StationSettings(), None
        if choice == USE:
            return True
        try:
            replace_broken(path)
        except InfrastructureError as error:
            trouble = str(error)


def read_settings(path: Path) -> StationSettings:
    """Read settings that can be driven with.

    Raises:
        UsageError: If the file is wrong, or one key or button would do two things.
        OSError: If the file cannot be read.
    """
    settings = load_station_settings(path)
    try:
        check_all(settings.controls)
    except UsageError as error:
        raise UsageError(f"{path}: controls: {error}") from error
    return settings


def replace_broken(path: Path) -> Path:
    """Put a broken file aside and write the defaults in its place; return the old one.

    Raises:
        InfrastructureError: If the file cannot be put aside, or the defaults not written.
    """
    aside = path.with_name(f"{path.name}.broken")
    number = 2
    while aside.exists():
        aside = path.with_name(f"{path.name}.broken{number}")
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InfrastructureError(
            f"{path}: cannot put the broken file aside: {reason}; move it yourself"
        ) from error
    save_station_settings(StationSettings(), path)
    return aside


def _asked(stage: Stage, path: Path, trouble: str) -> str:
    """Return what the person wants to do."""
    lines = (
        Item(USE, "Use the defaults for now", note="The file stays as it is."),
        Item(
            WRITE,
            "Write new defaults",
            note=f"The old file is kept as {path.name}.broken.",
        ),
        Item(LEAVE, "Leave", note="Mend the file, then start again."),
    )
    text = (
        "What happened: " + textwrap.shorten(trouble, 400, placeholder=" …"),
        "What the program did: nothing in the file was changed, and none of it counts.",
        "What you can do: choose one of the lines.",
    )
    menu = MenuScreen(
        stage,
        "The settings cannot be read",
        lambda: lines,
        beside=lambda scribe, area: draw_paragraph(scribe, area, text),
    )
    choice = menu.wait()
    return choice.key if choice.action == "choose" else LEAVE
