"""Where the parts of the drive view are, for any size of the window."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pygame

_DESIGN_HEIGHT = 720
_NARROWEST_DESIGN = 1130
_FRAME = 8
_BANNER = 74
_PANEL = 336
_KEYS = 46
_DIALS = 104
_GAP = 10
_PLATE = 860


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of the drive view [pixels]; none touches another.

    Attributes:
        unit: Pixels for one pixel of the design, which is 720 pixels high.
        frame: Width of the coloured frame.
        banner: Who drives.
        view: The picture of the world.
        dials: What the robot tells, under the picture; without height where it tells
            nothing.
        panel: The figures at the right.
        keys: The keys under picture and dials.
    """

    unit: float
    frame: int
    banner: pygame.Rect
    view: pygame.Rect
    dials: pygame.Rect
    panel: pygame.Rect
    keys: pygame.Rect

    @property
    def page(self) -> pygame.Rect:
        """Room for a page over all but banner and frame."""
        return self.view.union(self.panel)

    @property
    def plate(self) -> pygame.Rect:
        """Room for a menu over the middle of everything below the banner."""
        below = self.view.unionall([self.panel, self.keys, self.dials])
        most = round(_PLATE * self.unit)
        return below.inflate(min(0, most - below.width), 0)

    @classmethod
    def of(cls, size: tuple[int, int], scale: float = 1.0, *, dials: bool = True) -> Layout:
        """Return the layout of a window.

        Args:
            size: Width and height [pixels].
            scale: Size of letters and lines; the picture gets what room is left.
            dials: Whether there are any.
        """
        width, height = max(size[0], 320), max(size[1], 240)
        unit = min(height / _DESIGN_HEIGHT, width / _NARROWEST_DESIGN) * scale
        frame, gap = round(_FRAME * unit), round(_GAP * unit)
        banner = pygame.Rect(0, 0, width, round(_BANNER * unit))
        panel_width = round(_PANEL * unit)
        top = banner.bottom + gap
        bottom = height - frame - gap
        panel = pygame.Rect(
            width - frame - gap - panel_width, top, panel_width, bottom - top
        )
        left = frame + gap
        keys_height = round(_KEYS * unit)
        wide = panel.left - gap - left
        keys = pygame.Rect(left, bottom - keys_height, wide, keys_height)
        end = keys.top - gap // 2
        strip = pygame.Rect(left, end, wide, round(_DIALS * unit) if dials else 0)
        strip.bottom = end
        view_end = strip.top - gap // 2 if dials else end
        view = pygame.Rect(left, top, wide, view_end - top)
        return cls(unit, frame, banner, view, strip, panel, keys)


def rows(area: pygame.Rect, count: int) -> list[pygame.Rect]:
    """Return a box cut into rows of equal height, from top to bottom."""
    edges = [area.top + round(area.height * k / count) for k in range(count + 1)]
    return [
        pygame.Rect(area.left, a, area.width, b - a) for a, b in itertools.pairwise(edges)
    ]


def columns(area: pygame.Rect, shares: tuple[float, ...]) -> list[pygame.Rect]:
    """Return a box cut into columns whose widths have the given proportions."""
    total, edge, cut = sum(shares), 0.0, []
    for share in shares:
        left = area.left + round(area.width * edge / total)
        edge += share
        right = area.left + round(area.width * edge / total)
        cut.append(pygame.Rect(left, area.top, right - left, area.height))
    return cut
