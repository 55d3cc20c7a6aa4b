"""How a question looks: two films side by side, what differs, and the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from iml_robot.core.feedback import Answer
from iml_robot.station.hints import draw_pill
from iml_robot.station.layout import columns, rows
from iml_robot.station.legend import Bindings
from iml_robot.station.palette import Colour, ink_on
from iml_robot.station.panel import draw_bar
from iml_robot.station.player import Player, Screening, draw_empty
from iml_robot.station.questions.answering import Given
from iml_robot.station.questions.differences import MOST, Difference
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

SIDES: tuple[tuple[Answer, str, str], ...] = (
    (Answer.LEFT, "left", "circle"),
    (Answer.RIGHT, "right", "square"),
)
"""The sides with their word and shape."""

_PENDING = {
    Answer.EQUAL: "About equal",
    Answer.CANT_TELL: "Can't tell",
    Answer.SKIP: "Skipped",
}
_SCORES = 3.0
"""Bars of features reach this many standard deviations to both sides."""


@dataclass(frozen=True, slots=True)
class QuestionPicture:
    """Everything that is seen of a question at a moment.

    Attributes:
        films: The films of the left and the right segment; None while they are made.
        player: Their time.
        keys: What to press, and its meaning.
        differences: The features to show; empty: none.
        given: The answer that counts in a moment.
        message: A line for the person; "" for none.
        progress: Where in the series of questions this is; "" if nobody said.
    """

    films: tuple[Screening, Screening] | None
    player: Player
    keys: Bindings
    differences: Sequence[Difference] = ()
    given: Given | None = None
    message: str = ""
    progress: str = ""


def draw_question(scribe: Scribe, picture: QuestionPicture) -> None:
    """Draw a question over the whole window."""
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-scribe.px(28), -scribe.px(20))
    tall = strip_height(scribe, inner.width, picture.keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, picture.keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(38))
    _draw_head(scribe, head, picture)
    body = pygame.Rect(inner.left, head.bottom, inner.width, strip.top - head.bottom)
    body.height -= scribe.px(8)
    gap = scribe.px(16)
    half = (body.width - gap) // 2
    for side in (0, 1):
        left = body.left if side == 0 else body.right - half
        _draw_side(scribe, pygame.Rect(left, body.top, half, body.height), picture, side)
    if picture.message:
        # The pill keeps its distance from the lower edge of its box.
        figures = _figures_height(scribe, picture)
        view = pygame.Rect(body.left, body.top, body.width, body.height - figures)
        draw_pill(scribe, view.move(0, scribe.px(42)), picture.message)


def _draw_head(scribe: Scribe, area: pygame.Rect, picture: QuestionPicture) -> None:
    title = "Which drive is better?"
    colour = scribe.theme.text
    if picture.given is not None and picture.given.answer in _PENDING:
        title, colour = f"{_PENDING[picture.given.answer]}: noted", scribe.theme.warning
    wide = min(area.width // 2, scribe.width(title, 25, bold=True) + scribe.px(4))
    left = pygame.Rect(area.left, area.top, wide, area.height)
    scribe.write(title, left, 25, bold=True, colour=colour)
    right = pygame.Rect(left.right + scribe.px(20), area.top, 0, area.height)
    right.width = area.right - right.left
    scribe.write(_state(picture), right, 16, colour=scribe.theme.quiet, align="right")


def _state(picture: QuestionPicture) -> str:
    player = picture.player
    if picture.films is None:
        state = "loading"
    elif not player.shown:
        state = "watch both to the end first"
    elif player.replays:
        state = f"your answer? shown again {player.replays}x"
    else:
        state = "your answer?"
    return f"{picture.progress}, {state}" if picture.progress else state


def _figures_height(scribe: Scribe, picture: QuestionPicture) -> int:
    if not picture.differences:
        return 0
    return min(MOST, len(picture.differences)) * scribe.px(38) + scribe.px(6)


def _colour(scribe: Scribe, side: int) -> Colour:
    return scribe.theme.operator if side else scribe.theme.policy


def _draw_side(
    scribe: Scribe, area: pygame.Rect, picture: QuestionPicture, side: int
) -> None:
    answer, word, shape = SIDES[side]
    colour = _colour(scribe, side)
    given = picture.given
    chosen = given is not None and given.answer is answer
    title = pygame.Rect(area.left, area.top, area.width, scribe.px(30))
    words = word
    if chosen and given is not None:
        words = f"{word}: {'much better' if given.much else 'better (again: much better)'}"
        pygame.draw.rect(scribe.surface, colour, title, border_radius=scribe.px(6))
    ink = ink_on(colour) if chosen else scribe.theme.text
    icon = scribe.px(16)
    spot = (title.left + scribe.px(8) + icon // 2, title.centery)
    draw_shape(scribe.surface, shape, spot, icon, ink if chosen else colour)
    label = pygame.Rect(spot[0] + icon, title.top, 0, title.height)
    label.width = title.right - label.left
    scribe.write(words, label, 19, bold=True, colour=ink)
    figures = _figures_height(scribe, picture)
    bar = pygame.Rect(area.left, 0, area.width, scribe.px(8))
    bar.bottom = area.bottom - figures
    room = pygame.Rect(area.left, title.bottom, area.width, bar.top - title.bottom)
    _draw_film(scribe, room.inflate(0, -scribe.px(8)), picture, side)
    draw_bar(scribe, bar, picture.player.share, colour)
    if chosen:
        edge = scribe.px(5)
        pygame.draw.rect(scribe.surface, colour, room.inflate(0, -scribe.px(4)), edge)
    if figures:
        box = pygame.Rect(area.left, bar.bottom, area.width, figures)
        box.top += scribe.px(6)
        box.height -= scribe.px(6)
        for row, one in zip(
            rows(box, len(picture.differences)), picture.differences, strict=True
        ):
            _draw_difference(scribe, row, one, side)


def _draw_film(
    scribe: Scribe, area: pygame.Rect, picture: QuestionPicture, side: int
) -> None:
    if picture.films is None:
        draw_empty(scribe, area, "one moment")
        return
    pygame.draw.rect(scribe.surface, scribe.theme.card, area)
    picture.films[side].draw(scribe, area, picture.player.places()[side])


def _draw_difference(scribe: Scribe, row: pygame.Rect, one: Difference, side: int) -> None:
    """Draw one feature: what it is, how much of it there is, and in words."""
    colour = _colour(scribe, side)
    upper, lower = rows(row, 2)
    name, track, words = columns(upper, (0.34, 0.27, 0.39))
    scribe.write(one.name.replace("_", " "), name, 15, bold=True)
    scribe.write(one.meaning, lower, 13, colour=scribe.theme.quiet)
    track.inflate_ip(-scribe.px(8), scribe.px(12) - track.height)
    pygame.draw.rect(scribe.surface, scribe.theme.card, track)
    share = max(-1.0, min(1.0, one.scores[side] / _SCORES))
    end = track.centerx + round(share * track.width / 2)
    filled = pygame.Rect(min(end, track.centerx), track.top, 0, track.height)
    filled.width = max(abs(end - track.centerx), scribe.px(2))
    pygame.draw.rect(scribe.surface, colour, filled)
    pygame.draw.rect(scribe.surface, scribe.theme.line, track, 1)
    tick = track.inflate(0, scribe.px(6))
    pygame.draw.line(scribe.surface, scribe.theme.quiet, tick.midtop, tick.midbottom)
    words.inflate_ip(-scribe.px(8), 0)
    written = scribe.write(one.words(side), words, 15, bold=True)
    rest = pygame.Rect(written.right + scribe.px(10), words.top, 0, words.height)
    rest.width = words.right - rest.left
    scribe.write(one.figure(side), rest, 13, colour=scribe.theme.quiet, align="right")
