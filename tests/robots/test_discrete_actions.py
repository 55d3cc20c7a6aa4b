"""Numbered actions look like a vector of scores to everybody but the environment."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.core.errors import UsageError
from iml_robot.robots.discrete_actions import DiscreteActions
from iml_robot.robots.env_id import EnvId
from iml_robot.robots.environment import extra, make_env

PRESS = "foreign_envs:ForeignPress-v0"


def executed(env, scores):
    env.reset(seed=0)
    env.step(np.float32(scores))
    return env.unwrapped.received[-1]


@pytest.mark.parametrize(
    ("scores", "number"),
    [
        ([1, -1, -1], 5),
        ([-1, 1, -1], 6),
        ([-0.2, -0.3, -0.1], 7),
        ([0.9, 0.1, 0.8], 5),
        ([0, 0, 0], 6),
        ([1, -1, 1], 6),
        ([1, 1, 1], 6),
    ],
)
def test_the_highest_score_is_executed_and_a_tie_does_nothing(scores, number):
    assert executed(make_env(PRESS), scores) == number


def test_the_neutral_action_of_the_id_is_that_of_ties():
    assert executed(make_env(f"{PRESS}?neutral=7"), [0, 0, 0]) == 7


def test_an_environment_without_names_gets_numbers_and_its_first_action_is_neutral():
    env = make_env("CartPole-v1")
    assert extra(env, "action_names") == ("action 0", "action 1")
    assert extra(env, "neutral_action") == 0
    assert env.action_space.shape == (2,)


def test_names_and_the_idle_action_are_those_of_the_environment():
    env = make_env(PRESS)
    assert extra(env, "action_names") == ("LEFT", "NOOP", "RIGHT")
    assert extra(env, "neutral_action") == 6


@pytest.mark.parametrize("number", [5, 6, 7])
def test_the_scores_of_an_action_lead_to_that_action(number):
    env = make_env(PRESS)
    scores = extra(env, "scores")(number)
    assert scores in env.action_space
    assert executed(env, scores) == number


@pytest.mark.parametrize("number", [4, 8, 0])
def test_an_action_that_is_not_there_is_refused(number):
    with pytest.raises(UsageError, match=f"no action {number}; .* are 5 to 7"):
        make_env(f"{PRESS}?neutral={number}")


def test_a_neutral_action_of_what_is_steered_continuously_is_refused():
    with pytest.raises(UsageError, match=r"Box.* not numbered; leave '\?neutral='"):
        make_env("Pendulum-v1?neutral=0")


@pytest.mark.parametrize("name", ["CartPole-v1", "MountainCar-v0?neutral=1"])
def test_scores_drive_the_same_course_as_the_numbers_they_stand_for(name):
    env, plain = make_env(name), gym.make(EnvId.parse(name).name)
    seen, _ = env.reset(seed=3)
    expected, _ = plain.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(12):
        np.testing.assert_array_equal(seen, expected)
        number = int(rng.integers(plain.action_space.n))
        seen = env.step(extra(env, "scores")(number))[0]
        expected = plain.step(number)[0]


def test_the_parts_of_an_id_are_told_apart():
    whole = EnvId.parse("my.module:space/Name-v0?neutral=12")
    assert whole == EnvId("space/Name-v0", "my.module", 12)
    assert whole.gymnasium == "my.module:space/Name-v0"
    assert EnvId.parse("Name-v0") == EnvId("Name-v0", "", None)


@pytest.mark.parametrize("wrong", ["A-v0?", "A-v0?neutral=", "A-v0?neutral=-1", "A-v0?x=1"])
def test_an_id_that_ends_with_something_else_is_refused(wrong):
    with pytest.raises(UsageError, match=r"can end with '\?neutral='"):
        EnvId.parse(wrong)


def test_the_wrapper_alone_takes_any_environment_with_numbered_actions():
    env = DiscreteActions(gym.make("CartPole-v1"), neutral=1)
    env.reset(seed=0)
    assert env.action(np.zeros(2)) == 1
