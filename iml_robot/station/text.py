"""Text that always fits: written into a box, smaller or shortened when it must be."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pygame

from iml_robot.station.palette import DARK, Colour, Theme

Align = Literal["left", "centre", "right"]

_SMALLEST = 0.72
_REMEMBERED = 800


@dataclass(frozen=True, slots=True)
class Placed:
    """One text of the last picture.

    Attributes:
        text: What was written, shortened if it did not fit.
        wanted: What should have been written.
        rect: Where it is on the screen [pixels].
    """

    text: str
    wanted: str
    rect: pygame.Rect


class Scribe:
    """Writes on one surface and remembers where, so that layouts can be tested.

    Args:
        surface: Surface to write on.
        unit: Pixels for one pixel of the design, which is 720 pixels high.
        theme: The colours.

    Attributes:
        surface: Surface to write on.
        unit: Pixels for one pixel of the design.
        theme: The colours.
        placed: The texts so far.
    """

    def __init__(self, surface: pygame.Surface, unit: float, theme: Theme = DARK) -> None:
        self.surface = surface
        self.unit = unit
        self.theme = theme
        self.placed: list[Placed] = []

    def px(self, design_pixels: float) -> int:
        """Return a length of the design in pixels of the screen, at least 1."""
        return max(1, round(design_pixels * self.unit))

    def width(self, text: str, size: float, *, bold: bool = False) -> int:
        """Return how wide a text is when nothing forces it to shrink [pixels]."""
        return _font(self.px(size), bold).size(text)[0]

    def wrapped(self, text: str, width: int, size: float) -> list[str]:
        """Return a text cut between words into lines of at most some width [pixels]."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def write(
        self,
        text: str,
        area: pygame.Rect,
        size: float,
        *,
        colour: Colour | None = None,
        bold: bool = False,
        align: Align = "left",
    ) -> pygame.Rect:
        """Write a line into a box, centred in height.

        Args:
            text: The line.
            area: Box [pixels] that the line never leaves.
            size: Height of the font in pixels of the design.
            colour: Colour of the letters; None: that of text.
            bold: Whether the letters are bold.
            align: Where the line stands in the width of the box.

        Returns:
            Where the letters are [pixels].
        """
        if not text:
            return pygame.Rect(area.topleft, (0, 0))
        shown, font_px = _fitted(text, area.size, self.px(size), bold)
        letters = _letters(shown, font_px, bold, colour or self.theme.text)
        rect = letters.get_rect(centery=area.centery)
        if align == "left":
            rect.left = area.left
        elif align == "right":
            rect.right = area.right
        else:
            rect.centerx = area.centerx
        self.surface.blit(letters, rect)
        self.placed.append(Placed(shown, text, rect))
        return rect


@cache
def _font_file(bold: bool) -> str | None:
    """Return DejaVu Sans as shipped with Matplotlib, or None for pygame's own font.

    A font that comes with a dependency looks the same on every machine; system fonts
    would move the layout.
    """
    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if file.is_file():
            return str(file)
    return None


@cache
def _font(size_px: int, bold: bool) -> pygame.font.Font:
    pygame.font.init()
    # A font from before `pygame.quit` crashes the process when it is used after it.
    pygame.register_quit(_font.cache_clear)
    return pygame.font.Font(_font_file(bold), size_px)


_fits: dict[tuple[str, tuple[int, int], int, bool], tuple[str, int]] = {}
_rendered: dict[tuple[str, int, bool, Colour], pygame.Surface] = {}


def _fitted(text: str, room: tuple[int, int], size_px: int, bold: bool) -> tuple[str, int]:
    """Return the text and font size that fit: first smaller letters, then fewer."""
    key = (text, room, size_px, bold)
    if key not in _fits:
        if len(_fits) > _REMEMBERED:
            _fits.clear()
        _fits[key] = _fit(text, room, size_px, bold)
    return _fits[key]


def _fit(text: str, room: tuple[int, int], size_px: int, bold: bool) -> tuple[str, int]:
    smallest = max(6, round(size_px * _SMALLEST))
    for size in range(size_px, smallest - 1, -1):
        width, height = _font(size, bold).size(text)
        if width <= room[0] and height <= room[1]:
            return text, size
    while smallest > 6 and _font(smallest, bold).get_height() > room[1]:
        smallest -= 1
    font = _font(smallest, bold)
    for length in range(len(text), 0, -1):
        shorter = text[:length].rstrip() + ("…" if length < len(text) else "")
        if font.size(shorter)[0] <= room[0]:
            return shorter, smallest
    return "", smallest


def _letters(text: str, size_px: int, bold: bool, colour: Colour) -> pygame.Surface:
    key = (text, size_px, bold, colour)
    if key not in _rendered:
        if len(_rendered) > _REMEMBERED:
            _rendered.clear()
        _rendered[key] = _font(size_px, bold).render(text, True, colour)
    return _rendered[key]
