"""What is drawn over the ground: trail, goal, scale bar, compass, outcome."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.rendering_backend import font, load_pygame

Points = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

INK: Colour = (18, 20, 26)
PAPER: Colour = (255, 255, 255)
GOAL: Colour = (0, 158, 115)
TRAIL: Colour = (255, 255, 255)


def draw_trail(surface: Any, pixels: Points) -> None:
    """Draw where the robot has been: a light line with a dark edge.

    Args:
        surface: Surface to draw on.
        pixels: Corners of the line, shape (n, 2), the newest last.
    """
    if len(pixels) < 2:
        return
    pygame = load_pygame()
    # A stroke every few pixels is enough, and a long episode would cost more than the map.
    moved = np.r_[0, np.cumsum(np.hypot(*np.diff(pixels, axis=0).T))]
    keep = np.unique(np.searchsorted(moved, np.arange(0, moved[-1] + 4, 4)))
    line = pixels[np.append(keep[keep < len(pixels) - 1], len(pixels) - 1)]
    width, height = surface.get_size()
    inside = ((line > -50) & (line < (width + 50, height + 50))).all(axis=1)
    for run in np.split(line, np.flatnonzero(np.diff(inside.astype(int))) + 1):
        if len(run) < 2 or not ((run > -50) & (run < (width + 50, height + 50))).all():
            continue
        corners = run.tolist()
        pygame.draw.lines(surface, (52, 50, 46), False, corners, 4)
        pygame.draw.lines(surface, TRAIL, False, corners, 2)


def draw_goal(surface: Any, pixel: Points, radius_px: float) -> None:
    """Draw the goal: a tinted disc with a ring and a flag at its centre."""
    pygame = load_pygame()
    x, y = (float(v) for v in pixel)
    radius = max(6, round(radius_px))
    disc = _disc(radius)
    surface.blit(disc, disc.get_rect(center=(round(x), round(y))))
    tall = 30.0
    flag = [(x, y - tall), (x + 20, y - tall + 7), (x, y - tall + 14)]
    pygame.draw.line(surface, PAPER, (x, y + 1), (x, y - tall - 1), 5)
    pygame.draw.polygon(surface, PAPER, [(a + d, b) for a, b in flag for d in (-2, 2)], 0)
    pygame.draw.line(surface, INK, (x, y), (x, y - tall), 3)
    pygame.draw.polygon(surface, GOAL, flag)
    pygame.draw.polygon(surface, PAPER, flag, 2)
    pygame.draw.circle(surface, INK, (round(x), round(y)), 3)


@lru_cache(maxsize=32)
def _disc(radius: int) -> Any:
    pygame = load_pygame()
    sharp, edge = 2, 4
    half = (radius + edge) * sharp
    big = pygame.Surface((2 * half, 2 * half), pygame.SRCALPHA)
    big.fill((*PAPER, 0))
    pygame.draw.circle(big, (*GOAL, 90), (half, half), radius * sharp)
    pygame.draw.circle(big, (*PAPER, 235), (half, half), (radius + 2) * sharp, 5 * sharp)
    pygame.draw.circle(big, (*GOAL, 255), (half, half), (radius + 1) * sharp, 3 * sharp)
    return pygame.transform.smoothscale(big, (half * 2 // sharp, half * 2 // sharp))


def draw_goal_pointer(surface: Any, pixel: Points, distance_m: float) -> None:
    """Draw an arrow on the rim towards a goal out of sight, with its distance."""
    pygame = load_pygame()
    width, height = surface.get_size()
    middle = np.array([width / 2, height / 2])
    way = np.asarray(pixel, dtype=float) - middle
    way /= max(float(np.hypot(*way)), 1e-9)
    rim = np.array([width / 2 - 34, height / 2 - 34])
    reach = float(np.min(rim / np.maximum(np.abs(way), 1e-9)))
    tip = middle + way * reach
    side = np.array([-way[1], way[0]])
    corners = [tip + way * 20, tip - way * 8 + side * 16, tip - way * 8 - side * 16]
    pygame.draw.polygon(surface, PAPER, [c + (c - tip) * 0.25 for c in corners])
    pygame.draw.polygon(surface, GOAL, corners)
    at = tip - way * 34
    write(surface, f"{distance_m:.0f} m", (float(at[0]), float(at[1])), 26)


def draw_scale_bar(surface: Any, pixels_per_m: float) -> None:
    """Draw a bar of a round length at the lower left."""
    pygame = load_pygame()
    length_m = next(
        m for m in (1, 2, 5, 10, 20, 50, 100) if m * pixels_per_m >= 60 or m == 100
    )
    x, y = 18, surface.get_height() - 20
    end = x + round(length_m * pixels_per_m)
    half = (x + end) // 2
    pygame.draw.rect(surface, INK, (x - 2, y - 2, end - x + 4, 9), border_radius=2)
    pygame.draw.rect(surface, PAPER, (half, y, end - half, 5))
    write(surface, f"{length_m} m", (half, y - 16), 24)


def draw_compass(surface: Any, yaw: float) -> None:
    """Draw where north (+y) is at the lower right, for a view with the heading up."""
    pygame = load_pygame()
    centre = np.array([surface.get_width() - 34.0, surface.get_height() - 34.0])
    north = np.array([math.cos(yaw), -math.sin(yaw)])
    side = np.array([-north[1], north[0]])
    pygame.draw.circle(surface, INK, centre.round().astype(int).tolist(), 22)
    pygame.draw.polygon(
        surface,
        PAPER,
        [centre + north * 19, centre + side * 7 - north * 2, centre - side * 7 - north * 2],
    )
    letter = font(22).render("N", True, PAPER)
    at = centre - north * 10
    surface.blit(letter, letter.get_rect(center=(round(at[0]), round(at[1]))))


def draw_outcome(surface: Any, outcome: str) -> None:
    """Write how the episode ended across the picture."""
    pygame = load_pygame()
    good = outcome == "success"
    words = outcome.replace("_", " ").upper()
    label = font(44).render(words, True, PAPER)
    box = label.get_rect(center=(surface.get_width() // 2, surface.get_height() // 5))
    frame = box.inflate(44, 24)
    fill = (0, 110, 80) if good else (140, 50, 0)
    pygame.draw.rect(surface, PAPER, frame.inflate(6, 6), border_radius=14)
    pygame.draw.rect(surface, fill, frame, border_radius=12)
    surface.blit(label, box)


def write(surface: Any, text: str, centre: tuple[float, float], size_px: int) -> None:
    """Write light text with a dark edge, readable on any ground."""
    label = _label(text, size_px)
    box = label.get_rect(center=(round(centre[0]), round(centre[1])))
    surface.blit(label, box.clamp(surface.get_rect()))


@lru_cache(maxsize=32)
def _label(text: str, size_px: int) -> Any:
    pygame = load_pygame()
    light = font(size_px).render(text, True, PAPER)
    dark = font(size_px).render(text, True, INK)
    label = pygame.Surface((light.get_width() + 4, light.get_height() + 4), pygame.SRCALPHA)
    for dx in range(5):
        for dy in range(5):
            if (dx - 2) ** 2 + (dy - 2) ** 2 <= 5:
                label.blit(dark, (dx, dy))
    label.blit(light, (2, 2))
    return label
