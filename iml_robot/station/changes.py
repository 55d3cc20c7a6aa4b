"""What changed: weights before and now, and the same map driven before and now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from iml_robot.station.layout import columns, rows
from iml_robot.station.palette import Colour
from iml_robot.station.panel import draw_bar
from iml_robot.station.player import Frames, Player, Screening, draw_empty
from iml_robot.station.shapes import draw_shape
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe

_ROW = 46
_GUARD_S = 0.5
"""Presses this soon after the screen appears were meant for another one [s]."""
_PRESSES = (
    pygame.KEYDOWN,
    pygame.JOYBUTTONDOWN,
    pygame.CONTROLLERBUTTONDOWN,
    pygame.MOUSEBUTTONDOWN,
)


@dataclass(frozen=True)
class Change:
    """What came of a series of answers.

    Attributes:
        names: Names of the features.
        before: Their weights before, with one standard deviation each.
        now: Their weights now, likewise.
        lines: What else there is to say: the verdict on the new policy, answers that
            surprised and will be asked again.
        film_before: A map driven by the policy before; None: there is no film.
        film_now: The same map driven by the policy now.
    """

    names: Sequence[str]
    before: Sequence[tuple[float, float]]
    now: Sequence[tuple[float, float]]
    lines: Sequence[str] = ()
    film_before: Frames | None = None
    film_now: Frames | None = None

    def __post_init__(self) -> None:
        """Refuse lists of different lengths.

        Raises:
            ValueError: If they differ.
        """
        if not len(self.names) == len(self.before) == len(self.now):
            raise ValueError(
                f"a change needs a weight before and now for each of {len(self.names)} "
                f"features, got {len(self.before)} and {len(self.now)}"
            )


class ChangeScreen:
    """Shows what changed until any key is pressed.

    Args:
        stage: The window.
        frame_period_s: Time between two pictures of a film [s].
    """

    def __init__(self, stage: Stage, *, frame_period_s: float = 0.1) -> None:
        self._stage = stage
        self._frame_period_s = frame_period_s

    def show(self, change: Change, *, timeout_s: float | None = None) -> bool:
        """Show a change.

        Args:
            change: What changed.
            timeout_s: How long to wait for a press [s]; None to wait for ever.

        Returns:
            True if the person went on; False after the time or at a closed window.
        """
        stage = self._stage
        films = [
            Screening(frames) if frames else None
            for frames in (change.film_before, change.film_now)
        ]
        player = Player([len(f) for f in films if f] or [1], self._frame_period_s)
        stage.enter()
        begun_s = stage.now_s
        while not stage.closed:
            _draw(stage.begin(), change, films, player)
            stage.show()
            stage.wait()
            player.advance(stage.now_s)
            passed_s = stage.now_s - begun_s
            pressed = any(event.type in _PRESSES for event in stage.events)
            if pressed and passed_s > _GUARD_S and not stage.closed:
                return True
            if timeout_s is not None and passed_s > timeout_s:
                return False
        return False


def _draw(
    scribe: Scribe, change: Change, films: list[Screening | None], player: Player
) -> None:
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-scribe.px(40), -scribe.px(24))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(44))
    scribe.write("What changed", head, 26, bold=True)
    foot = pygame.Rect(inner.left, inner.bottom - scribe.px(26), inner.width, scribe.px(26))
    scribe.write("press any key or button to go on", foot, 16, colour=scribe.theme.quiet)
    body = pygame.Rect(inner.left, head.bottom, inner.width, foot.top - head.bottom)
    body.height -= scribe.px(6)
    chart, right = columns(body, (0.46, 0.54))
    chart.width -= scribe.px(16)
    _draw_weights(scribe, chart, change)
    lines = [
        line for text in change.lines for line in scribe.wrapped(text, right.width, 16)
    ]
    words = min(len(lines) * scribe.px(26) + scribe.px(10), right.height // 2)
    view = pygame.Rect(right.left, right.top, right.width, right.height - words)
    shape = max((film.aspect for film in films if film), default=1.0)
    # Room for the titles above and the bars below the films.
    view.height = min(view.height, round(view.width / 2 * shape) + scribe.px(44))
    _draw_films(scribe, view, change, films, player)
    if lines:
        below = pygame.Rect(right.left, view.bottom + scribe.px(10), right.width, 0)
        below.height = right.bottom - below.top
        step = min(scribe.px(26), below.height // len(lines))
        for index, line in enumerate(lines):
            row = pygame.Rect(below.left, below.top + index * step, below.width, step)
            scribe.write(line, row, 16)


def _draw_films(
    scribe: Scribe,
    area: pygame.Rect,
    change: Change,
    films: list[Screening | None],
    player: Player,
) -> None:
    gap = scribe.px(12)
    half = (area.width - gap) // 2
    places = iter(player.places())
    for side, (film, word, colour) in enumerate(
        zip(films, ("before", "now"), _colours(scribe), strict=True)
    ):
        left = area.left if side == 0 else area.right - half
        title = pygame.Rect(left, area.top, half, scribe.px(30))
        _draw_title(scribe, title, word, "circle" if side else "square")
        bar = pygame.Rect(left, area.bottom - scribe.px(8), half, scribe.px(8))
        view = pygame.Rect(left, title.bottom, half, bar.top - title.bottom - scribe.px(6))
        if film is None:
            draw_empty(scribe, view, "no film")
            continue
        pygame.draw.rect(scribe.surface, scribe.theme.card, view)
        film.draw(scribe, view, next(places))
        draw_bar(scribe, bar, player.share, colour)


def _colours(scribe: Scribe) -> tuple[Colour, Colour]:
    """Return the colours of before and now."""
    return scribe.theme.operator, scribe.theme.policy


def _draw_title(scribe: Scribe, area: pygame.Rect, word: str, shape: str) -> None:
    icon = scribe.px(14)
    colour = _colours(scribe)[shape == "circle"]
    spot = (area.left + icon, area.centery)
    draw_shape(scribe.surface, shape, spot, icon, colour)
    text = pygame.Rect(spot[0] + icon, area.top, 0, area.height)
    text.width = area.right - text.left
    scribe.write(word, text, 18, bold=True)


def _draw_weights(scribe: Scribe, area: pygame.Rect, change: Change) -> None:
    legend = pygame.Rect(area.left, area.top, area.width, scribe.px(30))
    names, bars, _ = columns(legend, (0.36, 0.44, 0.20))
    scribe.write("weights, ±1 sd", names, 15, colour=scribe.theme.quiet)
    reach = _reach(change)
    scribe.write(f"-{reach:g}", bars, 13, colour=scribe.theme.quiet)
    scribe.write("0", bars, 13, colour=scribe.theme.quiet, align="centre")
    scribe.write(f"+{reach:g}", bars, 13, colour=scribe.theme.quiet, align="right")
    body = pygame.Rect(area.left, legend.bottom, area.width, area.bottom - legend.bottom)
    body.height = min(body.height, scribe.px(_ROW) * max(1, len(change.names)))
    for place, row in enumerate(rows(body, max(1, len(change.names)))):
        if place >= len(change.names):
            continue
        box = row.inflate(0, -scribe.px(4))
        pygame.draw.rect(scribe.surface, scribe.theme.card, box, border_radius=scribe.px(6))
        name, chart, figure = columns(box, (0.36, 0.44, 0.20))
        name = name.inflate(-scribe.px(16), 0)
        scribe.write(change.names[place].replace("_", " "), name, 15, bold=True)
        pairs = (change.before[place], change.now[place])
        upper, lower = rows(chart.inflate(0, -scribe.px(4)), 2)
        for track, pair, colour in zip(
            (upper, lower), pairs, _colours(scribe), strict=True
        ):
            _draw_weight(scribe, track, pair, reach, colour)
        pygame.draw.line(scribe.surface, scribe.theme.quiet, chart.midtop, chart.midbottom)
        figure = figure.inflate(-scribe.px(12), 0)
        moved = pairs[1][0] - pairs[0][0]
        scribe.write(f"{moved:+.2f}", figure, 15, align="right", bold=True)


def _draw_weight(
    scribe: Scribe,
    track: pygame.Rect,
    weight: tuple[float, float],
    reach: float,
    colour: Colour,
) -> None:
    mean, std = weight
    bed = track.inflate(0, -scribe.px(2))
    pygame.draw.rect(scribe.surface, scribe.theme.background, bed)
    if not math.isfinite(mean) or not math.isfinite(std):
        return
    low, middle, high = (
        bed.centerx + round(min(1.0, max(-1.0, w / reach)) * bed.width / 2)
        for w in (mean - std, mean, mean + std)
    )
    left = min(middle, bed.centerx)
    tall = max(2, bed.height // 2)
    bar = pygame.Rect(left, bed.centery - tall // 2, abs(middle - bed.centerx), tall)
    pygame.draw.rect(scribe.surface, colour, bar)
    pygame.draw.rect(scribe.surface, scribe.theme.line, bed, 1)
    y, cap = bed.centery, max(2, bed.height // 3)
    pygame.draw.line(
        scribe.surface, scribe.theme.applied, (low, y), (high, y), scribe.px(1.5)
    )
    for x in (low, high):
        pygame.draw.line(
            scribe.surface, scribe.theme.applied, (x, y - cap), (x, y + cap), scribe.px(1.5)
        )


def _reach(change: Change) -> float:
    """Return the weight at the ends of the bars."""
    ends = [abs(mean) + std for mean, std in (*change.before, *change.now)]
    known = [end for end in ends if math.isfinite(end)]
    return max(1.0, math.ceil(2.1 * max(known, default=0.0)) / 2)
