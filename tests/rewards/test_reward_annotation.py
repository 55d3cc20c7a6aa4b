import numpy as np
import pytest
from reward_recordings import UNIT, episode, reply

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer
from iml_robot.rewards.annotation.answers import comparisons_of, surprising
from iml_robot.rewards.annotation.demonstrations import choice_of
from iml_robot.rewards.annotation.ratings import Press, presses_of, rating_comparisons
from iml_robot.rewards.annotation.takeovers import (
    alarms_of,
    compared_part,
    correction_comparisons,
    deformed,
)
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior

DT = 0.1
SURE = Posterior(("a", "b"), np.array([8.0, 0.0]), np.eye(2) * 1e-4)


def test_answers_become_comparisons_and_what_says_nothing_is_left_out():
    replies = [
        reply(3, (1, 0), (0, 2), Answer.LEFT, much=True, annotator="ann"),
        reply(4, (1, 0), (0, 2), Answer.CANT_TELL),
        reply(5, (1, 0), (0, 2), Answer.SKIP),
        reply(6, (1, 1), (1, 1), Answer.EQUAL),
    ]
    first, last = comparisons_of(replies, UNIT)
    np.testing.assert_allclose(first.difference, [1, -2])
    assert (first.answer, first.weight, first.much) == (Answer.LEFT, 1.0, True)
    assert (first.annotator, first.event, first.source) == ("ann", 3, "question")
    assert (last.answer, last.event) == (Answer.EQUAL, 6)


def test_answers_against_all_that_is_known_are_surprising():
    replies = [
        reply(0, (1, 0), (0, 0), Answer.LEFT),
        reply(1, (1, 0), (0, 0), Answer.RIGHT),
        reply(2, (1, 0), (0, 0), Answer.EQUAL),
        reply(3, (0, 1), (0, 0), Answer.RIGHT),
        reply(4, (1, 0), (0, 0), Answer.SKIP),
    ]
    model = RewardModel(UNIT, SURE, Noise(lapse=0.4))
    # At a difference of 8 "right" has odds of exp(-8.25) and "equal" hardly better.
    assert [r.question.question_id for r in surprising(replies, model)] == [1, 2]
    assert surprising(replies, model, below=1e-9) == []
    assert surprising(replies[4:], model) == []


def test_a_key_that_is_held_is_one_press():
    presses = {5: 1.0, 6: 1.0, 7: 1.0, 9: 1.0, 20: -1.0, 21: 0.5}
    found = presses_of(episode(np.zeros((30, 2)), presses=presses))
    assert found == [Press(5, 1.0), Press(9, 1.0), Press(20, -1.0), Press(21, 0.5)]


def test_presses_compare_what_was_driven_two_to_a_fifth_of_a_second_before():
    features = np.zeros((100, 2))
    features[20:39, 0] = 3.0  # from 2 s to 0.2 s before step 40
    features[39:41, 0] = 99.0
    features[60:79, 1] = 2.0
    features[79:81, 1] = 99.0
    rated = episode(features, presses={40: -1.0, 80: 1.0})
    (found,) = rating_comparisons(rated, UNIT, dt=DT, event=7)
    np.testing.assert_allclose(found.difference, [3, -2])
    assert found.answer is Answer.RIGHT
    assert (found.weight, found.source, found.event) == (1.0, "rating", 8)


def test_presses_that_are_far_apart_or_alike_are_not_compared():
    features = np.random.default_rng(0).normal(size=(400, 2))
    for presses in (
        {50: 1.0, 160: -1.0},
        {50: 1.0, 90: 1.0},
        {50: 0.6, 90: 0.5},
        {50: 1.0},
    ):
        assert rating_comparisons(episode(features, presses=presses), UNIT, dt=DT) == []
    # Exactly ten seconds are not too far.
    near = episode(features, presses={50: 1.0, 150: -1.0})
    assert len(rating_comparisons(near, UNIT, dt=DT)) == 1


def test_each_press_shares_weight_one_among_its_pairs():
    features = np.random.default_rng(0).normal(size=(400, 2))
    presses = {50: 1.0, 80: -1.0, 100: -1.0, 120: 1.0, 170: -1.0}
    found = rating_comparisons(episode(features, presses=presses), UNIT, dt=DT)
    # Pairs within 10 s that differ: 50-80, 50-100, 80-120, 100-120, 120-170.
    assert len(found) == 5
    np.testing.assert_allclose(
        [c.weight for c in found], [1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3]
    )


def test_a_press_before_anything_was_driven_is_about_nothing():
    features = np.ones((50, 2))
    assert rating_comparisons(episode(features, presses={1: 1, 30: -1}), UNIT, dt=DT) == []


