import time

import numpy as np
import pytest
from reward_people import all_kinds, answers, few_answers

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.evidence import Alarm, Choice, Comparison, Evidence
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior

NAMES = ("a", "b", "c")
PRIOR = Prior(np.array([0.5, 0.0, -0.5]), 1.0, NAMES)


def same(first, second, tolerance=2e-3):
    np.testing.assert_allclose(first.mean, second.mean, atol=tolerance)
    np.testing.assert_allclose(first.covariance, second.covariance, atol=tolerance)


def test_without_evidence_the_posterior_is_the_prior():
    found = fit_posterior(Evidence(), PRIOR, Noise())
    np.testing.assert_allclose(found.mean, PRIOR.mean)
    np.testing.assert_allclose(found.covariance, np.eye(3))
    assert found.names == NAMES


@pytest.mark.parametrize("seed", range(5))
def test_known_weights_are_found_again(seed):
    rng = np.random.default_rng(seed)
    true = rng.normal(size=8)
    evidence = Evidence(tuple(answers(true, 400, rng, lapse=0.1)))
    found = fit_posterior(evidence, Prior(np.zeros(8), 2.0), Noise())
    # The squared distance of eight weights in units of the posterior is chi-squared.
    away = true - found.mean
    assert away @ np.linalg.solve(found.covariance, away) < 26.1  # its 99.9 % quantile
    pairs = rng.normal(size=(2000, 8))
    assert np.mean((pairs @ true > 0) == (pairs @ found.mean > 0)) > 0.93


def test_intervals_hold_the_truth_as_often_as_they_say():
    held, rng = [], np.random.default_rng(0)
    for _ in range(60):
        true = rng.normal(size=4)
        evidence = Evidence(tuple(answers(true, 60, rng, lapse=0.1)))
        found = fit_posterior(evidence, Prior(np.zeros(4)), Noise())
        held.extend(np.abs(true - found.mean) < 1.645 * found.std)
    # 240 nearly independent draws at 0.9 have a standard error of 0.02.
    assert abs(np.mean(held) - 0.9) < 0.06


@pytest.mark.parametrize("answer", [Answer.CANT_TELL, Answer.SKIP])
def test_cannot_tell_and_skip_change_nothing(answer):
    told = few_answers()
    more = Evidence((Comparison(np.ones(4) * 3, answer),)) + told
    prior = Prior(np.zeros(4))
    first, second = (fit_posterior(e, prior, Noise()) for e in (told, more))
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.covariance, second.covariance)


def test_equal_pulls_the_difference_towards_zero_and_narrows_it():
    x, prior = np.array([1.0, 1.0]), Prior(np.array([1.0, 1.0]))
    found = fit_posterior(Evidence((Comparison(x, Answer.EQUAL),) * 5), prior, Noise())
    assert abs(x @ found.mean) < abs(x @ prior.mean)
    assert x @ found.covariance @ x < x @ x
    across = np.array([1.0, -1.0])
    assert across @ found.covariance @ across == pytest.approx(2.0)


def test_answers_of_either_side_pull_their_way():
    for answer, sign in ((Answer.LEFT, 1), (Answer.RIGHT, -1)):
        one = Evidence((Comparison(np.array([1.0]), answer),))
        assert sign * fit_posterior(one, Prior(np.zeros(1)), Noise()).mean[0] > 0.1


def test_much_better_says_more_than_better():
    noise, prior = Noise(much_width=1.5), Prior(np.zeros(1))
    means = [
        fit_posterior(
            Evidence((Comparison(np.ones(1), Answer.LEFT, much=much),)), prior, noise
        ).mean[0]
        for much in (False, True)
    ]
    assert 0 < means[0] < means[1]


def test_an_event_counts_by_its_weight():
    x, prior = np.array([1.0, -0.5]), Prior(np.zeros(2))
    once = Evidence((Comparison(x, Answer.LEFT),))
    parts = Evidence((Comparison(x, Answer.LEFT, 0.25),) * 4)
    same(fit_posterior(once, prior, Noise()), fit_posterior(parts, prior, Noise()), 1e-6)


def test_rewards_that_are_all_negative_change_nothing():
    """Features are compared, so what is added to all of them falls out."""
    rng = np.random.default_rng(0)
    segments = rng.normal(size=(60, 4))
    said = [Answer.LEFT, Answer.RIGHT, Answer.EQUAL]
    found = []
    for shift in (0.0, -100.0):
        moved = segments + shift
        asked = tuple(Comparison(moved[k] - moved[k + 30], said[k % 3]) for k in range(30))
        chosen = (Choice(moved[0], moved[1:9]),)
        found.append(fit_posterior(Evidence(asked, chosen), Prior(np.zeros(4)), Noise()))
    same(*found, 1e-9)


