"""The drawn line and the way the robot drives along it, over the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.core.types import Mode
from iml_robot.robots.environment import extra
from iml_robot.station.palette import ink_on
from iml_robot.station.paths.ground import Ground, Points
from iml_robot.station.paths.hindrances import Hindrances
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

LABEL = "your path"
_CROSS = 20


class SketchOverlay:
    """Shows the person's own way on the picture of the map, and tells what that shows.

    Args:
        env: Environment; its extra `project` is used.
        sketch: What the person draws.
    """

    def __init__(self, env: Any, sketch: Sketch) -> None:
        self._project: Callable[..., Any] | None = extra(env, "project")
        self._hindrances = Hindrances(env)
        self._sketch = sketch
        self._ground: Ground | None = None

    def measure(self, area: pygame.Rect, to_screen: Callable[[Points], Points]) -> None:
        """Find out where the ground is on the picture that was rendered last.

        Call it after each picture of the map, before any other picture is made.

        Args:
            area: Box of the picture on the screen [pixels].
            to_screen: Pixels of the environment's frame to pixels of the screen.
        """
        self._ground = None
        if self._project is not None:
            project = self._project
            self._ground = Ground.seen(
                lambda points: to_screen(np.asarray(project(points), dtype=float)), area
            )

    def draw(self, scribe: Scribe, area: pygame.Rect, *, mode: Mode) -> None:
        """Draw the way and the line on the picture that was measured last.

        Args:
            scribe: Where to draw and write.
            area: Box of the picture on the screen [pixels].
            mode: Who may move the robot.
        """
        ground, sketch = self._ground, self._sketch
        sketch.look(ground, area, mode)
        if ground is None:
            return
        clip = scribe.surface.get_clip()
        scribe.surface.set_clip(area.clip(clip))
        if sketch.path is not None:
            ahead = sketch.path.along >= sketch.along_m
            words = self._hindrances.of(sketch.path.points)
            left = ground.shown(sketch.path.points[ahead])
            _draw_way(scribe, left, scribe.px(5))
            _draw_crossings(scribe, left, np.asarray(words)[ahead])
            _draw_label(scribe, area, ground.shown(sketch.path.points[-1:])[0])
            sketch.warn(words, path=True)
        if sketch.line:
            drawn = np.vstack(sketch.line)
            words = self._hindrances.of(drawn)
            line = ground.shown(drawn)
            _draw_way(scribe, line, scribe.px(3))
            _draw_crossings(scribe, line, np.asarray(words))
            sketch.warn(words, path=False)
        scribe.surface.set_clip(clip)


def _draw_way(scribe: Scribe, line: Points, width: int) -> None:
    """Draw a line with round joints and ends, edged so that it shows on any ground."""
    if not len(line):
        return
    steps = np.diff(line, axis=0)
    lengths = np.maximum(np.hypot(*steps.T), 1e-9)[:, None]
    aside = np.column_stack([-steps[:, 1], steps[:, 0]]) / lengths
    for edge, ink in (
        (scribe.px(2), scribe.theme.background),
        (0, scribe.theme.operator),
    ):
        # Thick lines of pygame are thinner aslant and have gaps at their joints.
        half = aside * (width / 2 + edge)
        corners = np.stack(
            [line[:-1] + half, line[1:] + half, line[1:] - half, line[:-1] - half], axis=1
        )
        for quad in corners.tolist():
            pygame.draw.polygon(scribe.surface, ink, quad)
        for x, y in line.tolist():
            pygame.draw.circle(scribe.surface, ink, (x, y), width / 2 + edge)
        for x, y in line[[0, -1]].tolist():
            pygame.draw.circle(scribe.surface, ink, (x, y), width + edge)


def _draw_crossings(scribe: Scribe, line: Points, words: npt.NDArray[np.str_]) -> None:
    """Draw crosses, as dark as they are bright, where a line meets something."""
    met = np.flatnonzero(words != "")
    last: Points | None = None
    for x, y in line[met].round().astype(int).tolist():
        spot = np.array([x, y], dtype=float)
        if last is not None and np.hypot(*(spot - last)) < scribe.px(_CROSS):
            continue
        last = spot
        ink = scribe.theme.warning
        draw_shape(scribe.surface, "cross", (x, y), scribe.px(_CROSS + 5), ink_on(ink))
        draw_shape(scribe.surface, "cross", (x, y), scribe.px(_CROSS - 3), ink)


def _draw_label(scribe: Scribe, area: pygame.Rect, end: Points) -> None:
    """Name the way at its end."""
    box = pygame.Rect(
        0, 0, scribe.width(LABEL, 14, bold=True) + scribe.px(16), scribe.px(22)
    )
    box.midbottom = (round(end[0]), round(end[1]) - scribe.px(14))
    box.clamp_ip(area)
    radius = scribe.px(5)
    pygame.draw.rect(scribe.surface, scribe.theme.background, box, border_radius=radius)
    pygame.draw.rect(scribe.surface, scribe.theme.operator, box, 1, border_radius=radius)
    scribe.write(LABEL, box, 14, colour=scribe.theme.text, bold=True, align="centre")
