"""Screens on a dummy window with a clock that runs as fast as they ask for it."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pygame

from iml_robot.core.feedback import Question, Segment, WeightEdit
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.changes import Change
from iml_robot.station.knobs.board import Knobs
from iml_robot.station.stage import Stage

LONG = "how near a rock, a ditch or the edge of the map is: 1 at touching, 0 from 1 m away"
FEATURES = {
    "progress": {"meaning": "way towards the goal", "unit": "m/s", "mean": 0.5, "std": 0.2},
    "clearance": {"meaning": LONG, "unit": "m/s^2", "mean": 0.1, "std": 0.1},
    "tilt": {"meaning": "leaning to any side", "unit": "rad", "mean": 0.1, "std": 0.05},
    "smoothness": {"meaning": "change of action", "unit": "1/s", "mean": 1, "std": 1},
}


def segment(*means, episode_id=0, steps=40):
    """A segment with constant features."""
    return Segment(episode_id, 0, np.tile(np.array(means, np.float32), (steps, 1)))


def question(number=0):
    """A question whose segments differ in tilt, clearance and progress, in that order."""
    left, right = segment(0.5, 0.1, 0.1, 1), segment(0.7, 0.25, 0.3, 1, episode_id=1)
    return Question(number, left, right)


def pictures(count=20, *, shade=90, size=(56, 38)):
    """Grey pictures, each a little lighter than the one before."""
    width, height = size
    return [np.full((height, width, 3), shade + k, np.uint8) for k in range(count)]


def films(asked):
    """The films of the segments of `question`."""
    return pictures(20, shade=60 if asked.episode_id == 0 else 160)


def knobs(count=4, **changes):
    """Knobs of the four features, or of more."""
    names = (list(FEATURES) + [f"feature_{k}" for k in range(20)])[:count]
    values = {
        "names": names,
        "meanings": [
            FEATURES.get(n, {"meaning": "some other thing"})["meaning"] for n in names
        ],
        "means": [0.9, -0.7, -0.32, 0.11, *[0.2] * 20][:count],
        "stds": [0.3, 0.5, 0.2, 0.4, *[0.3] * 20][:count],
        "shipped": [1.0, -1.0, -0.5, -0.2, *[0.0] * 20][:count],
    }
    return Knobs(**{**values, **changes})


def full_knobs(count=10):
    """Knobs with every kind of edit and the longest lines."""
    names = knobs(count).names
    edits = (
        WeightEdit(names[0], 1.25, sign=1),
        WeightEdit(names[1], -0.5, locked=True, sign=-1),
        WeightEdit(names[3], sign=-1),
    )
    conflicts = {names[0]: "12 answers speak against this edit"}
    return knobs(count, edits=edits, conflicts=conflicts)


def change(count=4, **values):
    """What changed, with films and lines."""
    known = knobs(count)
    before = [(w, 0.6) for w in known.shipped]
    now = list(zip(known.means, known.stds, strict=True))
    usual = {
        "lines": (
            "The new policy drives: as safe as before in 5 of 5 checks, and better.",
            "2 answers surprised and will be asked again.",
        ),
        "film_before": pictures(20, shade=60),
        "film_now": pictures(20, shade=160),
    }
    return Change(known.names, before, now, **{**usual, **values})


class ScriptedPump:
    """Hands out events at given times of a clock that only waiting moves.

    Args:
        monkeypatch: Lets the stage wait without waiting.
    """

    def __init__(self, monkeypatch):
        self.now_s = 0.0
        self.focused = True
        self.quit_requested = False
        self.events = ()
        self.batches = 0
        self.gives_up_s = 60.0
        self._script = []
        monkeypatch.setattr("iml_robot.station.stage.time.sleep", self._pass)

    def at(self, time_s, *events):
        """Let events happen at a time, from now on [s]."""
        self._script += [(self.now_s + time_s, event) for event in events]
        self._script.sort(key=lambda entry: entry[0])

    def pump(self):
        self.batches += 1
        due = [event for time_s, event in self._script if time_s <= self.now_s]
        self._script = self._script[len(due) :]
        self.events = tuple(due)
        self.quit_requested = any(event.type == pygame.QUIT for event in due)
        assert self.now_s < self.gives_up_s, "the screen waits for ever"

    def stage(self, *, size=(960, 540), **options):
        """A stage on this clock."""
        return Stage(self, size=size, clock=lambda: self.now_s, **options)

    def _pass(self, seconds):
        self.now_s += seconds


class Rover:
    """An environment whose robot has a speed and a turn."""

    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)


class Hands:
    """Does things at given times of a clock that only waiting moves.

    Args:
        monkeypatch: Lets the stage wait without waiting.
        gives_up_s: No screen may wait for so long [s].
    """

    def __init__(self, monkeypatch, *, gives_up_s):
        self.now_s = 100.0
        self.pump = EventPump(clock=self.clock)
        self._script, self._gives_up_s = [], gives_up_s
        monkeypatch.setattr("iml_robot.station.stage.time.sleep", self._pass)

    def clock(self):
        return self.now_s

    def at(self, time_s, act, *arguments):
        """Call something at a time after the beginning [s]."""
        self._script.append((100.0 + time_s, act, arguments))

    def stage(self):
        """A stage on this clock."""
        return Stage(self.pump, size=(960, 540), clock=self.clock)

    def _pass(self, seconds):
        self.now_s += seconds
        assert self.now_s < 100.0 + self._gives_up_s, "the screen waits for ever"
        for _, act, arguments in [e for e in self._script if e[0] <= self.now_s]:
            act(*arguments)
        self._script = [entry for entry in self._script if entry[0] > self.now_s]


def key(name, *, typed="", kind=pygame.KEYDOWN):
    """The press of a key by the name that pygame gives it, for example "LEFT" or "s"."""
    code = getattr(pygame, f"K_{name}")
    place = getattr(pygame, f"KSCAN_{name.upper()}", 0)
    return pygame.event.Event(kind, key=code, scancode=place, mod=0, unicode=typed)


def typed(character, *, code, place):
    """A typed character on a key of some layout, by its key code and US place."""
    scancode = getattr(pygame, f"KSCAN_{place}")
    values = {"key": code, "scancode": scancode, "mod": 0, "unicode": character}
    return pygame.event.Event(pygame.KEYDOWN, **values)


def tap(name, **options):
    """A press and a release."""
    return key(name, **options), key(name, kind=pygame.KEYUP)


def closing():
    """Somebody closes the window."""
    return pygame.event.Event(pygame.QUIT)