def test_all_kinds_pull_towards_the_weights_they_came_from():
    every, prior = all_kinds(), Prior(np.zeros(5), 1.0, tuple(f"f{k}" for k in range(5)))
    true = np.array([1.2, -0.8, 0.0, 0.5, -0.3])
    kinds = [
        Evidence(tuple(c for c in every.comparisons if c.source == source))
        for source in ("question", "rating", "correction")
    ]
    kinds += [Evidence(choices=every.choices), Evidence(alarms=every.alarms)]
    single = [fit_posterior(kind, prior, Noise()) for kind in kinds]
    assert all(p.mean @ true > 0.1 for p in single)
    together = fit_posterior(every, prior, Noise())
    smallest = min(np.linalg.slogdet(p.covariance)[1] for p in single)
    assert np.linalg.slogdet(together.covariance)[1] < smallest


def test_an_edit_pulls_its_weight_alone_where_nothing_ties_weights_together():
    edits = (WeightEdit("b", 2.0),)
    found = fit_posterior(Evidence(edits=edits), PRIOR, Noise())
    precision = 1 / 0.55**2
    np.testing.assert_allclose(found.mean, [0.5, 2.0 * precision / (precision + 1), -0.5])
    np.testing.assert_allclose(found.std, [1, (precision + 1) ** -0.5, 1])


def test_the_last_of_contradictory_edits_counts():
    first, last = WeightEdit("a", 2.0, locked=True), WeightEdit("a", -1.0)
    both = fit_posterior(Evidence(edits=(first, last)), PRIOR, Noise())
    same(both, fit_posterior(Evidence(edits=(last,)), PRIOR, Noise()), 1e-9)


def test_a_locked_weight_stays_whatever_people_answer():
    asked = tuple(Comparison(np.array([1.0, 0, 0]), Answer.RIGHT) for _ in range(100))
    lock = (WeightEdit("a", 1.5, locked=True),)
    found = fit_posterior(Evidence(asked, edits=lock), PRIOR, Noise())
    assert found.mean[0] == pytest.approx(1.5, abs=2e-3)
    assert found.std[0] < 2e-3


def test_a_wrong_edit_is_overcome_by_answers():
    rng = np.random.default_rng(0)
    asked = tuple(answers(np.array([1.5, 0.5, -0.5]), 120, rng))
    wrong = (WeightEdit("a", -1.0),)
    found = fit_posterior(Evidence(asked, edits=wrong), PRIOR, Noise())
    assert found.mean[0] > 0


def test_a_pinned_sign_holds_in_the_mean_and_in_every_draw():
    asked = tuple(Comparison(np.array([1.0, 0, 0]), Answer.RIGHT) for _ in range(10))
    pins = (WeightEdit("a", sign=1), WeightEdit("c", sign=1))
    found = fit_posterior(Evidence(asked, edits=pins), PRIOR, Noise())
    assert found.mean[0] > 0
    assert found.mean[2] > 0
    draws = found.sample(3000, np.random.default_rng(0))
    assert (draws[:, [0, 2]] >= 0).all()
    assert (draws[:, 1] < 0).any()


def test_a_pin_that_everything_supports_changes_little():
    asked = tuple(Comparison(np.array([1.0, 0, 0]), Answer.LEFT) for _ in range(60))
    free, bound = (
        fit_posterior(Evidence(asked, edits=edits), PRIOR, Noise())
        for edits in ((), (WeightEdit("a", sign=1),))
    )
    same(free, bound, 1e-2)


@pytest.mark.parametrize(
    "edits",
    [
        (WeightEdit("b", 2.0),),
        (WeightEdit("b", -3.0), WeightEdit("c", 0.5, locked=True)),
        (WeightEdit("a", sign=-1),),
        (WeightEdit("b", 1.5, sign=1), WeightEdit("a", -2.0)),
    ],
)
def test_what_is_known_without_edits_saves_work_and_changes_nothing(edits):
    true = np.array([1.0, -1.0, 0.5])
    asked = tuple(answers(true, 40, np.random.default_rng(4)))
    unedited = fit_posterior(Evidence(asked), PRIOR, Noise())
    edited = Evidence(asked, edits=edits)
    fresh = fit_posterior(edited, PRIOR, Noise())
    found = fit_posterior(edited, PRIOR, Noise(), unedited=unedited)
    assert np.array_equal(found.mean, fresh.mean)
    assert np.array_equal(found.covariance, fresh.covariance)


def test_draws_have_mean_and_covariance_of_the_posterior():
    found = fit_posterior(few_answers(), Prior(np.zeros(4)), Noise())
    draws = found.sample(20000, np.random.default_rng(0))
    np.testing.assert_allclose(draws.mean(axis=0), found.mean, atol=0.03)
    np.testing.assert_allclose(np.cov(draws.T), found.covariance, atol=0.05)
    again = found.sample(20000, np.random.default_rng(0))
    np.testing.assert_array_equal(draws, again)


