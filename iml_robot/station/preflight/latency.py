"""How long it takes from a sign on the screen to the press of a key."""

from __future__ import annotations

from statistics import median

import numpy as np
import pygame

from iml_robot.station.menus.drawing import MenuAreas
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.shapes import draw_shape
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_strip

TRIALS = 5
SOONEST_S, LATEST_S = 1.0, 3.0
"""The square turns after a time that nobody can know [s]."""
FORGOTTEN_S = 3.0
"""Without a press for this long after the turn, the trial does not count [s]."""
MOST_MISSED = 3
"""After so many trials without a press in a row nobody is there."""


class Trials:
    """Takes the time of presses; no pixels in here.

    Args:
        rng: Chooses when the square turns.
        now_s: Time at which the first trial begins [s].

    Attributes:
        times_ms: Times that count so far [ms].
        say: What to tell the person.
    """

    def __init__(self, rng: np.random.Generator, now_s: float) -> None:
        self.times_ms: list[float] = []
        self.say = "Press any key when the square turns."
        self._rng = rng
        self._missed = 0
        self._turn_s = 0.0
        self._begin(now_s)

    @property
    def done(self) -> bool:
        """Whether there are enough times, or nobody is there."""
        return len(self.times_ms) >= TRIALS or self._missed >= MOST_MISSED

    @property
    def median_ms(self) -> float | None:
        """The median [ms]; None until there are enough times."""
        return median(self.times_ms) if len(self.times_ms) >= TRIALS else None

    def turned(self, now_s: float) -> bool:
        """Return whether the square stands on its corner."""
        return now_s >= self._turn_s

    def look(self, now_s: float, *, pressed: bool) -> None:
        """Take in what happened up to now."""
        if pressed and not self.turned(now_s):
            self.say = "Too early: wait until it turns."
            self._begin(now_s)
        elif pressed:
            self._missed = 0
            self.times_ms.append(1000 * (now_s - self._turn_s))
            self.say = f"{self.times_ms[-1]:.0f} ms"
            self._begin(now_s)
        elif now_s - self._turn_s > FORGOTTEN_S:
            self._missed += 1
            self.say = "Nothing was pressed: once more."
            self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        self._turn_s = now_s + float(self._rng.uniform(SOONEST_S, LATEST_S))


def measure_latency(stage: Stage, pads: LivePads, rng: np.random.Generator) -> float | None:
    """Let the person press when a square turns; return the median of five times [ms].

    It holds screen, eyes, hand and key; in steps of one picture.

    Args:
        stage: The window.
        pads: The pads that are there.
        rng: Chooses when the square turns.

    Returns:
        The median, or None: the person left, or pressed nothing.
    """
    stage.enter()
    trials = Trials(rng, stage.now_s)
    while not (stage.closed or trials.done):
        _draw(stage, trials)
        stage.wait()
        pads.look(stage.events)
        kinds = [event.type for event in stage.events]
        if any(e.type == pygame.KEYDOWN and e.key == pygame.K_ESCAPE for e in stage.events):
            return None
        pressed = pygame.KEYDOWN in kinds or pygame.MOUSEBUTTONDOWN in kinds
        trials.look(stage.now_s, pressed=pressed or bool(pads.pressed))
    return trials.median_ms


def _draw(stage: Stage, trials: Trials) -> None:
    scribe = stage.begin()
    theme = scribe.theme
    keys = [("any key, button or click", "when the square turns"), ("Esc", "leave")]
    areas = MenuAreas.of(scribe, keys, beside=False)
    scribe.write("How fast are screen, hand and key?", areas.title, 28, bold=True)
    turned = trials.turned(stage.now_s)
    size = scribe.px(190 if turned else 140)
    shape, colour = ("diamond", theme.operator) if turned else ("square", theme.policy)
    draw_shape(scribe.surface, shape, areas.list.center, size, colour)
    count = f"{trials.say}   {len(trials.times_ms)} of {TRIALS}"
    scribe.write(count, areas.note, 19, align="centre")
    draw_strip(scribe, areas.keys, keys)
    stage.show()
