"""Recorded episodes can be taken up again at any step, with the same or other drivers."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from point_corrections import ENV_ID, corrected_episode, made_up_episode, make_point

from iml_robot.robots.replays import Moment, Replays


class Constant:
    """Always does the same."""

    def __init__(self, *action):
        self._action = np.array(action, np.float32)

    def act(self, observation):
        return self._action

    def act_batch(self, observations):
        return np.repeat(self._action[None], len(observations), axis=0)


class Recorded:
    """Does what an episode did, from a step on."""

    def __init__(self, episode, step):
        self._actions = iter(episode.executed_actions[step:])

    def act_batch(self, observations):
        return next(self._actions)[None]


@pytest.fixture(scope="module")
def episode():
    env = make_point()
    recorded = corrected_episode(env, Constant(0.4, -0.2), 3)
    env.close()
    return recorded


@pytest.fixture
def replays():
    simulators = Replays(ENV_ID)
    yield simulators
    simulators.close()


@pytest.mark.parametrize("step", [0, 1, 14, 20])
def test_the_recorded_actions_lead_to_the_recorded_future_bit_for_bit(
    replays, episode, step
):
    (future,) = replays.futures(
        [Moment(episode, step)], [Recorded(episode, step)], steps=len(episode) - step
    )
    assert np.array_equal(future.observations, episode.observations[step:])
    assert np.array_equal(future.actions, episode.executed_actions[step:])
    assert future.features.dtype == np.float32
    assert np.array_equal(future.features, episode.features[step:])
    assert future.features.any()
    assert future.outcome == episode.info.outcome


def test_other_actions_lead_elsewhere_and_each_robot_has_its_own_future(replays, episode):
    forward, back = Constant(1, 0), Constant(-1, 0)
    moments = [Moment(episode, 10), Moment(episode, 10), Moment(episode, 2)]
    ahead, behind, early = replays.futures(moments, [forward, back, forward], steps=8)
    assert np.array_equal(ahead.observations[0], episode.observations[10])
    assert np.array_equal(behind.observations[0], episode.observations[10])
    assert np.array_equal(early.observations[0], episode.observations[2])
    assert not np.allclose(ahead.observations[-1], behind.observations[-1])
    alone = Replays(ENV_ID).futures(moments[2:], [forward], steps=8)[0]
    assert np.array_equal(early.observations, alone.observations)


def test_the_approach_is_the_way_gained_towards_the_goal(replays, episode):
    env = make_point()
    _, info = env.reset(seed=episode.info.seed, options=dict(episode.info.options))
    before = info["distance_to_goal"]
    for _ in range(5):
        info = env.step(np.array([0.4, -0.2], np.float32))[4]
    driver = Constant(0.4, -0.2)
    (future,) = replays.futures([Moment(episode, 0)], [driver], steps=5)
    assert future.approach_m == pytest.approx(before - info["distance_to_goal"], abs=1e-9)


def test_an_episode_that_goes_another_way_is_refused_and_said_once(
    replays, episode, caplog
):
    changed = episode.observations.copy()
    changed[4] += 0.01
    other = replace(episode, observations=changed)
    moments = [Moment(other, 8), Moment(other, 12)]
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            driver = Constant(0, 0)
            assert replays.futures(moments, [driver, driver], steps=3) == [None, None]
    assert [r.message for r in caplog.records] == [
        f"episode {episode.info.episode_id} goes another way when it is driven again "
        "(step 3); nothing is learned from what else could have followed"
    ]


def test_environments_without_snapshots_have_no_futures():
    replays = Replays("MountainCarContinuous-v0")
    assert not replays.possible
    episode = made_up_episode([0, 0, 0])
    assert replays.futures([Moment(episode, 1)], [Constant(0)], steps=2) == [None]
    replays.close()


@pytest.mark.parametrize(
    ("env_id", "steps"),
    [
        ("iml_robot_envs:iml/Point-v0", 200),
        ("iml_robot_envs:iml/DroneForest-v0", 900),
        ("MountainCarContinuous-v0", 999),
    ],
)
def test_the_time_limit_is_the_one_of_the_environment(env_id, steps):
    replays = Replays(env_id)
    assert replays.longest == steps
    replays.close()