def test_episodes_without_features_give_no_evidence():
    bare = episode(np.zeros((60, 0)), driven=[slice(20, 40)], presses={30: 1, 50: -1})
    assert rating_comparisons(bare, UNIT, dt=DT) == []
    assert alarms_of(bare, UNIT, dt=DT) == []


def test_a_correction_is_better_than_its_rivals_at_weight_one_in_all():
    driven = np.tile([1.0, 0.0], (20, 1))
    rivals = [np.tile([k, 1.0], (15, 1)) for k in range(5)]
    found = correction_comparisons(driven, rivals, UNIT, event=9)
    assert [c.weight for c in found] == [0.5, 0.125, 0.125, 0.125, 0.125]
    assert all(c.answer is Answer.LEFT and c.event == 9 for c in found)
    assert all(c.source == "correction" for c in found)
    np.testing.assert_allclose(found[3].difference, [1 - 3, -1])
    (alone,) = correction_comparisons(driven, rivals[:1], UNIT)
    assert alone.weight == 1.0
    assert correction_comparisons(driven, [], UNIT) == []


def test_between_one_and_two_seconds_of_a_takeover_are_compared():
    assert compared_part(slice(10, 19), dt=DT) is None
    assert compared_part(slice(10, 20), dt=DT) == slice(10, 20)
    assert compared_part(slice(10, 90), dt=DT) == slice(10, 30)


def test_deformed_actions_begin_and_end_like_the_operators_and_differ_between():
    actions = np.zeros((40, 2), np.float32)
    found = deformed(actions, np.random.default_rng(0))
    assert found.shape == (4, 40, 2)
    sizes = np.linalg.norm(found, axis=2)
    # A sine wave of height one half, half a step after its beginning.
    np.testing.assert_allclose(sizes[:, 0], 0.5 * np.sin(np.pi / 80), rtol=1e-4)
    np.testing.assert_allclose(sizes[:, 20], 0.5 * np.sin(np.pi * 20.5 / 40), rtol=1e-4)
    assert len(np.unique(found[:, 20, 0])) == 4
    edge = deformed(np.ones((9, 2), np.float32), np.random.default_rng(0), size=3.0)
    assert np.abs(edge).max() <= 1
    np.testing.assert_array_equal(found, deformed(actions, np.random.default_rng(0)))


def test_a_takeover_is_an_alarm_about_the_second_that_would_have_come():
    features = np.zeros((100, 2))
    features[40:50] = [1.0, -1.0]
    supervised = episode(features, driven=[slice(50, 70)])
    taken = [a for a in alarms_of(supervised, UNIT, dt=DT, event=4) if a.taken]
    assert len(taken) == 1
    np.testing.assert_allclose(taken[0].predicted, [1, -1])
    assert (taken[0].weight, taken[0].event) == (1.0, 4)
    ahead = {50: np.concatenate([np.full((10, 2), 3.0), np.full((10, 2), 9.0)])}
    known = [a for a in alarms_of(supervised, UNIT, dt=DT, predicted=ahead) if a.taken]
    np.testing.assert_allclose(known[0].predicted, [3, 3])


def test_quiet_seconds_are_the_policys_own_and_not_just_before_a_takeover():
    features = np.arange(120, dtype=float)[:, None] * [1e-2, 0]
    supervised = episode(features, driven=[slice(50, 70)])
    quiet = [a for a in alarms_of(supervised, UNIT, dt=DT) if not a.taken]
    # Seconds from steps 0, 10, 20, then, after takeover and hand-back, 70 to 110.
    means = [begin * 1e-2 + 0.045 for begin in (0, 10, 20, 70, 80, 90, 100, 110)]
    np.testing.assert_allclose([a.predicted[0] for a in quiet], means, atol=1e-6)
    assert {a.weight for a in quiet} == {0.05}


def test_a_demonstration_is_a_choice_among_rivals():
    rivals = [np.full((5, 2), k) for k in range(3)]
    choice = choice_of(np.ones((7, 2)), rivals, UNIT, event=2)
    np.testing.assert_allclose(choice.chosen, [1, 1])
    np.testing.assert_allclose(choice.others, [[0, 0], [1, 1], [2, 2]])
    assert choice.event == 2
    assert choice_of(np.ones((7, 2)), [], UNIT).others.shape == (0, 2)


def test_segments_without_steps_or_with_nan_are_refused():
    with pytest.raises(UsageError, match="without steps"):
        choice_of(np.zeros((0, 2)), [], UNIT)
    with pytest.raises(UsageError, match="NaN"):
        comparisons_of([reply(0, (np.nan, 0), (0, 0), Answer.LEFT)], UNIT)
