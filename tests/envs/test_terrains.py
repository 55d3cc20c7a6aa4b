"""The parts that maps are made of."""

import numpy as np
import pytest

from iml_robot_envs.soils import DIRT, DRY_GRASS, SAND, WET_GRASS
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains import SUB_TERRAINS
from iml_robot_envs.terrains.corridor import is_joined
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.hills import Hills, slopes
from iml_robot_envs.terrains.noise import smooth_noise
from iml_robot_envs.terrains.ranges import Range, always
from iml_robot_envs.terrains.recipe import Recipe
from iml_robot_envs.terrains.soil_patches import SoilPatches


def draft(side_m=40.0, cell_m=0.2):
    """Return an empty map with clear discs in two corners."""
    empty = Draft(width_m=side_m, depth_m=side_m, cell_m=cell_m)
    ends = side_m / 2 - 4
    empty.place(np.array([-ends, -ends, 0.0]), np.array([ends, ends]), clear_m=2.5)
    return empty


def rng(seed=0):
    return np.random.default_rng(seed)


def place_in_corners(empty, rng):
    empty.place(np.array([-3.0, 0.0, 0.0]), np.array([3.0, 0.0]), clear_m=1.0)


def recipe(is_solvable, *ingredients):
    return Recipe(
        width_m=10.0,
        depth_m=6.0,
        cell_m=0.5,
        place=place_in_corners,
        ingredients=ingredients,
        is_solvable=is_solvable,
    )


@pytest.mark.parametrize(
    ("difficulty", "value"), [(0.0, 2.0), (0.25, 1.75), (0.5, 1.5), (1.0, 1.0)]
)
def test_a_range_is_a_straight_line_from_easy_to_hard(difficulty, value):
    assert Range(2.0, 1.0).at(difficulty) == pytest.approx(value)


@pytest.mark.parametrize("difficulty", [-0.1, 1.1, float("nan")])
def test_a_difficulty_outside_zero_to_one_is_refused(difficulty):
    with pytest.raises(ValueError, match="from 0 to 1"):
        Range(0.0, 1.0).at(difficulty)


@pytest.mark.parametrize("name", list(SUB_TERRAINS))
def test_every_sub_terrain_is_found_by_the_name_of_its_file(name):
    found = SUB_TERRAINS[name]
    assert found.__module__ == f"iml_robot_envs.terrains.{name}"
    assert found.__name__.lower() == name.replace("_", "")
    assert callable(found.add)


def test_an_unknown_sub_terrain_is_refused_with_those_that_there_are():
    with pytest.raises(KeyError, match="hills"):
        SUB_TERRAINS["swamp"]
    assert "hills" in SUB_TERRAINS
    assert "draft" not in SUB_TERRAINS


def test_a_draft_has_its_origin_in_the_middle():
    empty = Draft(width_m=10.0, depth_m=6.0, cell_m=0.5)
    assert empty.heights.shape == (12, 20)
    assert empty.x[0] == pytest.approx(np.arange(20) * 0.5 - 4.75)
    assert empty.y[:, 0] == pytest.approx(np.arange(12) * 0.5 - 2.75)


def test_a_disc_that_touches_a_clear_one_is_not_clear():
    empty = draft()
    assert empty.is_clear_of(-16.0 + 3.1, -16.0, 0.5)
    assert not empty.is_clear_of(-16.0 + 2.9, -16.0, 0.5)
    share = empty.keep_clear().mean()
    assert share == pytest.approx(2 * np.pi * 2.5**2 / 40.0**2, rel=0.02)


def test_a_recipe_draws_until_a_map_can_be_crossed():
    drawn = []

    def third_time_lucky(terrain):
        drawn.append(terrain)
        return len(drawn) == 3

    terrain, draws = recipe(third_time_lucky).build_counted(rng())
    assert draws == 3
    assert terrain is drawn[-1]


def test_a_recipe_gives_up_on_what_can_never_be_crossed():
    with pytest.raises(RuntimeError, match="in 50 draws"):
        recipe(lambda terrain: False).build(rng())


