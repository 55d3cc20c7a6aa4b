"""Screens beside the drive on a clock that waits for nobody, and what must hold of each."""

from __future__ import annotations

import itertools

import screen_rig as rig

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.settings.live_pads import LivePads

SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]


class Screens:
    """A scripted window with settings that are kept in a file of the test."""

    def __init__(self, monkeypatch, path, *, size=(1280, 720, 1.0), **settings):
        monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
        # Fewer pictures: each costs some milliseconds.
        monkeypatch.setattr("iml_robot.station.stage.FRAME_S", 0.1)
        self.pump = rig.ScriptedPump(monkeypatch)
        display = DisplaySettings(scale=size[2], theme=settings.pop("theme", "dark"))
        self.kept = KeptSettings(StationSettings(display=display, **settings), path)
        self.stage = self.pump.stage(size=size[:2], kept=self.kept)
        self.pads = LivePads()
        self._next_s = 0.5

    def press(self, *names):
        """Let keys be pressed one after the other, from half a second on."""
        for name in names:
            self.pump.at(self._next_s, *rig.tap(name))
            self._next_s += 0.5

    def close(self):
        """Let somebody close the window after the last press."""
        self.pump.at(self._next_s, rig.closing())

    def shown(self):
        """The texts of the last picture."""
        return [placed.text for placed in self.stage.texts]


def assert_whole(stage):
    """Every text is whole, on the screen, and on no other text."""
    texts = stage.texts
    assert len(texts) > 2
    assert [p.wanted for p in texts if p.text != p.wanted] == []
    window = stage.surface.get_rect()
    assert all(window.contains(p.rect) for p in texts)
    overlapping = [
        (a.text, b.text)
        for a, b in itertools.combinations(texts, 2)
        if a.rect.colliderect(b.rect)
    ]
    assert overlapping == []


def at_every_frame(stage, look):
    """Call a function after each picture that is shown."""
    shown = stage.show

    def show():
        rate = shown()
        look()
        return rate

    stage.show = show
