"""Soils: how a kind of ground looks and what it does to a wheel.

The look is what a policy and an operator see; the grip has to be learned, for two soils
may look alike. Source of the numbers: adhesion and rolling resistance of rubber wheels as
tables for wheeled vehicles give them (dry meadow 0.20 to 0.40, gravel 0.50 to 0.70, dirt
0.50 to 0.60, dry sand 0.20 to 0.30, snow 0.20 to 0.40, ice 0.05 to 0.15).
"""

from __future__ import annotations

from typing import NamedTuple

COLOURS = ("slab", "brown", "green", "grey", "tan", "white")
"""What a camera tells apart."""

COLOURS_RGB = (
    (132, 130, 128),
    (134, 104, 74),
    (104, 134, 76),
    (150, 148, 146),
    (206, 182, 128),
    (222, 236, 246),
)
"""Each of `COLOURS` in pictures."""


class Soil(NamedTuple):
    """A kind of ground.

    Attributes:
        name: In words.
        colour: Which of `COLOURS` it shows.
        friction: Usual coefficient of friction of a wheel on it.
        rolling: Rolling resistance: backward force over weight.
        sinking: Rolling resistance that a wheel adds when it has dug itself in.
    """

    name: str
    colour: str
    friction: float
    rolling: float
    sinking: float = 0.0


SOILS = (
    Soil("slab", "slab", 0.80, 0.0),
    Soil("dirt", "brown", 0.60, 0.04),
    Soil("dry grass", "green", 0.50, 0.06),
    Soil("gravel", "grey", 0.60, 0.04),
    Soil("sand", "tan", 0.30, 0.10, 0.12),
    Soil("wet grass", "green", 0.20, 0.08),
    Soil("ice", "white", 0.12, 0.02),
)

SLAB, DIRT, DRY_GRASS, GRAVEL, SAND, WET_GRASS, ICE = range(len(SOILS))
COLOUR_OF_SOIL = tuple(COLOURS.index(soil.colour) for soil in SOILS)
"""Index into `COLOURS` of each soil."""
