"""The table of soils against the handbook it is made from."""

import numpy as np
import pytest

from iml_robot_envs.soils import COLOUR_OF_SOIL, COLOURS, COLOURS_RGB, SOILS

RANGES = {
    "slab": (0.6, 0.8),
    "dirt": (0.5, 0.6),
    "dry grass": (0.2, 0.5),
    "gravel": (0.5, 0.7),
    "sand": (0.2, 0.3),
    "wet grass": (0.1, 0.3),
    "ice": (0.05, 0.15),
}
"""Adhesion of wheels, as tables for wheeled vehicles have it."""


@pytest.mark.parametrize("soil", SOILS, ids=lambda soil: soil.name)
def test_the_grip_of_a_soil_is_the_handbooks(soil):
    low, high = RANGES[soil.name]
    assert low <= soil.friction <= high


def test_every_soil_can_be_driven_on_the_flat():
    for soil in SOILS:
        assert 0 <= soil.rolling + soil.sinking < soil.friction


def test_every_soil_shows_one_of_the_colours():
    assert [COLOURS[c] for c in COLOUR_OF_SOIL] == [soil.colour for soil in SOILS]
    assert len(COLOURS_RGB) == len(COLOURS)


def test_no_two_colours_look_alike():
    colours = np.array(COLOURS_RGB, float)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert apart[np.triu_indices(len(colours), 1)].min() > 25


def test_wet_grass_looks_like_dry_grass_but_grips_less():
    dry, wet = (next(s for s in SOILS if s.name == n) for n in ("dry grass", "wet grass"))
    assert dry.colour == wet.colour
    assert wet.friction < dry.friction / 2
