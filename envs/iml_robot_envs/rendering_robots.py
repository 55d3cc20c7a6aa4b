"""The robots as they are drawn on the map from above, nose up."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_marks import INK, PAPER, Colour

NOSE: Colour = (213, 94, 0)

# Clearpath Jackal: chassis 0.42 x 0.31 m, wheels of radius 0.098 m, 0.262 m apart along
# the body and 0.3756 m across it. Wheels are drawn wider than their 0.04 m, else they
# vanish at the usual scale.
_BODY_M = (0.42, 0.27)
_WHEEL_M = (0.196, 0.085)
_AXLES_M = (0.262, 0.3756)
# The quadrotor's rotors sit 0.17 m ahead or behind and to a side; rotors of 0.25 m.
_ARM_M, _ROTOR_M = 0.17, 0.125
_SHARP = 4


def checked_robot(name: str) -> str:
    """Return the name of a robot that can be drawn.

    Raises:
        ValueError: If there is no picture of it.
    """
    if name not in _PICTURES:
        raise ValueError(f"robot must be one of {', '.join(_PICTURES)}, got {name!r}")
    return name


@lru_cache(maxsize=32)
def robot_picture(name: str, pixels_per_m: float) -> Any:
    """Return a robot seen from above, nose up, as a surface with transparency."""
    pygame = load_pygame()
    side = round(0.9 * pixels_per_m) * _SHARP
    big = pygame.Surface((side, side), pygame.SRCALPHA)
    # Clear, but of the right colour: smoothing mixes it into the edge.
    big.fill((*PAPER, 0))
    _PICTURES[name](big, pixels_per_m * _SHARP)
    return pygame.transform.smoothscale(big, (side // _SHARP, side // _SHARP))


def _draw_rover(big: Any, scale: float) -> None:
    pygame = load_pygame()
    middle = big.get_width() / 2

    def box(across: float, along: float, size: tuple[float, float], grow: float) -> Any:
        wide, long = size[1] * scale + 2 * grow, size[0] * scale + 2 * grow
        return pygame.Rect(
            round(middle + across * scale - wide / 2),
            round(middle - along * scale - long / 2),
            round(wide),
            round(long),
        )

    wheels = [(a * _AXLES_M[1] / 2, b * _AXLES_M[0] / 2) for a in (-1, 1) for b in (-1, 1)]
    for grow, body, wheel in ((1.6 * _SHARP, PAPER, PAPER), (0.0, (240, 242, 246), INK)):
        for across, along in wheels:
            rect = box(across, along, _WHEEL_M, grow)
            pygame.draw.rect(big, wheel, rect, border_radius=_SHARP * 2)
        if grow == 0.0:
            edge = box(0, 0, _BODY_M, _SHARP * 0.9)
            pygame.draw.rect(big, INK, edge, border_radius=_SHARP * 3)
        pygame.draw.rect(big, body, box(0, 0, _BODY_M, grow), border_radius=_SHARP * 3)
    nose = [(0.0, 0.20), (0.135, -0.09), (0.0, -0.01), (-0.135, -0.09)]
    _polygon(big, NOSE, nose, scale)


def _draw_drone(big: Any, scale: float) -> None:
    """Draw four rotors on crossed arms; those ahead and the nose are orange."""
    pygame = load_pygame()
    middle = big.get_width() / 2
    ends = [
        (middle + a * _ARM_M * scale, middle - b * _ARM_M * scale, b > 0)
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    rotor, arm = _ROTOR_M * scale, 0.035 * scale
    halo = 1.8 * _SHARP
    for x, y, _ in ends:
        pygame.draw.circle(big, PAPER, (x, y), rotor + halo)
        pygame.draw.line(big, PAPER, (middle, middle), (x, y), round(arm + 2 * halo))
    for x, y, ahead in ends:
        pygame.draw.circle(big, NOSE if ahead else (44, 50, 62), (x, y), rotor)
        pygame.draw.circle(big, PAPER, (x, y), rotor - 0.038 * scale)
    for x, y, ahead in ends:
        pygame.draw.line(big, INK, (middle, middle), (x, y), round(2 * arm))
        pygame.draw.circle(big, NOSE if ahead else INK, (x, y), 0.05 * scale)
    pygame.draw.circle(big, INK, (middle, middle), 0.11 * scale)
    nose = [(0.0, 0.30), (0.085, 0.03), (0.0, -0.03), (-0.085, 0.03)]
    _polygon(big, PAPER, [(1.35 * x, 1.12 * y) for x, y in nose], scale)
    _polygon(big, NOSE, nose, scale)


def _polygon(
    big: Any, colour: Colour, corners_m: list[tuple[float, float]], scale: float
) -> None:
    middle = big.get_width() / 2
    corners = [(middle + x * scale, middle - y * scale) for x, y in corners_m]
    load_pygame().draw.polygon(big, colour, corners)


_PICTURES: dict[str, Callable[[Any, float], None]] = {
    "rover": _draw_rover,
    "drone": _draw_drone,
}
