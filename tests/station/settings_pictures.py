"""Writes pictures of the screens before and beside the drive.

Usage: python settings_pictures.py FOLDER [WHAT]: of each screen, at 1280 x 720, 1920 x 1080,
and both with letters of 150 %, in changing themes.
"""

import sys
import tempfile
from pathlib import Path

import pygame
import pytest
from settings_rig import SIZES, Screens

from iml_robot.station.settings.screen import SettingsScreen


def settings_scenes():
    """How to come to each picture of the settings."""
    from test_settings_screen import PLACES

    def show(run):
        SettingsScreen(run.stage, run.kept, run.pads).show()

    return {f"settings-{name}": (presses, show) for name, presses in PLACES.items()}


def write(folder, scenes):
    """Write each scene in each size."""
    themes = ("dark", "light", "contrast")
    for number, (name, (presses, show)) in enumerate(scenes.items()):
        for place, size in enumerate(SIZES):
            with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as t:
                theme = themes[(number + place) % 3]
                run = Screens(patch, Path(t) / "station.yaml", size=size, theme=theme)
                run.press(*presses)
                run.close()
                show(run)
                file = f"{name}_{size[0]}x{size[1]}_{size[2]:.0%}.png"
                pygame.image.save(run.stage.surface, folder / file)
                run.stage.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write(target, settings_scenes())
