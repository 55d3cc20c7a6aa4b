"""Information is what the definition says, and choosing takes no time."""

import time

import numpy as np
import pytest
from asked_questions import NOISE, SCALE, build, session, told, wide
from scipy.special import expit

from iml_robot.core.feedback import Answer, Purpose, Reply, Segment
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.answerable import answerable, signs_of
from iml_robot.questioning.choice.gain import answer_chances, information
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.annotation.answers import comparisons_of
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.scale import FeatureScale


def test_chances_follow_the_likelihood_with_ties_lapse_and_side_bias():
    noise = Noise(sharpness=2.0, tie_width=0.3, lapse=0.2, side_bias=0.1)
    rewards = np.array([[0.0, 0.7], [-1.0, 4.0]])
    left = expit(2 * rewards + 0.1 - 0.3)
    right = expit(-2 * rewards - 0.1 - 0.3)
    seen = np.stack([left, right, 1 - left - right])
    np.testing.assert_allclose(answer_chances(rewards, noise), 0.2 / 3 + 0.8 * seen)


def test_an_answer_that_settles_one_of_two_cases_is_worth_a_bit():
    certain = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]])
    assert information(certain) == pytest.approx([1.0])
    same = np.array([[[0.7, 0.7]], [[0.2, 0.2]], [[0.1, 0.1]]])
    assert information(same) == pytest.approx([0.0])


def test_information_agrees_with_integration():
    spread, noise = 1.5, Noise(tie_width=0.25, lapse=0.1)
    points = np.linspace(-9, 9, 4001)
    density = np.exp(-0.5 * (points / spread) ** 2)
    density /= density.sum()
    chances = answer_chances(points[None], noise)[:, 0]
    mean = chances @ density
    inner = -(chances * np.log2(chances)).sum(0) @ density
    exact = -(mean * np.log2(mean)).sum() - inner
    draws = spread * np.random.default_rng(0).standard_normal((1, 20000))
    assert information(answer_chances(draws, noise)) == pytest.approx([exact], abs=0.01)


def test_of_two_questions_the_one_about_the_unknown_weight_is_asked():
    known = Posterior(
        SCALE.names, np.array([1.0, 0.0, 0.0, 0.0]), np.diag([1e-4, 4.0, 1e-4, 1e-4])
    )
    base = np.zeros((40, 4), np.float32)
    rows = []
    for place in range(2):
        for side in (-1.0, 1.0):
            features = base.copy()
            features[:, place] = side
            rows.append(features)
    segments = [Segment(i, 0, rows[i % 4]) for i in range(40)]
    pool = Pool.of_segments(segments)
    for seed in range(5):
        (question,) = session(build(seed=seed), count=1, posterior=known, offered=pool)
        difference = question.left.mean - question.right.mean
        assert abs(difference[1]) == 2


def test_questions_of_a_batch_differ_in_direction():
    asked = session(build(), count=12)
    chosen = [q for q in asked if q.purpose is Purpose.INFORMATIVE]
    differences = np.array([q.left.mean - q.right.mean for q in chosen])
    for i, one in enumerate(differences):
        for other in differences[:i]:
            away = min(np.linalg.norm(one - other), np.linalg.norm(one + other))
            assert away >= 0.3 * np.linalg.norm(one) - 1e-4


def test_who_cannot_tell_about_large_differences_is_asked_about_small_ones():
    rng = np.random.default_rng(0)
    differences = rng.normal(0, 1, (200, 4)) * rng.uniform(0.2, 2, (200, 1))
    signs = signs_of(differences, np.zeros(200))
    could = (signs[:, 1] < 1.2).astype(float)
    few, many = signs_of(np.array([[0.3] * 4, [2.0] * 4]), np.zeros(2))
    small, large = answerable(np.stack([few, many]), could, signs)
    assert small > large + 0.1
    before = answerable(np.stack([few, many]), could[:0], signs[:0])
    np.testing.assert_allclose(before, expit(3.5))


def test_skipping_says_nothing_about_what_can_be_answered():
    silent, other = build(), build()
    asked = session(silent, count=12, said=lambda q: Answer.SKIP)
    assert len(asked) == 12
    assert told(session(other, count=2)) == told(asked[:2])


def test_an_answer_and_the_next_question_take_50_ms_at_most():
    d = 10
    names = tuple(f"feature {i}" for i in range(d))
    rng = np.random.default_rng(0)
    scale = FeatureScale(names, np.zeros(d), np.ones(d))
    features = rng.normal(0, 1, (400, 1, d)) + rng.normal(0, 0.3, (400, 40, d))
    pool = Pool.of_segments([Segment(i, 0, f) for i, f in enumerate(features)])
    questioner = QUESTIONERS.build("information", scale, options={})
    questioner.offer(pool)
    weights, prior = rng.normal(size=d), Prior(np.zeros(d), 1.0, names)
    posterior, replies, times = fit_posterior(Evidence(), prior, NOISE), [], []
    for _ in range(100):
        begun = time.perf_counter()
        question = questioner.propose(posterior, NOISE)
        times.append(time.perf_counter() - begun)
        better = (question.left.mean - question.right.mean) @ weights > 0
        reply = Reply(question, Answer.LEFT if better else Answer.RIGHT)
        begun = time.perf_counter()
        replies.append(reply)
        questioner.hear(reply)
        comparisons = comparisons_of(replies, scale)
        posterior = fit_posterior(Evidence(tuple(comparisons)), prior, NOISE)
        times[-1] += time.perf_counter() - begun
    # The median: other programs share the machine.
    assert np.median(times[50:]) < 0.05


def test_random_questions_do_not_look_at_the_posterior():
    first = session(build("random"), count=3)
    other = Posterior(SCALE.names, -wide().mean, 9 * np.eye(4))
    again = session(build("random"), count=3, posterior=other)
    assert told(again) == told(first)
