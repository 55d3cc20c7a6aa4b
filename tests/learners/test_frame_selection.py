"""Which frames of an episode are learned from."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from point_corrections import ACT_DIM, OBS_DIM, made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners.frames.selection import (
    operator_frames,
    policy_frames,
    teaches,
    usable_rows,
)

P, O, B, S = Source.POLICY, Source.OPERATOR, Source.BLEND, Source.SAFETY  # noqa: E741

any_sources = st.lists(st.sampled_from([P, O, B, S]), min_size=1, max_size=60)


def steps_of(frames, episode):
    """Numbers of the steps whose observations were selected."""
    rows = [
        np.flatnonzero((episode.observations == o).all(axis=1)) for o in frames.observations
    ]
    return [int(row[0]) for row in rows]


@settings(max_examples=60, deadline=None)
@given(any_sources, st.integers(0, 4))
def test_only_the_operators_steps_are_the_operators_frames(sources, skip_steps):
    episode = made_up_episode(sources)
    frames = operator_frames([episode], skip_steps=skip_steps)
    steps = steps_of(frames, episode)
    assert all(sources[step] == O for step in steps)
    np.testing.assert_array_equal(frames.actions, episode.operator_actions[steps])
    # Every takeover is there, with a group of its own, without its first steps.
    begins = [
        i for i, s in enumerate(sources) if s == O and (i == 0 or sources[i - 1] != O)
    ]
    assert len(np.unique(frames.groups)) == len(begins)
    lengths = [
        next((n for n, s in enumerate(sources[b:]) if s != O), len(sources) - b)
        for b in begins
    ]
    kept = [max(1, length - skip_steps) for length in lengths]
    np.testing.assert_array_equal(np.bincount(frames.groups, minlength=len(begins)), kept)


@settings(max_examples=60, deadline=None)
@given(any_sources, st.integers(0, 30))
def test_no_frame_of_the_policy_is_near_before_a_takeover(sources, window):
    episode = made_up_episode(sources)
    frames = policy_frames([episode], before_takeover_steps=window)
    steps = steps_of(frames, episode)
    np.testing.assert_array_equal(frames.actions, episode.executed_actions[steps])
    expected = [
        step
        for step, source in enumerate(sources)
        if source == P and O not in sources[step + 1 : step + 1 + window]
    ]
    assert steps == expected


def test_the_beginning_of_a_takeover_is_left_out():
    episode = made_up_episode([P] * 3 + [O] * 6)
    frames = operator_frames([episode], skip_steps=2)
    assert steps_of(frames, episode) == [5, 6, 7, 8]


@pytest.mark.parametrize(("length", "step"), [(1, 3), (2, 4)])
def test_a_short_takeover_keeps_its_last_step(length, step):
    episode = made_up_episode([P] * 3 + [O] * length + [P])
    assert steps_of(operator_frames([episode], skip_steps=2), episode) == [step]


def test_takeovers_of_all_episodes_are_numbered_through():
    episodes = [
        made_up_episode([O, P, O], seed=0),
        made_up_episode([P], seed=1),
        made_up_episode([O, O], seed=2),
    ]
    frames = operator_frames(episodes, skip_steps=0)
    np.testing.assert_array_equal(frames.groups, [0, 1, 2, 2])


def test_a_takeover_without_labels_has_no_group():
    episode = made_up_episode([O, O, P, O])
    episode.operator_actions[:2] = np.nan
    frames = operator_frames([episode], skip_steps=0)
    assert steps_of(frames, episode) == [3]
    np.testing.assert_array_equal(frames.groups, [0])


@pytest.mark.parametrize("outcome", ["rolled_over", "time_limit", "stopped", ""])
def test_the_policy_is_no_example_where_it_failed(outcome):
    episode = made_up_episode([P] * 30, outcome=outcome)
    assert len(policy_frames([episode], before_takeover_steps=0)) == 0


def test_blended_and_safe_steps_are_nobodys_example():
    episode = made_up_episode([B, S] * 10)
    assert len(operator_frames([episode], skip_steps=0)) == 0
    assert len(policy_frames([episode], before_takeover_steps=0)) == 0


def test_nothing_selected_still_has_the_right_width():
    episode = made_up_episode([P] * 5, outcome="stuck")
    frames = operator_frames([episode], skip_steps=0)
    assert frames.observations.shape == (0, OBS_DIM)
    assert frames.actions.shape == (0, ACT_DIM)
    assert len(operator_frames([], skip_steps=0)) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_is_usable_only_if_every_number_in_it_is_finite(bad):
    observations, labels = np.zeros((4, 3), np.float32), np.zeros((4, 2), np.float32)
    observations[1, 2] = bad
    labels[2, 0] = bad
    np.testing.assert_array_equal(
        usable_rows(observations, labels), [True, False, False, True]
    )


def driven_otherwise(by, *, steps=6):
    """An episode whose only takeover differs by so much from what the policy wanted."""
    episode = made_up_episode([P] * 5 + [O] * steps + [P] * 5)
    wanted = np.zeros_like(episode.operator_actions)
    labels = np.where((episode.sources == O)[:, None], wanted, np.nan)
    labels[5 + steps - 1, 0] = by
    return replace(episode, policy_actions=wanted, operator_actions=labels)


@pytest.mark.parametrize(("by", "said"), [(0.0, False), (0.29, False), (0.31, True)])
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_who_does_what_the_policy_wants_teaches_nothing(by, said, steps):
    assert teaches(driven_otherwise(by, steps=steps)) is said
    assert teaches(driven_otherwise(-by, steps=steps)) is said


def test_the_hand_on_its_way_teaches_nothing_and_a_policy_without_an_answer_all():
    episode = driven_otherwise(0.0)
    episode.operator_actions[5, 1] = 1.0
    assert not teaches(episode)
    episode.policy_actions[9] = np.nan
    assert teaches(episode)
    assert not teaches(made_up_episode([P] * 8))
