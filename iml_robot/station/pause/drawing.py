"""How the pause menu looks: a plate over the world, which stands still."""

from __future__ import annotations

import pygame

from iml_robot.station.legend import Bindings
from iml_robot.station.menus.drawing import MenuAreas, draw_menu
from iml_robot.station.menus.menu import Menu
from iml_robot.station.strip import strip_height
from iml_robot.station.text import Scribe


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
    top = told.top + scribe.px(10)
    # Room for the arrows at the right that say that there are more lines.
    body = pygame.Rect(inner.left, top, inner.width - scribe.px(22), note.top - top)
    areas = MenuAreas(head, body, pygame.Rect(body.topright, (0, 0)), note, strip)
    return draw_menu(scribe, areas, title, menu, keys, say=say)
