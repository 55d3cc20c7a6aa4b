"""Values by the formulas, slopes and curves by finite differences."""

import numpy as np
import pytest
from reward_chains import answered, log_density
from reward_people import all_kinds

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.evidence import Choice, Comparison, Evidence
from iml_robot.rewards.likelihoods.choice import Choices
from iml_robot.rewards.likelihoods.comparison import Comparisons
from iml_robot.rewards.likelihoods.edit import Edits, doubted, truncated, width_of
from iml_robot.rewards.likelihoods.term import Belief
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, terms_of

NOISE = Noise(sharpness=1.3, side_bias=0.2, alarm_threshold=-0.5, much_width=1.0)
W = np.array([0.3, -1.1, 0.4, 0.9, -0.2])


def much_and_little():
    x = np.random.default_rng(5).normal(size=(6, 5))
    answers = [Answer.LEFT, Answer.RIGHT, Answer.EQUAL] * 2
    return tuple(
        Comparison(d, a, much=k < 3)
        for k, (d, a) in enumerate(zip(x, answers, strict=True))
    )


def evidence_by_kind():
    every = all_kinds()
    return {
        "comparison": Evidence(every.comparisons + much_and_little()),
        "choice": Evidence(choices=every.choices),
        "alarm": Evidence(alarms=every.alarms),
    }


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("kind", ["comparison", "choice", "alarm"])
def test_slopes_and_curves_are_those_of_finite_differences(kind, spread):
    (term,) = terms_of(evidence_by_kind()[kind], NOISE)
    root = np.random.default_rng(0).normal(size=(5, 5)) * 0.3 if spread else None
    here, h = term.moments(Belief(W, root)), 1e-5
    for k, step in enumerate(np.eye(5) * h):
        up, down = (term.moments(Belief(W + s, root)) for s in (step, -step))
        assert here.slope[k] == pytest.approx((up.value - down.value) / (2 * h), abs=1e-6)
        np.testing.assert_allclose(
            here.curve[:, k], -(up.slope - down.slope) / (2 * h), atol=1e-6
        )
    np.testing.assert_allclose(here.curve, here.curve.T, atol=1e-12)


@pytest.mark.parametrize("kind", ["comparison", "choice", "alarm"])
def test_values_are_those_of_the_formulas(kind):
    evidence = evidence_by_kind()[kind]
    if kind == "comparison":
        evidence = Evidence(all_kinds().comparisons)
    noise = Noise(sharpness=1.3, side_bias=0.2, alarm_threshold=-0.5)
    (term,) = terms_of(evidence, noise)
    flat = Prior(W, 1.0)
    expected = log_density(W[None], evidence, flat, noise, ())[0]
    assert term.moments(Belief(W)).value == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["comparison", "alarm"])
def test_averages_over_a_belief_are_those_of_many_draws(kind):
    (term,) = terms_of(evidence_by_kind()[kind], NOISE)
    rng = np.random.default_rng(1)
    root = rng.normal(size=(5, 5)) * 0.3
    draws = W + rng.standard_normal((4000, 5)) @ root.T
    values = [term.moments(Belief(w)).value for w in draws]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(term.moments(Belief(W, root)).value - np.mean(values)) < 4 * error


def probability(answer, better, noise, *, much=False):
    term = Comparisons.of([Comparison([better], answer, much=much)], noise)
    return np.exp(term.moments(Belief(np.ones(1))).value)


@pytest.mark.parametrize("better", [-4.0, -0.2, 0.0, 1.5])
def test_the_three_answers_together_are_certain(better):
    kinds = (Answer.LEFT, Answer.RIGHT, Answer.EQUAL)
    noise = Noise(side_bias=0.3)
    found = [probability(a, better, noise) for a in kinds]
    assert sum(found) == pytest.approx(1)
    by_formula = [answered(np.array(better), Comparison([better], a), noise) for a in kinds]
    np.testing.assert_allclose(found, by_formula)


@pytest.mark.parametrize("better", [-3.0, 0.1, 2.0])
@pytest.mark.parametrize("side", [Answer.LEFT, Answer.RIGHT])
def test_both_strengths_of_an_answer_together_are_the_answer(better, side):
    plain, graded = Noise(side_bias=0.1), Noise(side_bias=0.1, much_width=1.2)
    parts = [probability(side, better, graded, much=much) for much in (False, True)]
    assert sum(parts) == pytest.approx(probability(side, better, plain))
    assert probability(side, better, plain, much=True) == probability(side, better, plain)


def test_swapped_sides_mean_the_same_where_no_side_is_preferred():
    for a in (Answer.LEFT, Answer.RIGHT, Answer.EQUAL):
        for noise in (Noise(), Noise(much_width=0.9)):
            assert probability(a, 1.3, noise) == pytest.approx(
                probability(a.mirrored, -1.3, noise)
            )


