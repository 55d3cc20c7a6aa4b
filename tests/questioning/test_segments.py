"""Episodes are cut into segments of one to three seconds."""

import numpy as np
import pytest
from asked_questions import PERIOD_S, episode
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.questioning.choice.ambiguous import ambiguous_states
from iml_robot.questioning.choice.segments import segments_of


@given(steps=st.integers(0, 500))
def test_segments_last_one_to_three_seconds_and_leave_nothing_out(steps):
    found = segments_of([episode(7, steps=steps)], PERIOD_S)
    assert all(20 <= len(s) < 60 for s in found)
    assert [s.start for s in found][1:] == [s.stop for s in found][:-1]
    assert sum(map(len, found)) == (steps if steps >= 20 else 0)


def test_segments_know_where_they_come_from():
    one = episode(3, steps=95)
    first, second = segments_of([one], PERIOD_S)
    assert (first.start, first.stop, second.start, second.stop) == (0, 40, 40, 95)
    np.testing.assert_array_equal(first.features, one.features[:40])
    assert first.episode_id == 3


def test_episodes_without_features_and_broken_steps_give_nothing():
    broken = episode(0, steps=120)
    broken.features[50] = np.nan
    found = segments_of([episode(1, features=0), broken], PERIOD_S)
    assert [s.start for s in found] == [0, 80]


def test_times_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="period_s must be above 0"):
        segments_of([], 0.0)


def test_the_most_ambiguous_states_come_first_and_apart():
    values = np.zeros(100, np.float32)
    values[[10, 12, 60]] = [3.0, 5.0, 4.0]
    other = np.full(50, np.nan, np.float32)
    other[20] = 4.5
    runs = [episode(0, steps=100), episode(1, steps=50)]
    found = ambiguous_states(runs, [values, other], count=3, apart=10)
    assert [(s.episode_id, s.step, s.disagreement) for s in found] == [
        (0, 12, 5.0),
        (1, 20, 4.5),
        (0, 60, 4.0),
    ]


def test_disagreements_must_fit_their_episode():
    with pytest.raises(ValueError, match="episode 2 has 40 steps"):
        ambiguous_states([episode(2, steps=40)], [np.zeros(39, np.float32)])
