"""How a review looks: the film and its timeline, and what can be said about it."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from iml_robot.station.arrows import draw_arrows
from iml_robot.station.layout import rows
from iml_robot.station.legend import Bindings
from iml_robot.station.player import Screening, draw_empty
from iml_robot.station.review.opinion import Line, Opinion
from iml_robot.station.review.replay import Replay
from iml_robot.station.review.timeline import TALL, draw_timeline
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

_LINES_SHARE = 0.34
_ROW, _LOWEST_ROW = 44, 26
_STRIP = 70
"""Height that the keys may take: two lines; all but the first have lines of their own."""


@dataclass(frozen=True, slots=True)
class ReviewPicture:
    """Everything that is seen of a review at a moment.

    Attributes:
        replay: The episode.
        opinion: What holds now.
        step: Where the person looks.
        frame: The picture of that; None: there is no film.
        keys: What to press.
        left_s: Time until the review ends by itself [s].
        say: A line for the person; "": none.
        why: Why one cannot drive on from here, in place of the picture; "": one may.
    """

    replay: Replay
    opinion: Opinion
    step: int
    frame: Screening | None
    keys: Bindings
    left_s: float
    say: str = ""
    why: str = ""


def draw_review(
    scribe: Scribe, picture: ReviewPicture
) -> tuple[dict[str, pygame.Rect], pygame.Rect]:
    """Draw a review over the whole window.

    Returns:
        Where each line is, by its key, and where the bar of the timeline is [pixels].
    """
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-2 * scribe.px(22), -2 * scribe.px(14))
    keys = list(picture.keys)
    while (tall := strip_height(scribe, inner.width, keys)) > scribe.px(_STRIP):
        keys.pop()
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(40))
    _draw_head(scribe, head, picture)
    top = head.bottom + scribe.px(30)
    body = pygame.Rect(inner.left, top, inner.width, strip.top - scribe.px(8) - top)
    note = pygame.Rect(inner.left, head.bottom, inner.width, scribe.px(26))
    lines = pygame.Rect(body)
    lines.width = round(body.width * _LINES_SHARE)
    lines.right = body.right
    # Beside the note is room too.
    lines.top, lines.height = note.top, body.bottom - note.top
    note.width = lines.left - scribe.px(18) - note.left
    colour = scribe.theme.warning if picture.say else scribe.theme.quiet
    scribe.write(picture.say or _told(picture.replay), note, 17, colour=colour)
    film = pygame.Rect(body.left, body.top, lines.left - scribe.px(18) - body.left, 0)
    film.height = body.height - scribe.px(TALL) - scribe.px(6)
    _draw_film(scribe, film, picture)
    below = pygame.Rect(film.left, body.bottom - scribe.px(TALL), film.width, 0)
    below.height = body.bottom - below.top
    bar = draw_timeline(scribe, below, picture.replay, picture.step)
    return _draw_lines(scribe, lines, picture.opinion), bar


def _told(replay: Replay) -> str:
    ended = replay.outcome.replace("_", " ") or "no end"
    word = "a success" if replay.success else "a failure"
    return f"the environment says: {ended}, {word}"


def _draw_head(scribe: Scribe, area: pygame.Rect, picture: ReviewPicture) -> None:
    words = f"goes on in {picture.left_s:.0f} s"
    wide = scribe.width("goes on in 10 s", 16) + scribe.px(12)
    right = pygame.Rect(area.right - wide, area.top, wide, area.height)
    scribe.write(words, right, 16, colour=scribe.theme.quiet, align="right")
    title = pygame.Rect(area.left, area.top, right.left - area.left, area.height)
    scribe.write(f"How did {picture.replay.title} go?", title, 26, bold=True)


def _draw_film(scribe: Scribe, area: pygame.Rect, picture: ReviewPicture) -> None:
    pygame.draw.rect(scribe.surface, scribe.theme.card, area)
    if picture.frame is not None and not picture.why:
        picture.frame.draw(scribe, area, 0)
        return
    missing = picture.replay.no_film or "there is no film of this episode"
    reason = picture.why or missing
    lines = scribe.wrapped(reason, area.width - scribe.px(40), 16)
    step = scribe.px(26)
    top = area.centery - step * len(lines) // 2
    for count, line in enumerate(lines):
        row = pygame.Rect(area.left, top + count * step, area.width, step)
        draw_empty(scribe, row, line)


def _draw_lines(
    scribe: Scribe, area: pygame.Rect, opinion: Opinion
) -> dict[str, pygame.Rect]:
    lines = opinion.lines
    fit = max(1, min(len(lines), area.height // scribe.px(_LOWEST_ROW)))
    # Where letters are so large that not all fit, those around the cursor are shown.
    at = [line.key for line in lines].index(opinion.cursor)
    first = max(0, min(at - fit // 2, len(lines) - fit))
    room = pygame.Rect(area)
    room.height = min(area.height, scribe.px(_ROW) * fit)
    places = {}
    for line, row in zip(lines[first : first + fit], rows(room, fit), strict=True):
        box = row.inflate(0, -max(2, row.height // 8))
        places[line.key] = box
        _draw_line(scribe, box, line, chosen=line.key == opinion.cursor)
    below = first + fit < len(lines)
    draw_arrows(scribe, room, above=first > 0, below=below)
    return places


def _draw_line(scribe: Scribe, box: pygame.Rect, line: Line, *, chosen: bool) -> None:
    theme = scribe.theme
    radius = scribe.px(7)
    pygame.draw.rect(scribe.surface, theme.card, box, border_radius=radius)
    if chosen:
        pygame.draw.rect(
            scribe.surface, theme.policy, box, scribe.px(3), border_radius=radius
        )
    spot = (box.left + scribe.px(22), box.centery)
    size = min(scribe.px(18), box.height - scribe.px(6))
    if line.kind == "do":
        draw_shape(scribe.surface, "diamond", spot, size * 3 // 4, theme.text)
    else:
        _draw_mark(scribe, spot, size, line)
    text = pygame.Rect(box.left + scribe.px(42), box.top, 0, box.height)
    text.width = box.right - scribe.px(8) - text.left
    scribe.write(line.label, text, 17, bold=line.on or chosen)


def _draw_mark(scribe: Scribe, spot: tuple[int, int], size: int, line: Line) -> None:
    """Draw a ring or a box, filled where the line is marked."""
    surface, ink, edge = scribe.surface, scribe.theme.text, scribe.px(2)
    if line.kind == "one":
        pygame.draw.circle(surface, ink, spot, size // 2, edge)
        if line.on:
            pygame.draw.circle(surface, ink, spot, max(2, size // 2 - 2 * edge))
        return
    box = pygame.Rect(0, 0, size, size)
    box.center = spot
    pygame.draw.rect(surface, ink, box, edge)
    if line.on:
        draw_shape(surface, "cross", spot, size - 2 * edge, ink)
