"""What the policy wants and what is applied, as paths over the picture of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.core.types import Mode, Step
from iml_robot.robots.environment import extra
from iml_robot.station.instruments.confidence import Confidence, Level, colour_of
from iml_robot.station.palette import Colour, ink_on
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

PREVIEW_S = 2.0

Points = npt.NDArray[np.float64]
_SHORTEST_PATH = 8.0
_FAR_PIXELS = 4000.0
"""Points of a path farther out than this are behind the lens, or nearly so."""

_DOTS: Mapping[Level | None, tuple[float, bool]] = {
    None: (13.0, True),
    Level.SURE: (13.0, True),
    Level.UNSURE: (20.0, False),
    Level.LOST: (28.0, False),
}
"""Distance of the dots [pixels of the design] and whether they are filled: the less sure
the policy is, the less there is of its path."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the robot would go, on the screen.

    Attributes:
        wanted: Under the action of the policy, shape (n, 2) [pixels].
        applied: Under the action that was executed.
    """

    wanted: Points
    applied: Points


NO_PATHS = Paths(np.zeros((0, 2)), np.zeros((0, 2)))


class PathOverlay:
    """Draws the paths if the environment can foresee them, else nothing.

    Args:
        env: Environment; its optional extras `preview_path` and `project` are used.
    """

    def __init__(self, env: Any) -> None:
        self._preview: Callable[..., Any] | None = extra(env, "preview_path")
        self._project: Callable[..., Any] | None = extra(env, "project")

    def measure(
        self, step: Step, to_screen: Callable[[Points], Points], *, skipped: int
    ) -> Paths:
        """Return both paths on the picture that was rendered last.

        Args:
            step: The step just done.
            to_screen: Pixels of the environment's frame to pixels of the screen.
            skipped: How much of a path is left out: the robot itself stays visible.
        """
        if self._preview is None or self._project is None:
            return NO_PATHS
        wanted, applied = (
            _without_start(_seen(to_screen(self._pixels(action))), skipped)
            for action in (step.policy_action, step.decision.executed)
        )
        return Paths(wanted, applied)

    def draw(
        self,
        scribe: Scribe,
        area: pygame.Rect,
        paths: Paths,
        *,
        mode: Mode,
        confidence: Confidence | None,
        named: bool = True,
        hidden: Sequence[pygame.Rect] = (),
    ) -> None:
        """Draw both paths with their labels.

        Args:
            scribe: Where to draw and write.
            area: Box of the picture on the screen [pixels].
            paths: What `measure` returned.
            mode: Who drives, which gives the applied path its colour.
            confidence: How sure the policy is, which gives its path colour and dots.
            named: Whether the paths have labels.
            hidden: Where no label could be read.
        """
        level = None if confidence is None else confidence.level
        draw_solid(scribe, paths.applied, scribe.theme.modes[mode].colour)
        draw_dotted(scribe, paths.wanted, colour_of(level, scribe.theme), level)
        if named:
            _draw_labels(scribe, area, paths, hidden)

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
    for extra_px, ink in ((scribe.px(4), ink_on(colour)), (0, colour)):
        ribbon = _ribbon(path, scribe.px(6) + extra_px)
        pygame.draw.polygon(surface, ink, ribbon)
        pygame.draw.aalines(surface, ink, True, ribbon)
        pygame.draw.polygon(surface, ink, head)
        if extra_px:
            pygame.draw.polygon(surface, ink, head, extra_px)


def draw_dotted(
    scribe: Scribe, path: Points, colour: Colour, level: Level | None = None
) -> None:
    """Draw dots at equal distances along a path, farther apart and open in doubt."""
    length = _length(path)
    if length < _SHORTEST_PATH:
        return
    distance, filled = _DOTS[level]
    along = _arc(path)
    gap = float(scribe.px(distance))
    at = np.arange(0, length + 1e-9, gap)
    dots = np.stack([np.interp(at, along, path[:, k]) for k in (0, 1)], axis=-1)
    for x, y in dots.round().astype(int).tolist():
        draw_dot(scribe, (x, y), colour, filled=filled)


def draw_dot(
    scribe: Scribe, spot: tuple[int, int], colour: Colour, *, filled: bool
) -> None:
    """Draw one dot of a path, edged so that it shows on any ground."""
    edge = ink_on(colour)
    if filled:
        draw_shape(scribe.surface, "circle", spot, scribe.px(11), edge)
        draw_shape(scribe.surface, "circle", spot, scribe.px(8), colour)
        return
    radius = scribe.px(6)
    pygame.draw.circle(scribe.surface, edge, spot, radius + scribe.px(1.5), scribe.px(5))
    pygame.draw.circle(scribe.surface, colour, spot, radius, scribe.px(3))


def _draw_labels(
    scribe: Scribe, area: pygame.Rect, paths: Paths, hidden: Sequence[pygame.Rect]
) -> None:
    """Name each path at its end; one name for both where they end together."""
    ends = [
        (path[-1], text)
        for path, text in ((paths.wanted, "policy"), (paths.applied, "applied"))
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
        _move_off(box, [*hidden, *taken], area, scribe.px(4))
        taken.append(box)
        pygame.draw.rect(
            scribe.surface, scribe.theme.background, box, border_radius=scribe.px(5)
        )
        pygame.draw.rect(
            scribe.surface, scribe.theme.line, box, 1, border_radius=scribe.px(5)
        )
        scribe.write(text, box, 14, colour=scribe.theme.text, bold=True, align="centre")


def _move_off(
    box: pygame.Rect, others: Sequence[pygame.Rect], area: pygame.Rect, gap: int
) -> None:
    """Move a label to the nearest place beside what it meets where it meets nothing."""
    blocked = [other for other in others if other.width]
    if box.collidelist(blocked) < 0:
        return
    places = []
    for other in blocked:
        around = other.inflate(2 * gap, 2 * gap)
        for spot in (
            (box.left, around.top - box.height),
            (box.left, around.bottom),
            (around.right, box.top),
            (around.left - box.width, box.top),
        ):
            place = pygame.Rect(spot, box.size)
            if area.contains(place) and place.collidelist(blocked) < 0:
                places.append(place)
    if places:
        near = min(places, key=lambda p: abs(p.left - box.left) + abs(p.top - box.top))
        box.topleft = near.topleft


def _seen(path: Points) -> Points:
    """Return the first part of a path that lies before the lens, shape (n, 2)."""
    with np.errstate(invalid="ignore"):
        out = ~(np.abs(path).max(axis=1, initial=0.0) < _FAR_PIXELS)
    unseen = np.flatnonzero(out)
    if len(unseen) and unseen[0] == 0:
        # What begins under the camera comes into sight a little ahead.
        seen = np.flatnonzero(~out)
        return _seen(path[seen[0] :]) if len(seen) else path[:0]
    return path[: unseen[0]] if len(unseen) else path


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
