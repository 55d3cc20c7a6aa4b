"""Writes pictures of the screens before and beside the drive.

Usage: python settings_pictures.py FOLDER [settings launcher preflight]: of each screen, at
1280 x 720, 1920 x 1080, and both with letters of 150 %, in changing themes.
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


def launcher_scenes(folder):
    """How to come to each picture of the launcher, with real pictures of tasks."""
    import time

    import test_launcher_screen as launcher

    from iml_robot.station.launcher.catalog import offer_of, offers
    from iml_robot.station.launcher.draft import Draft
    from iml_robot.station.launcher.preview import Previews
    from iml_robot.station.launcher.screen import LauncherScreen

    previews = Previews(folder)
    while previews.picture(offer_of("quickstart")) is None:
        time.sleep(0.1)

    def show(run):
        draft = Draft(offers(), [launcher.unfinished()], now_unix_s=7300.0)
        LauncherScreen(
            run.stage, draft, run.pads, previews=previews, settings=lambda: None
        ).choose()

    scenes = {name: presses for name, (presses, _) in launcher.SCENES.items()}
    return {name: (presses, show) for name, presses in scenes.items()}


def preflight_scenes(folder):
    """How to come to each picture of the checks."""
    import test_preflight_screen as preflight

    from iml_robot.devices.input.pump import EventPump
    from iml_robot.devices.keyboard import Keyboard

    def show(run):
        devices = [Keyboard(EventPump())]
        preflight.preflight(run, folder, devices=lambda: devices, aliases=("Ada",)).show()

    return {name: (presses, show) for name, presses in preflight.SCENES.items()}


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
    chosen = sys.argv[2:] or ["settings", "launcher", "preflight"]
    with tempfile.TemporaryDirectory() as kept:
        if "settings" in chosen:
            write(target, settings_scenes())
        if "launcher" in chosen:
            write(target, launcher_scenes(Path(kept)))
        if "preflight" in chosen:
            write(target, preflight_scenes(Path(kept)))