def test_a_recipe_adds_its_ingredients_in_order():
    class Raise:
        def __init__(self, heights):
            self.heights = heights

        def add(self, draft, difficulty, rng):
            draft.heights = self.heights(draft.heights, difficulty)

    first = Raise(lambda heights, difficulty: heights + difficulty)
    second = Raise(lambda heights, difficulty: heights * 10)
    terrain = recipe(lambda terrain: True, (first, 0.5), (second, 0.0)).build(rng())
    np.testing.assert_array_equal(terrain.heights, 5.0)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("gap_m", "joined"), [(1.0, False), (2.2, True)])
def test_a_gap_joins_two_halves_if_it_is_twice_the_inflation_wide(gap_m, joined, stride):
    heights = np.zeros((100, 100))
    ends = np.array([-8.0, 0.0, 0.0]), np.array([8.0, 0.0])
    terrain = Terrain(heights, 0.2, *ends)
    axis = (np.arange(100) - 49.5) * 0.2
    blocked = np.zeros((100, 100), np.bool_)
    blocked[:, 50:54] = True
    blocked[np.abs(axis - 3.0) < gap_m / 2, 50:54] = False
    assert (
        is_joined(terrain, blocked[::stride, ::stride], inflation_m=0.8, stride=stride)
        == joined
    )


def test_a_start_that_is_blocked_joins_nothing():
    ends = np.array([-8.0, 0.0, 0.0]), np.array([8.0, 0.0])
    terrain = Terrain(np.zeros((100, 100)), 0.2, *ends)
    assert not is_joined(terrain, np.ones((100, 100), np.bool_), inflation_m=0.2)


def test_noise_is_standard_and_changes_over_its_spacing():
    noise = np.stack([smooth_noise(rng(k), (120, 90), spacing=12) for k in range(40)])
    assert noise.mean(axis=(1, 2)) == pytest.approx(0, abs=1e-12)
    assert noise.std(axis=(1, 2)) == pytest.approx(1)
    for axis in (1, 2):
        values = np.moveaxis(noise, axis, 0)
        near = (values[2:] * values[:-2]).mean()
        far = (values[50:] * values[:-50]).mean()
        assert near > 0.95
        assert abs(far) < 0.15


def test_noise_depends_on_nothing_but_the_generator():
    one, same, other = (smooth_noise(rng(k), (40, 60), spacing=7.5) for k in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.5


def test_slopes_are_rise_over_run_in_the_steepest_direction():
    y, x = np.mgrid[:20, :30] * 0.2
    assert slopes(0.3 * x + 0.4 * y, 0.2) == pytest.approx(0.5)


@pytest.mark.parametrize(("difficulty", "degrees"), [(0.0, 10.0), (0.5, 15.0), (1.0, 20.0)])
def test_a_twentieth_of_the_hills_is_steeper_than_told(difficulty, degrees):
    hills = Hills(Range(10.0, 20.0), length_m=always(6.0), roughness=always(0.25))
    made = draft()
    hills.add(made, difficulty, rng())
    steepest = np.degrees(np.arctan(slopes(made.heights, made.cell_m)))
    assert (steepest > degrees).mean() == pytest.approx(0.05, abs=0.012)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
def test_patches_cover_their_share_and_leave_the_clear_discs(share):
    patches = SoilPatches(Range(0.0, 0.4), SAND, length_m=always(3.0))
    made = draft()
    patches.add(made, share / 0.4, rng(3))
    assert (made.soils == SAND).mean() == pytest.approx(share, abs=0.02)
    assert set(np.unique(made.soils)) <= {DIRT, SAND}
    assert not (made.soils[made.keep_clear()] == SAND).any()


def test_patches_may_keep_to_one_soil():
    made = draft()
    SoilPatches(always(0.5), DRY_GRASS, length_m=always(4.0)).add(made, 0.0, rng(1))
    grass = made.soils == DRY_GRASS
    SoilPatches(always(0.5), WET_GRASS, length_m=always(3.0), on=DRY_GRASS).add(
        made, 0.0, rng(2)
    )
    wet = made.soils == WET_GRASS
    assert wet.any()
    assert grass[wet].all()


def test_patches_may_draw_the_grip_of_a_map():
    made = draft()
    usual = made.grip.copy()
    patches = SoilPatches(always(0.3), SAND, length_m=always(3.0), friction=(0.21, 0.24))
    patches.add(made, 0.0, rng())
    assert 0.21 <= made.grip[SAND] <= 0.24
    others = np.arange(len(usual)) != SAND
    np.testing.assert_array_equal(made.grip[others], usual[others])
