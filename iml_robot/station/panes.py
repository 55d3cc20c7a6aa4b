"""What is seen of the world: the map, what the robot sees, or both side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pygame

from iml_robot.core.types import Step
from iml_robot.robots.environment import extra
from iml_robot.station.instruments.confidence import Confidence
from iml_robot.station.overlay import PathOverlay, Paths
from iml_robot.station.paths.overlay import SketchOverlay
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.picture import WorldPicture
from iml_robot.station.text import Scribe

ARRANGEMENTS = ("both", "map", "first_person")
"""Both side by side; or one large, the other small in its corner."""

MAPS = (None, "map")
"""Views on which a path can be drawn, if the environment says where the ground is."""

MOST_S = 0.03
"""Time that pictures may take at every step [s]; beyond it they take turns. At 20 Hz the
rest is for policy, simulation and figures."""
_INSET = 0.32
_NAMED = 220
"""Width from which on a picture has room for the names of paths [pixels of the design]."""
_REMEMBERED = 0.8


@dataclass(frozen=True, slots=True)
class Pane:
    """One picture of the world.

    Attributes:
        view: Name of the environment's view; None: it has one only.
        area: Where it is [pixels].
        small: Whether it lies in the corner of another.
    """

    view: str | None
    area: pygame.Rect
    small: bool = False


def arranged(area: pygame.Rect, arrangement: str, gap: int) -> list[Pane]:
    """Return the panes of an environment with two views, in the order of drawing.

    Args:
        area: Room for all of them [pixels].
        arrangement: One of `ARRANGEMENTS`.
        gap: Between panes [pixels].
    """
    if arrangement == "both":
        left, right = area.copy(), area.copy()
        left.width = (area.width - gap) // 2
        right.left, right.width = left.right + gap, area.width - gap - left.width
        return [Pane("first_person", left), Pane("map", right)]
    other = "first_person" if arrangement == "map" else "map"
    wide = round(area.width * _INSET)
    corner = pygame.Rect(area.left + gap, area.top + gap, wide, 0)
    corner.height = min(round(wide * 0.75), round(area.height * 0.45))
    return [Pane(arrangement, area), Pane(other, corner, small=True)]


class Panes:
    """Draws the panes with the paths over them.

    Where the pictures of a step take too long together, only one of them is made at each
    step, and the others stay as they were, with the paths of that moment.

    Args:
        env: Environment; where its attribute `view` can be "map" and "first_person", both
            are shown.
        sketch: What the person draws on the map; None: nothing.
        clock: Time for how long pictures take [s]; tests pass their own.
    """

    def __init__(
        self,
        env: Any,
        *,
        sketch: Sketch | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._env, self._clock = env, clock
        self._sketched = None if sketch is None else SketchOverlay(env, sketch)
        self._usual = extra(env, "view")
        self.several = self._usual in ("map", "first_person")
        self._overlay = PathOverlay(env)
        views = ("map", "first_person") if self.several else (None,)
        self._pictures = {view: WorldPicture(env, view) for view in views}
        self._paths: dict[str | None, Paths] = {}
        self._areas: dict[str | None, pygame.Rect] = {}
        self._costs_s: dict[str | None, float] = {}
        self._turn = 0

    def prepare(self, area: pygame.Rect, arrangement: str, gap: int) -> None:
        """Make every picture once, which takes longer on a new map than later."""
        for pane in self._panes(area, arrangement, gap):
            self._pictures[pane.view].render(pane.area)
        self._areas.clear()
        self._paths.clear()
        self._restore()

    def draw(
        self,
        scribe: Scribe,
        area: pygame.Rect,
        step: Step,
        *,
        arrangement: str,
        confidence: Confidence | None,
        hidden: Sequence[pygame.Rect] = (),
    ) -> None:
        """Draw everything into a box.

        Args:
            scribe: Draws and writes.
            area: The box [pixels].
            step: The step just done.
            arrangement: One of `ARRANGEMENTS`.
            confidence: How sure the policy is; None: nobody knows.
            hidden: What will lie over the pictures, so that no name of a path does.

        Raises:
            UsageError: If the environment cannot draw itself.
        """
        panes = self._panes(area, arrangement, scribe.px(6))
        due = self._due(panes)
        for pane in panes:
            if pane.view in due or self._areas.get(pane.view) != pane.area:
                self._renew(pane, step, scribe.px(18))
            scribe.surface.set_clip(pane.area)
            self._pictures[pane.view].draw(scribe, pane.area)
            self._overlay.draw(
                scribe,
                pane.area,
                self._paths[pane.view],
                mode=step.decision.mode,
                confidence=confidence,
                named=not pane.small and pane.area.width >= scribe.px(_NAMED),
                hidden=[*hidden, *(other.area for other in panes if other.small)],
            )
            if self._sketched is not None and pane.view in MAPS:
                self._sketched.draw(scribe, pane.area, mode=step.decision.mode)
            scribe.surface.set_clip(None)
            if pane.small:
                edge = pane.area.inflate(scribe.px(4), scribe.px(4))
                pygame.draw.rect(
                    scribe.surface, scribe.theme.background, edge, scribe.px(2)
                )
        self._restore()

    def _panes(self, area: pygame.Rect, arrangement: str, gap: int) -> list[Pane]:
        return arranged(area, arrangement, gap) if self.several else [Pane(None, area)]

    def _due(self, panes: list[Pane]) -> set[str | None]:
        """Return which pictures are made at this step."""
        costs = [self._costs_s.get(pane.view, 0.0) for pane in panes]
        if sum(costs) <= MOST_S or len(panes) == 1:
            return {pane.view for pane in panes}
        self._turn = (self._turn + 1) % len(panes)
        return {panes[self._turn].view}

    def _renew(self, pane: Pane, step: Step, skipped: int) -> None:
        """Make a picture and measure paths on it, which belong to this very picture."""
        picture = self._pictures[pane.view]
        start_s = self._clock()
        picture.render(pane.area)
        self._paths[pane.view] = self._overlay.measure(
            step, picture.to_screen, skipped=skipped
        )
        if self._sketched is not None and pane.view in MAPS:
            self._sketched.measure(pane.area, picture.to_screen)
        spent_s = self._clock() - start_s
        before_s = self._costs_s.get(pane.view, spent_s)
        self._costs_s[pane.view] = float(
            np.average([before_s, spent_s], weights=[_REMEMBERED, 1 - _REMEMBERED])
        )
        self._areas[pane.view] = pane.area.copy()

    def _restore(self) -> None:
        """Leave the environment as it was: others draw its pictures, too."""
        if self.several:
            self._env.unwrapped.view = self._usual
