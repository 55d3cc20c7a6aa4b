"""What the policy wants and what is applied, as paths over the picture of the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.core.types import Step
from iml_robot.robots.environment import extra
from iml_robot.station.palette import BLACK, WHITE, Colour
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

PREVIEW_S = 2.0

Points = npt.NDArray[np.float64]
_SHORTEST_PATH = 8.0


class PathOverlay:
    """Draws the paths if the environment can foresee them, else nothing.

    Args:
        env: Environment; its optional extras `preview_path` and `project` are used.
    """

    def __init__(self, env: Any) -> None:
        self._preview: Callable[..., Any] | None = extra(env, "preview_path")
        self._project: Callable[..., Any] | None = extra(env, "project")

    def draw(
        self,
        scribe: Scribe,
        area: pygame.Rect,
        step: Step,
        to_screen: Callable[[Points], Points],
    ) -> None:
        """Draw both paths with their labels.

        Args:
            scribe: Where to draw and write.
            area: Box of the picture on the screen [pixels].
            step: The step just done.
            to_screen: Pixels of the environment's frame to pixels of the screen.
        """
        if self._preview is None or self._project is None:
            return
        # The robot itself stays visible: paths begin a little ahead of it.
        wanted, applied = (
            _without_start(to_screen(self._pixels(action)), scribe.px(18))
            for action in (step.policy_action, step.decision.executed)
        )
        colour = scribe.theme.modes[step.decision.mode].colour
        draw_solid(scribe, applied, colour)
        draw_dotted(scribe, wanted, scribe.theme.policy)
        _draw_labels(scribe, area, wanted, applied)

    def _pixels(self, action: Any) -> Points:
        assert self._preview is not None
        assert self._project is not None
        path = self._preview(action, PREVIEW_S)
        return np.asarray(self._project(path), dtype=float)


def draw_solid(scribe: Scribe, path: Points, colour: Colour) -> None:
    """Draw a solid line with an arrow head, edged so that it shows on any ground."""
    if _length(path) < _SHORTEST_PATH:
        return
    surface = scribe.surface
    head = _arrow_head(path, scribe.px(13))
    for extra_px, ink in ((scribe.px(4), WHITE), (0, colour)):
        ribbon = _ribbon(path, scribe.px(6) + extra_px)
        pygame.draw.polygon(surface, ink, ribbon)
        pygame.draw.aalines(surface, ink, True, ribbon)
        pygame.draw.polygon(surface, ink, head)
        if extra_px:
            pygame.draw.polygon(surface, ink, head, extra_px)


def draw_dotted(scribe: Scribe, path: Points, colour: Colour) -> None:
    """Draw dots at equal distances along a path."""
    length = _length(path)
    if length < _SHORTEST_PATH:
        return
    along = _arc(path)
    gap = float(scribe.px(13))
    at = np.arange(0, length + 1e-9, gap)
    dots = np.stack([np.interp(at, along, path[:, k]) for k in (0, 1)], axis=-1)
    for x, y in dots.round().astype(int).tolist():
        draw_shape(scribe.surface, "circle", (x, y), scribe.px(11), BLACK)
        draw_shape(scribe.surface, "circle", (x, y), scribe.px(8), colour)


def _draw_labels(
    scribe: Scribe, area: pygame.Rect, wanted: Points, applied: Points
) -> None:
    """Name each path at its end; one name for both where they end together."""
    ends = [
        (path[-1], text)
        for path, text in ((wanted, "policy"), (applied, "applied"))
        if _length(path) >= _SHORTEST_PATH
    ]
    if len(ends) == 2 and np.hypot(*(ends[0][0] - ends[1][0])) < scribe.px(16):
        ends = [(ends[0][0], "policy = applied")]
    taken: list[pygame.Rect] = []
    for index, (end, text) in enumerate(ends):
        box = pygame.Rect(0, 0, scribe.width(text, 14, bold=True), scribe.px(20))
        box.inflate_ip(scribe.px(14), 0)
        if len(ends) == 1:
            box.midbottom = (round(end[0]), round(end[1]) - scribe.px(16))
        elif end[0] < ends[1 - index][0][0]:
            # Each label stands on the side away from the other path.
            box.midright = (round(end[0]) - scribe.px(12), round(end[1]))
        else:
            box.midleft = (round(end[0]) + scribe.px(16), round(end[1]))
        box.clamp_ip(area)
        if box.collidelist(taken) >= 0:
            box.top = taken[0].bottom + scribe.px(4)
        taken.append(box)
        pygame.draw.rect(
            scribe.surface, scribe.theme.background, box, border_radius=scribe.px(5)
        )
        pygame.draw.rect(
            scribe.surface, scribe.theme.line, box, 1, border_radius=scribe.px(5)
        )
        scribe.write(text, box, 14, colour=scribe.theme.text, bold=True, align="centre")


def _length(path: Points) -> float:
    if len(path) < 2 or not np.isfinite(path).all():
        return 0.0
    return float(_arc(path)[-1])


def _arc(path: Points) -> Points:
    """Return the length of the path up to each of its points, shape (n,)."""
    arc: Points = np.r_[0.0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
    return arc


def _without_start(path: Points, skipped: int) -> Points:
    """Return the path without its first pixels, shape (n, 2)."""
    if _length(path) <= skipped:
        return path[:0]
    along = _arc(path)
    first = [np.interp(skipped, along, path[:, k]) for k in (0, 1)]
    return np.vstack([first, path[along > skipped]])


def _directions(path: Points) -> Points:
    along = np.gradient(path, axis=0)
    unit: Points = along / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    return unit


def _ribbon(path: Points, width: int) -> Sequence[Sequence[float]]:
    """Return the outline of a line of the given width."""
    along = _directions(path)
    side = np.stack([-along[:, 1], along[:, 0]], axis=-1) * width / 2
    outline: list[list[float]] = np.r_[path + side, (path - side)[::-1]].tolist()
    return outline


def _arrow_head(path: Points, size: int) -> Sequence[Sequence[float]]:
    along = _directions(path)[-1]
    side = np.array([-along[1], along[0]])
    tip = path[-1]
    corners: list[list[float]] = np.array(
        [
            tip + along * size,
            tip - along * 3 + side * size * 0.7,
            tip - along * 3 - side * size * 0.7,
        ]
    ).tolist()
    return corners
