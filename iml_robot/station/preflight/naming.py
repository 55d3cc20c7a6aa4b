"""Asks for the name of the operator: typed, clicked, or picked with a pad."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from iml_robot.station.controls import Control, Controls
from iml_robot.station.menus.drawing import MenuAreas
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_strip
from iml_robot.station.text import Scribe

LONGEST = 16
DELETE, DONE = "⌫", "OK"
ROWS: Sequence[Sequence[str]] = (
    tuple("ABCDEFGHIJ"),
    tuple("KLMNOPQRST"),
    (*"UVWXYZ", "-", "_", ".", DELETE),
    (*"0123456789",),
    (DONE,),
)
# Letters are typed, so that only places lead through the grid. Space stops robots.
CONTROLS = (
    Control("pick", "take it", (), ("a",)),
    Control("done", "done", ("RETURN",), ("start",)),
    Control("up", "up", ("UP",), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN",), ("dpdown",), repeats=True),
    Control("left", "left", ("LEFT",), ("dpleft",), repeats=True),
    Control("right", "right", ("RIGHT",), ("dpright",), repeats=True),
    Control("delete", "delete", ("BACKSPACE",), ("x",), repeats=True),
    Control("leave", "leave it as it was", ("ESCAPE",), ("b",)),
)


class Name:
    """A name that grows and shrinks, and a cursor on the letters; no pixels in here.

    Args:
        text: The name at first.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text[:LONGEST]
        self._row = self._column = 0

    @property
    def cell(self) -> str:
        """What the cursor is on."""
        return ROWS[self._row][self._column]

    def move(self, columns: int, rows: int) -> None:
        """Move the cursor; it goes round at the ends."""
        self._row = (self._row + rows) % len(ROWS)
        width = len(ROWS[self._row])
        self._column = min(self._column, width - 1)
        self._column = (self._column + columns) % width

    def point(self, cell: str) -> None:
        """Move the cursor to a letter."""
        for row, cells in enumerate(ROWS):
            if cell in cells:
                self._row, self._column = row, cells.index(cell)

    def take(self, cell: str) -> bool:
        """Add a letter, or delete the last one; return whether the name is done."""
        if cell == DELETE:
            self.text = self.text[:-1]
        elif cell != DONE and len(self.text) < LONGEST:
            self.text += cell
        return cell == DONE


def ask_name(stage: Stage, pads: LivePads, text: str = "") -> str | None:
    """Return the name of the operator; None: all stays as it was.

    Args:
        stage: The window.
        pads: The pads that are there.
        text: The name at first.
    """
    stage.enter()
    name, controls = Name(text), Controls(CONTROLS)
    places: dict[str, pygame.Rect] = {}
    while not stage.closed:
        places = _draw(stage, name, controls)
        stage.wait()
        pads.look(stage.events)
        for action in controls.read(stage.events, stage.now_s).actions:
            if action == "leave":
                return None
            if action == "done" or (action == "pick" and name.take(name.cell)):
                return name.text
            _move(name, action)
        for cell in _typed(stage.events, places):
            name.point(cell)
            if name.take(cell):
                return name.text
    return None


def _move(name: Name, action: str) -> None:
    steps = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
    if action in steps:
        name.move(*steps[action])
    elif action == "delete":
        name.take(DELETE)


def _typed(
    events: Sequence[pygame.event.Event], places: dict[str, pygame.Rect]
) -> list[str]:
    """Return the letters that were typed or clicked."""
    cells = []
    for event in events:
        if event.type == pygame.KEYDOWN:
            typed = getattr(event, "unicode", "")
            if typed.isprintable() and typed.strip():
                cells.append(typed)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            hit = [cell for cell, place in places.items() if place.collidepoint(event.pos)]
            cells += hit
    return cells


def _draw(stage: Stage, name: Name, controls: Controls) -> dict[str, pygame.Rect]:
    """Draw the name and the letters; return where each letter is [pixels]."""
    scribe = stage.begin()
    keys = controls.bindings()
    if not controls.pad_used:
        keys = [("letters", "type the name"), *keys]
    areas = MenuAreas.of(scribe, keys, beside=False)
    scribe.write("Who drives?", areas.title, 28, bold=True)
    field = pygame.Rect(areas.list.left, areas.list.top, areas.list.width, scribe.px(48))
    pygame.draw.rect(scribe.surface, scribe.theme.card, field, border_radius=scribe.px(8))
    inner = field.inflate(-scribe.px(24), 0)
    scribe.write(f"{name.text}_", inner, 24, bold=True)
    top = field.bottom + scribe.px(12)
    tall = min(scribe.px(52), (areas.list.bottom - top) // len(ROWS))
    places = {}
    for row, cells in enumerate(ROWS):
        wide = min(scribe.px(72), areas.list.width // len(cells))
        for column, cell in enumerate(cells):
            corner = (areas.list.left + column * wide, top + row * tall)
            place = pygame.Rect(corner, (wide, tall)).inflate(-scribe.px(6), -scribe.px(6))
            places[cell] = place
            _draw_cell(scribe, place, cell, chosen=cell == name.cell)
    note = "It stands in the session; an alias will do."
    scribe.write(note, areas.note, 17, colour=scribe.theme.quiet)
    draw_strip(scribe, areas.keys, keys)
    stage.show()
    return places


def _draw_cell(scribe: Scribe, place: pygame.Rect, cell: str, *, chosen: bool) -> None:
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.card, place, border_radius=scribe.px(6))
    if chosen:
        edge = scribe.px(3)
        pygame.draw.rect(
            scribe.surface, theme.policy, place, edge, border_radius=scribe.px(6)
        )
    inner = place.inflate(-scribe.px(8), 0)
    scribe.write(cell, inner, 20, bold=chosen, align="centre")
