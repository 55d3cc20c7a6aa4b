"""Takeovers in the form of the library imitation."""

import numpy as np
from imitation.data.rollout import flatten_trajectories
from point_corrections import made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners.frames.trajectories import sample_trajectory, takeover_trajectories

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


def test_a_takeover_has_an_observation_more_than_actions():
    episode = made_up_episode([P] * 4 + [O] * 3 + [P] * 2 + [O])
    first, second = takeover_trajectories(episode)
    np.testing.assert_array_equal(first.obs, episode.observations[4:8])
    np.testing.assert_array_equal(first.acts, episode.operator_actions[4:7])
    np.testing.assert_array_equal(second.obs, episode.observations[9:11])
    np.testing.assert_array_equal(second.acts, episode.operator_actions[9:])


def test_only_the_end_of_the_task_is_terminal():
    def marks(sources, **columns):
        episode = made_up_episode(sources, **columns)
        return [trajectory.terminal for trajectory in takeover_trajectories(episode)]

    assert marks([O, P, O]) == [False, True]
    assert marks([O, P, O], outcome="time_limit") == [False, False]
    assert marks([O, P]) == [False]


def test_a_step_without_a_label_parts_a_takeover():
    episode = made_up_episode([O] * 7)
    episode.operator_actions[2] = np.nan
    episode.observations[5, 1] = np.inf
    parts = takeover_trajectories(episode)
    assert [len(part) for part in parts] == [2, 2, 1]
    labels = np.concatenate([part.acts for part in parts])
    np.testing.assert_array_equal(labels, episode.operator_actions[[0, 1, 3, 4, 6]])


def test_nothing_is_made_of_an_episode_without_takeovers():
    assert takeover_trajectories(made_up_episode([P] * 5)) == []


def test_the_library_reads_the_same_pairs_from_samples():
    rng = np.random.default_rng(0)
    observations, actions = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
    pairs = flatten_trajectories([sample_trajectory(observations, actions)])
    np.testing.assert_array_equal(pairs.obs, observations)
    np.testing.assert_array_equal(pairs.acts, actions)
