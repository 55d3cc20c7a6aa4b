"""Collision rules against distances worked out by hand or by points on a line."""

import numpy as np
import pytest
from lidar_scenes import flat_map, ground_of, random_forest, stacked

from iml_robot_envs.collisions import HitGround, HitObstacle, TooHigh
from iml_robot_envs.outcomes import Situation
from iml_robot_envs.robot import Motion


def verdict(rule, terrain, *places):
    """Return what a rule says of robots at these places, each on the same map."""
    return verdicts(rule, [terrain] * len(places), places)


def verdicts(rule, terrains, places):
    """Return what a rule says of robots at these places, each on a map of its own."""
    position = np.array(places, float)
    still = np.zeros(len(places))
    parts = dict.fromkeys(Motion._fields, still) | {"position": position}
    situation = dict.fromkeys(Situation._fields) | {
        "grounds": stacked(*terrains),
        "motion": Motion(**parts),
    }
    return rule(Situation(**situation)).tolist()


def test_a_post_is_hit_within_its_radius_and_the_robots():
    post = flat_map(posts=[[1, 2, 0.4, 3]])
    places = [[1 + 0.64, 2, 1], [1 + 0.66, 2, 1], [1, 2 - 0.64, 1], [1, 2 - 0.66, 1]]
    assert verdict(HitObstacle(0.25), post, *places) == [True, False, True, False]


def test_one_flies_over_a_post_that_is_low():
    post = flat_map(posts=[[0, 0, 0.4, 3]])
    places = [[0, 0, 3.24], [0, 0, 3.26]]
    assert verdict(HitObstacle(0.25), post, *places) == [True, False]


def test_a_beam_is_hit_along_it_and_around_its_ends():
    beam = flat_map(beams=[[-2, 0, 2, 2, 0, 2, 0.1]])
    places = [
        [0, 0, 2.34], [0, 0, 2.36], [1.9, 0.34, 2], [1.9, 0.36, 2],
        [2.34, 0, 2], [2.36, 0, 2], [0, 0, 0.5],
    ]  # fmt: skip
    expected = [True, False, True, False, True, False, False]
    assert verdict(HitObstacle(0.25), beam, *places) == expected


def test_beams_anywhere_are_hit_where_points_along_them_are_near():
    rng = np.random.default_rng(3)
    beams = random_forest(rng, 0, beams=40).beams
    places = rng.uniform([-6, -6, 0], [6, 6, 4], (200, 3))
    share = np.linspace(0, 1, 2001)[:, None]
    gaps = []
    for beam in beams:
        points = beam[:3] + share * (beam[3:6] - beam[:3])
        away = np.linalg.norm(places[:, None] - points, axis=2).min(axis=1)
        gaps.append(away - beam[6])
    gap = np.min(gaps, axis=0)
    clear_cut = np.abs(gap - 0.25) > 1e-3
    hits = np.array(verdict(HitObstacle(0.25), flat_map(beams=beams), *places))
    assert clear_cut.sum() > 150
    assert 5 < hits.sum() < 150
    np.testing.assert_array_equal(hits[clear_cut], (gap < 0.25)[clear_cut])


def test_nothing_is_hit_where_nothing_stands():
    assert verdict(HitObstacle(0.25), flat_map(), [0, 0, 1]) == [False]


def test_a_map_with_less_on_it_than_its_neighbour_is_not_filled_up_with_obstacles():
    beams = flat_map(beams=[[20, 20, 1, 20, 21, 1, 0.1]], posts=[[20, 20, 0.1, 1]])
    along = np.linspace(-8, 8, 17)
    places = [[0, 0, 0], *np.column_stack([along, along, 0 * along])]
    hits = verdicts(HitObstacle(0.25), [beams] + [flat_map()] * 17, places)
    assert hits == [False] * 18


@pytest.mark.parametrize("lift", [0.0, 1.0])
def test_the_ground_is_hit_below_a_clearance(lift):
    level = ground_of(lambda x, y: 0 * x + lift)
    places = [[0, 0, lift + 0.49], [0, 0, lift + 0.51]]
    assert verdict(HitGround(0.5), level, *places) == [True, False]


def test_a_cliff_is_hit_from_the_side():
    cliff = ground_of(lambda x, y: 5.0 * (x > 0))
    # The cliff rises from 0 to 5 m between x = 0 and 0.25 m: at 2 m it is at 0.1 m.
    places = [[-0.35, 0, 2], [-0.45, 0, 2], [-0.3, 0, 5.2]]
    assert verdict(HitGround(0.4), cliff, *places) == [False, False, False]
    places = [[-0.25, 0, 2], [0.5, 0, 5.3], [0.5, 0, 5.5]]
    assert verdict(HitGround(0.4), cliff, *places) == [True, True, False]


def test_the_ceiling_follows_the_ground():
    hill = ground_of(lambda x, y: np.maximum(x, 0.0))
    places = [[-3, 0, 5.9], [-3, 0, 6.1], [4, 0, 9.9], [4, 0, 10.1]]
    assert verdict(TooHigh(6.0), hill, *places) == [False, True, False, True]
