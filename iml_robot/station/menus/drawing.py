"""How a menu looks: lines on the left, what belongs to them on the right."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from iml_robot.station.arrows import draw_arrows
from iml_robot.station.legend import Bindings
from iml_robot.station.menus.menu import Item, Menu
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

_ROW = 44
_MARGIN = 44
_SHARE_BESIDE = 0.46


@dataclass(frozen=True, slots=True)
class MenuAreas:
    """Boxes of a menu screen [pixels]; none touches another.

    Attributes:
        title: The heading.
        list: The lines.
        beside: Room for a picture, a table or a graph; empty if there is none.
        note: One line about the line under the cursor.
        keys: What to press.
    """

    title: pygame.Rect
    list: pygame.Rect
    beside: pygame.Rect
    note: pygame.Rect
    keys: pygame.Rect

    @classmethod
    def of(cls, scribe: Scribe, keys: Bindings, *, beside: bool) -> MenuAreas:
        """Return the boxes for the window.

        Args:
            scribe: Knows the size of the letters.
            keys: What to press.
            beside: Whether something stands beside the lines.
        """
        screen = scribe.surface.get_rect()
        margin = scribe.px(_MARGIN if screen.width > screen.height else _MARGIN // 2)
        inner = screen.inflate(-2 * margin, -2 * scribe.px(24))
        title = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(48))
        tall = strip_height(scribe, inner.width, keys)
        strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
        note = pygame.Rect(inner.left, 0, inner.width, scribe.px(34))
        note.bottom = strip.top - scribe.px(8)
        top = title.bottom + scribe.px(12)
        body = pygame.Rect(inner.left, top, inner.width, note.top - scribe.px(8) - top)
        right = pygame.Rect(body.right, body.top, 0, body.height)
        if beside:
            right.width = round(body.width * _SHARE_BESIDE)
            right.right = inner.right
            body.width -= right.width + scribe.px(24)
        return cls(title, body, right, note, strip)


def draw_menu(
    scribe: Scribe, areas: MenuAreas, title: str, menu: Menu, keys: Bindings, *, say: str
) -> dict[str, pygame.Rect]:
    """Draw a menu; return where each visible line is, by key [pixels].

    Args:
        scribe: Draws and writes.
        areas: The boxes.
        title: Heading.
        menu: The lines.
        keys: What to press.
        say: What is said in place of the note; "": the note.
    """
    theme = scribe.theme
    scribe.write(title, areas.title, 28, bold=True)
    step = scribe.px(_ROW)
    fit = max(1, areas.list.height // step)
    first = max(0, min(menu.place - fit // 2, len(menu.items) - fit))
    places = {}
    for line, item in enumerate(menu.items[first : first + fit]):
        top = areas.list.top + line * step
        row = pygame.Rect(areas.list.left, top, areas.list.width, step - scribe.px(6))
        places[item.key] = row
        _draw_item(scribe, row, item, chosen=item is menu.current)
    below = first + fit < len(menu.items)
    draw_arrows(scribe, areas.list, above=first > 0, below=below)
    note = say or menu.current.refused or menu.current.note
    colour = theme.warning if say or menu.current.refused else theme.quiet
    scribe.write(note, areas.note, 17, colour=colour)
    draw_strip(scribe, areas.keys, keys)
    return places


def _draw_item(scribe: Scribe, row: pygame.Rect, item: Item, *, chosen: bool) -> None:
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.card, row, border_radius=scribe.px(8))
    inner = row.inflate(-scribe.px(24), 0)
    mark = scribe.px(12)
    if chosen:
        # A frame and a sign, so that the line is found without colours.
        edge = scribe.px(3)
        pygame.draw.rect(
            scribe.surface, theme.policy, row, edge, border_radius=scribe.px(8)
        )
        spot = (inner.left + mark // 2, inner.centery)
        draw_shape(scribe.surface, "diamond", spot, mark, theme.policy)
    left = inner.left + mark + scribe.px(10)
    value = f"◂ {item.value} ▸" if chosen and item.adjustable else item.value
    wide = min(scribe.width(value, 18) + scribe.px(4), round(inner.width * 0.55))
    label = pygame.Rect(left, inner.top, inner.right - wide - left, inner.height)
    if value:
        label.width -= scribe.px(10)
    colour = theme.quiet if item.refused else theme.text
    scribe.write(item.label, label, 19, bold=chosen, colour=colour)
    right = pygame.Rect(inner.right - wide, inner.top, wide, inner.height)
    scribe.write(value, right, 18, colour=theme.quiet, align="right")