def test_a_fit_from_the_last_one_ends_where_a_fresh_one_does():
    rng = np.random.default_rng(4)
    asked = answers(rng.normal(size=6), 80, rng, lapse=0.2)
    prior, noise = Prior(np.zeros(6)), Noise(lapse=0.2)
    last = fit_posterior(Evidence(tuple(asked[:60])), prior, noise)
    warm = fit_posterior(Evidence(tuple(asked)), prior, noise, start=last)
    fresh = fit_posterior(Evidence(tuple(asked)), prior, noise)
    assert (np.abs(warm.mean - fresh.mean) < 0.02 * fresh.std).all()
    assert (np.abs(np.log(warm.std / fresh.std)) < 0.02).all()


@pytest.mark.parametrize("seed", range(8))
def test_contradictions_and_lapses_leave_a_covariance(seed):
    """Lapses bend the log-likelihood upwards; the covariance must be one all the same."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 5)) * 4
    kinds = list(Answer)
    asked = tuple(Comparison(d, kinds[rng.integers(5)]) for d in x)
    alarms = tuple(Alarm(-d, 1.0, True) for d in x[:5])
    found = fit_posterior(
        Evidence(asked, alarms=alarms), Prior(np.zeros(5), 3.0), Noise(lapse=0.4)
    )
    assert (np.linalg.eigvalsh(found.covariance) > 0).all()


def test_a_feature_that_never_differs_keeps_its_prior():
    asked = tuple(Comparison(np.array([1.0, 0.0, 1.0]), Answer.LEFT) for _ in range(9))
    found = fit_posterior(Evidence(asked), PRIOR, Noise())
    assert found.mean[1] == pytest.approx(0.0)
    assert found.std[1] == pytest.approx(1.0)


def test_each_annotator_errs_in_their_own_way():
    x = np.array([1.0])
    asked = (Comparison(x, Answer.LEFT, annotator="ann"),)
    sure, careless = (
        fit_posterior(
            Evidence(asked),
            Prior(np.zeros(1)),
            Noise(),
            annotators={"ann": Noise(lapse=lapse)},
        ).mean[0]
        for lapse in (0.0, 0.6)
    )
    assert sure > careless > 0


def test_evidence_about_other_features_is_refused():
    with pytest.raises(ValueError, match=r"about \[2\] features, the prior about 3"):
        fit_posterior(Evidence((Comparison(np.ones(2), Answer.LEFT),)), PRIOR, Noise())
    with pytest.raises(UsageError, match="no reward feature is called 'z'"):
        fit_posterior(Evidence(edits=(WeightEdit("z", 1.0),)), PRIOR, Noise())


def test_what_is_no_posterior_is_refused():
    with pytest.raises(ValueError, match="positive definite"):
        Posterior(("a", "b"), np.zeros(2), np.ones((2, 2)))
    with pytest.raises(ValueError, match="as many names"):
        Posterior(("a",), np.zeros(2), np.eye(2))
    with pytest.raises(ValueError, match="std must be above 0"):
        Prior(np.zeros(1), 0.0)


def test_a_prior_is_made_from_what_an_environment_ships():
    prior = Prior.of({"x": {"weight": 1.5}, "y": {}}, std=2.0)
    np.testing.assert_array_equal(prior.mean, [1.5, 0.0])
    assert prior.names == ("x", "y")
    assert prior.std == 2.0


def test_two_hundred_comparisons_are_fitted_at_once():
    """Within 5 ms on an idle core; the bound allows for a busy one."""
    rng = np.random.default_rng(0)
    evidence = Evidence(tuple(answers(rng.normal(size=16), 200, rng, lapse=0.1)))
    prior, times = Prior(np.zeros(16)), []
    for _ in range(15):
        begun = time.process_time()
        fit_posterior(evidence, prior, Noise())
        times.append(time.process_time() - begun)
    assert min(times) < 0.015


def test_a_fit_that_begins_elsewhere_ends_where_any_other_does():
    rng = np.random.default_rng(5)
    truth, prior = rng.normal(size=6), Prior(np.zeros(6))
    told, last = [], fit_posterior(Evidence(), prior, Noise())
    for _ in range(60):
        difference = 3 * rng.normal(size=6)
        better = difference @ truth > rng.normal()
        told.append(Comparison(difference, Answer.LEFT if better else Answer.RIGHT))
        last = fit_posterior(Evidence(tuple(told)), prior, Noise(), start=last)
        anew = fit_posterior(Evidence(tuple(told)), prior, Noise())
        assert np.abs((last.mean - anew.mean) / anew.std).max() < 0.02
        assert np.abs(last.std / anew.std - 1).max() < 0.02