def test_answers_keep_their_slope_where_they_are_all_but_impossible():
    term = Comparisons.of([Comparison([1.0], Answer.LEFT)], Noise(lapse=0.0))
    far = term.moments(Belief(np.array([-300.0])))
    assert far.value == pytest.approx(-300.25)
    assert far.slope[0] == pytest.approx(1.0)
    assert far.curve[0, 0] >= 0


@pytest.mark.parametrize("source", ["rating", "correction"])
def test_corrections_and_ratings_cannot_say_equal(source):
    with pytest.raises(ValueError, match=f"a {source} cannot say"):
        Comparisons.of([Comparison(np.ones(1), Answer.EQUAL, source=source)], Noise())


def test_nothing_told_is_no_term():
    unknown = [Comparison(np.ones(1), a) for a in (Answer.CANT_TELL, Answer.SKIP)]
    unknown.append(Comparison(np.ones(1), Answer.LEFT, 0.0))
    assert Comparisons.of(unknown, Noise()) is None
    assert Choices.of([Choice(np.ones(1), np.zeros((0, 1)))], Noise()) is None
    assert terms_of(Evidence(), Noise()) == []


def test_choices_do_not_overflow():
    choice = Choice(np.zeros(1), np.array([[5.0], [4.0]]))
    moments = Choices.of([choice], Noise(demonstration=1.0)).moments(
        Belief(np.array([1000.0]))
    )
    assert moments.value == pytest.approx(-5000)
    assert np.isfinite(moments.slope).all()


@pytest.mark.parametrize(("mean", "sign"), [(0.0, 1), (0.7, -1), (-2.0, 1), (-9.0, 1)])
def test_a_truncated_gaussian_has_the_moments_of_the_integral(mean, sign):
    inside = np.linspace(0, 30, 2_000_001) * sign
    density = np.exp(-0.5 * ((inside - mean) / 1.5) ** 2 + 0.5 * (mean / 1.5) ** 2)
    expected = (inside * density).sum() / density.sum()
    spread = ((inside - expected) ** 2 * density).sum() / density.sum()
    found = truncated(mean, 1.5**2, sign)
    assert found[0] == pytest.approx(expected, rel=1e-4)
    assert found[1] == pytest.approx(spread, rel=1e-3)


def test_far_outside_a_truncated_gaussian_stays_inside_and_has_a_width():
    for mean in (-1e3, -1e5):
        cut, variance = truncated(mean, 1.0, 1)
        assert cut >= 0
        assert variance > 0


def test_the_newest_edit_of_a_feature_replaces_all_before_it():
    edits = [
        WeightEdit("a", 2.0, locked=True),
        WeightEdit("b", sign=1),
        WeightEdit("a", 1.0),
        WeightEdit("b"),
        WeightEdit("c", sign=-1),
    ]
    found = Edits.of(edits, ("a", "b", "c"))
    np.testing.assert_allclose(found.precision, [1 / 0.3**2, 0, 0])
    np.testing.assert_array_equal(found.target, [1, 0, 0])
    np.testing.assert_array_equal(found.signs, [0, 0, -1])


def test_edits_are_meant_up_to_a_share_of_their_size():
    assert width_of(WeightEdit("a", 0.0)) == pytest.approx(0.05)
    assert width_of(WeightEdit("a", -2.0)) == pytest.approx(0.55)
    assert width_of(WeightEdit("a", -2.0, locked=True)) == pytest.approx(1e-3)
    assert width_of(WeightEdit("a", sign=1)) == np.inf


def test_an_edit_of_an_unknown_feature_is_refused_with_a_proposal():
    with pytest.raises(UsageError, match="did you mean 'progress'"):
        Edits.of([WeightEdit("progres", 1.0)], ("progress", "tilt"))


def test_an_edit_far_from_all_else_pulls_less_and_a_lock_as_before():
    names, known = ("a", "b", "c"), (np.array([1.0, 1.0, 1.0]), np.full(3, 0.2))
    said = [WeightEdit("a", 1.1), WeightEdit("b", -1.0), WeightEdit("c", -1.0, locked=True)]
    plain = Edits.of(said, names)
    found = doubted(plain, *known)
    assert found.precision[0] == plain.precision[0]
    # The pull is 0.3 wide, so the edit is 2 / hypot(0.3, 0.2) standard deviations off.
    apart = 2 / np.hypot(0.3, 0.2)
    assert found.precision[1] == pytest.approx(plain.precision[1] * (2 / apart) ** 4)
    assert found.precision[2] == plain.precision[2]
