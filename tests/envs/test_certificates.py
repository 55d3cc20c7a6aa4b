"""What is shipped about the test maps: whole, and true when it is tried again."""

import gymnasium as gym
import pytest
from driver_trials import trial
from driving_range import IDS

from iml_robot_envs.certification import certificates
from iml_robot_envs.maps import LEVELS

pytestmark = pytest.mark.slow

MAPS = 100
"""So many are certified at least; the files say how many are."""
WIDTHS_M = {
    "RoverRocks": 0.44,
    "RoverHills": 0.44,
    "RoverIce": 0.6,
    "DroneForest": 0.5,
    "DroneCanyon": 0.6,
    "Point": 0.0,
}
"""How wide the robots are: Jackal's wheels outside to outside, and what the rules of a
task take for the robot's size."""


def task_of(name):
    return gym.make(f"iml/{name}-v0", disable_env_checker=True).get_wrapper_attr("task")


@pytest.mark.parametrize("name", IDS)
def test_every_level_of_every_task_is_certified(name):
    task = name.removeprefix("iml/").removesuffix("-v0")
    found = certificates(task)
    assert sorted(found) == list(LEVELS)
    for level in found.values():
        assert level.maps == level.certified + len(level.uncertified) >= MAPS
        assert list(level.uncertified) == sorted(set(level.uncertified))
        assert set(level.uncertified) <= set(range(level.maps))
        assert level.with_a_way == level.maps
        assert level.narrowest_way_m >= WIDTHS_M[task]
        assert 0 < level.recipe_acceptance <= 1
        assert level.draws == (3 if task_of(task).senses.noise_channels else 1)


@pytest.mark.parametrize(
    ("name", "level", "steps"),
    [("RoverRocks", 3, 1200), ("DroneForest", 2, 900), ("DroneCanyon", 2, 1200)],
)
def test_certified_maps_are_crossed_again(name, level, steps):
    task, known = task_of(name), certificates(name)[level]
    maps = [k for k in range(known.maps) if k not in known.uncertified][:4]
    wins = [0] * len(maps)
    for noise in range(known.draws):
        driven = trial(
            task, level, maps, task.make_pilot, split="test", noise=noise, steps=steps
        )
        wins = [w + (o == "success") for w, o in zip(wins, driven.outcomes, strict=True)]
    assert min(wins) >= min(2, known.draws)


def test_an_uncertified_map_is_not_crossed():
    known = certificates("DroneForest")[3]
    assert 38 in known.uncertified
    task = task_of("DroneForest")
    outcomes = [
        trial(task, 3, [38], task.make_pilot, split="test", noise=noise, steps=900).outcomes
        for noise in range(3)
    ]
    assert outcomes.count(["success"]) < 2


def test_of_an_unknown_task_nothing_is_known():
    with pytest.raises(ValueError, match=r"no certificate of a task 'Moon'"):
        certificates("Moon")
