"""How the pause menu looks: a plate over the world, which stands still."""

from __future__ import annotations

import pygame

from iml_robot.station.arrows import draw_arrows
from iml_robot.station.legend import Bindings
from iml_robot.station.menus.menu import Item, Menu
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

_ROW, _LOWEST_ROW = 44, 27
"""Height of a line, and the height down to which all lines are shown at once."""


def draw_pause(
    scribe: Scribe,
    area: pygame.Rect,
    menu: Menu,
    *,
    title: str,
    headline: str,
    keys: Bindings,
    say: str,
) -> dict[str, pygame.Rect]:
    """Draw the menu; return where each visible line is, by key [pixels].

    Args:
        scribe: Draws and writes.
        area: The box of the plate [pixels].
        menu: The lines.
        title: Heading.
        headline: Where the session stands.
        keys: What to press.
        say: What is said in place of the note; "": the note.
    """
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.background, area, border_radius=scribe.px(12))
    edge = scribe.px(3)
    pygame.draw.rect(scribe.surface, theme.line, area, edge, border_radius=scribe.px(12))
    # What the plate covers is not seen any more.
    scribe.placed[:] = [seen for seen in scribe.placed if not area.contains(seen.rect)]
    inner = area.inflate(-2 * scribe.px(22), -2 * scribe.px(12))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(42))
    told = pygame.Rect(inner.left, head.bottom, inner.width, scribe.px(24))
    for line in scribe.wrapped(headline, inner.width, 16)[:2]:
        scribe.write(line, told, 16, colour=theme.quiet)
        told.top = told.bottom
    tall = strip_height(scribe, inner.width, keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    note = pygame.Rect(inner.left, 0, inner.width, scribe.px(30))
    note.bottom = strip.top - scribe.px(4)
    top = told.top + scribe.px(8)
    scribe.write(title, head, 26, bold=True)
    said = say or menu.current.refused or menu.current.note
    warned = bool(say or menu.current.refused)
    scribe.write(said, note, 17, colour=theme.warning if warned else theme.quiet)
    draw_strip(scribe, strip, keys)
    body = pygame.Rect(inner.left, top, inner.width, note.top - scribe.px(4) - top)
    return _draw_lines(scribe, body, menu)


def _draw_lines(scribe: Scribe, area: pygame.Rect, menu: Menu) -> dict[str, pygame.Rect]:
    """Draw the lines around the cursor; return where they are, by key [pixels]."""
    most = max(1, area.height // scribe.px(_LOWEST_ROW))
    fit = min(most, len(menu.items))
    first = max(0, min(menu.place - fit // 2, len(menu.items) - fit))
    step = min(scribe.px(_ROW), area.height // fit)
    places = {}
    for line, item in enumerate(menu.items[first : first + fit]):
        row = pygame.Rect(area.left, area.top + line * step, area.width, step)
        row.height -= max(2, step // 8)
        places[item.key] = row
        _draw_item(scribe, row, item, chosen=item is menu.current)
    below = first + fit < len(menu.items)
    draw_arrows(scribe, area, above=first > 0, below=below)
    return places


def _draw_item(scribe: Scribe, row: pygame.Rect, item: Item, *, chosen: bool) -> None:
    theme, radius = scribe.theme, scribe.px(8)
    pygame.draw.rect(scribe.surface, theme.card, row, border_radius=radius)
    inner = row.inflate(-scribe.px(24), 0)
    if chosen:
        # A frame and a sign, so that the line is found without colours.
        edge = scribe.px(3)
        pygame.draw.rect(scribe.surface, theme.policy, row, edge, border_radius=radius)
        spot = (inner.left + scribe.px(6), inner.centery)
        draw_shape(scribe.surface, "diamond", spot, scribe.px(12), theme.policy)
    told = item.value or ("not now" if item.refused else "")
    wide = scribe.width(told, 17) + scribe.px(4) if told else 0
    label = pygame.Rect(inner.left + scribe.px(22), row.top, 0, row.height)
    label.width = inner.right - wide - scribe.px(10) - label.left
    colour = theme.quiet if item.refused else theme.text
    scribe.write(item.label, label, 19, bold=chosen, colour=colour)
    value = pygame.Rect(inner.right - wide, row.top, wide, row.height)
    scribe.write(told, value, 17, colour=theme.quiet, align="right")
