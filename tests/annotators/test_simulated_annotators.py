"""Simulated annotators do what their definitions say, whatever the sign of the values."""

import numpy as np
import pytest
from judged_segments import (
    NAMES,
    PAIRS,
    SCALE,
    VECTOR,
    WEIGHTS,
    questions,
    segments,
    true_value,
)
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from iml_robot.annotators import ANNOTATORS
from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Question

pytestmark = pytest.mark.slow

POINTS = 0.02
SHIFTS = pytest.mark.parametrize("shift", [-2.5, 2.5], ids=["negative", "positive"])


def build(name, shift=0.0, **options):
    reference = segments(400, 1, shift=shift)
    return ANNOTATORS.build(
        name, SCALE, reference, options={"weights": WEIGHTS, "seed": 3, **options}
    )


def asked(annotator, shift=0.0, *, first=0, seed=2):
    """Return what is said to random pairs of new segments, and the true differences."""
    pool = segments(500, seed, shift=shift)
    values = np.array([true_value(s) for s in pool])
    assert (values < 0).all() if shift < 0 else shift == 0 or (values > 0).all()
    asks = questions(pool, seed, first=first)
    gaps = np.array([true_value(q.left) - true_value(q.right) for q in asks])
    spread = np.sqrt(2) * values.std()
    return [annotator.answer(q).answer for q in asks], gaps / spread, asks


def share(said, *answers):
    return np.mean([answer in answers for answer in said])


def correct(said, gaps):
    """Return how many of the preferences name the better segment."""
    decided = [(a, g) for a, g in zip(said, gaps, strict=True) if a in SIDES]
    return np.mean([(a is Answer.LEFT) == (g > 0) for a, g in decided])


SIDES = (Answer.LEFT, Answer.RIGHT)


@SHIFTS
def test_the_oracle_is_always_right(shift):
    said, gaps, _ = asked(build("oracle", shift), shift)
    assert share(said, *SIDES) == 1
    assert correct(said, gaps) == 1


@SHIFTS
def test_the_noisy_one_errs_as_the_bradley_terry_model_says(shift):
    said, gaps, _ = asked(build("noisy", shift), shift)
    assert share(said, *SIDES) == 1
    expected = expit(2 * np.abs(gaps)).mean()
    # Sampling 2,000 answers alone moves the rate by 0.9 points (standard deviation).
    assert correct(said, gaps) == pytest.approx(expected, abs=POINTS)


@SHIFTS
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3])
def test_mistakes_are_as_frequent_as_they_are_said_to_be(shift, rate):
    said, gaps, _ = asked(build("mistake", shift, habits={"mistakes": rate}), shift)
    assert correct(said, gaps) == pytest.approx(1 - rate, abs=POINTS)
    clear = np.abs(gaps) > 1
    assert correct(np.array(said)[clear], gaps[clear]) == pytest.approx(1 - rate, abs=0.04)


@SHIFTS
def test_a_fifth_of_the_pairs_is_equal_to_who_sees_no_small_differences(shift):
    said, gaps, _ = asked(build("equal", shift), shift)
    assert share(said, Answer.EQUAL) == pytest.approx(0.2, abs=POINTS)
    assert correct(said, gaps) == 1
    equal = np.array([a is Answer.EQUAL for a in said])
    assert np.abs(gaps[equal]).max() <= np.abs(gaps[~equal]).min() * 1.001


@SHIFTS
def test_a_pair_is_skipped_where_both_are_among_the_worst(shift):
    said, gaps, asks = asked(build("skip", shift), shift)
    assert share(said, Answer.SKIP) == pytest.approx(0.04, abs=POINTS)
    assert correct(said, gaps) == 1
    best = [max(true_value(q.left), true_value(q.right)) for q in asks]
    skipped = np.array([a is Answer.SKIP for a in said])
    assert np.array(best)[skipped].max() <= np.array(best)[~skipped].min() + 1e-9


@SHIFTS
def test_the_myopic_one_goes_by_the_discounted_sum(shift):
    said, _, asks = asked(build("myopic", shift), shift)
    factors = 0.9 ** np.arange(40)[::-1]
    sums = [[factors @ (s.features @ VECTOR) for s in (q.left, q.right)] for q in asks]
    expected = [Answer.LEFT if a > b else Answer.RIGHT for a, b in sums]
    assert np.mean([a is b for a, b in zip(said, expected, strict=True)]) > 0.999


def gaussian(function):
    """Return the mean of a function of a standard normal number."""
    return quad(lambda z: function(z) * norm.pdf(z), -8, 8, points=(-0.15, 0, 0.15))[0]


def people(*, sharpness, lapse, unsaid):
    """Return the shares of ties and of right preferences that people of a kind have.

    Four fifths of the differences below 0.15 look equal to them. A bias of a tenth of a
    point towards one side costs 0.1 points and is left out.
    """
    within = norm.cdf(0.15) - norm.cdf(-0.15)
    seen = 1 - 0.8 * within
    ties = (1 - unsaid) * (lapse / 3 + (1 - lapse) * 0.8 * within)
    right = gaussian(lambda z: expit(sharpness * abs(z)) * (1 - 0.8 * (abs(z) < 0.15)))
    blind = lapse * 2 / 3 / (lapse * 2 / 3 + (1 - lapse) * seen)
    return ties, blind / 2 + (1 - blind) * right / seen


@SHIFTS
def test_the_human_like_one_has_the_rates_of_people(shift):
    said, gaps, _ = asked(build("human_like", shift), shift)
    ties, right = people(sharpness=1.9, lapse=0.15, unsaid=0.03)
    # What the labels of people show.
    assert ties == pytest.approx(0.13, abs=0.005)
    assert right == pytest.approx(0.76, abs=0.01)
    assert share(said, Answer.CANT_TELL) == pytest.approx(0.03, abs=POINTS)
    assert share(said, Answer.SKIP) == 0
    assert share(said, Answer.EQUAL) == pytest.approx(ties, abs=POINTS)
    assert correct(said, gaps) == pytest.approx(right, abs=POINTS)


def test_the_human_like_one_favours_a_side_by_its_bias():
    annotator = build("human_like", habits={"lapse": 0.0, "equal_share": 0.0})
    same = segments(1, 5)[0]
    said = [annotator.answer(Question(i, same, same)).answer for i in range(PAIRS)]
    left = sum(a is Answer.LEFT for a in said) / sum(a in SIDES for a in said)
    assert left == pytest.approx(expit(0.1), abs=POINTS)


@SHIFTS
def test_the_blind_one_ignores_the_second_heaviest_feature(shift):
    said, _, asks = asked(build("feature_blind", shift), shift)
    seen = VECTOR * [1, 0, 1, 1]
    gaps = [float((q.left.mean - q.right.mean) @ seen) for q in asks]
    assert correct(said, gaps) > 0.999
    slip = build("feature_blind", shift, feature="slip")
    said, _, asks = asked(slip, shift)
    seen = VECTOR * [1, 1, 0, 1]
    assert correct(said, [float((q.left.mean - q.right.mean) @ seen) for q in asks]) > 0.999


@SHIFTS
@pytest.mark.parametrize("tired", [0.0, 0.5, 1.0])
def test_the_fatigued_one_errs_more_and_more(shift, tired):
    # So slowly that 2,000 answers are given at the same state.
    annotator = build("fatigued", shift, after=10**7)
    said, gaps, _ = asked(annotator, shift, first=round(tired * 10**7))
    lapse, cant_tell, skip = 0.1 + 0.2 * tired, 0.03 + 0.07 * tired, 0.05 * tired
    sharpness = 1.9 - 0.9 * tired
    ties, right = people(sharpness=sharpness, lapse=lapse, unsaid=cant_tell + skip)
    assert share(said, Answer.CANT_TELL) == pytest.approx(cant_tell, abs=POINTS)
    assert share(said, Answer.SKIP) == pytest.approx(skip, abs=POINTS)
    assert share(said, Answer.EQUAL) == pytest.approx(ties, abs=POINTS)
    assert correct(said, gaps) == pytest.approx(right, abs=POINTS)


def test_the_fatigued_one_is_tired_after_150_questions():
    annotator = build("fatigued")
    lapses = [annotator.habits_at(n).lapse for n in (0, 75, 150, 900)]
    assert lapses == pytest.approx([0.1, 0.2, 0.3, 0.3])


def test_the_drifting_one_turns_its_weights_by_30_degrees_at_question_60():
    annotator = build("drifting")
    before, after = (annotator.truth_at(n)[0].weights for n in (59, 60))
    np.testing.assert_array_equal(before, VECTOR)
    angle = np.arccos(before @ after / np.linalg.norm(before) / np.linalg.norm(after))
    assert np.degrees(angle) == pytest.approx(30)
    assert np.linalg.norm(after) == pytest.approx(np.linalg.norm(VECTOR))
    said, gaps, _ = asked(annotator)
    assert correct(said[:60], gaps[:60]) == 1
    # Values of differences are jointly normal: they disagree on a share of angle / pi.
    assert correct(said[60:], gaps[60:]) == pytest.approx(1 - 30 / 180, abs=POINTS)


@pytest.mark.parametrize("name", ANNOTATORS.names())
def test_answers_depend_on_seed_and_question_alone(name):
    said, _, asks = asked(build(name))
    again = build(name)
    backwards = [again.answer(q).answer for q in reversed(asks[:300])]
    assert backwards[::-1] == said[:300]


@pytest.mark.parametrize("name", ANNOTATORS.names())
def test_a_reply_says_who_answered_and_after_how_long(name):
    question = questions(segments(10, 0), 0, count=1)[0]
    reply = build(name, period_s=0.05).answer(question)
    assert reply.question is question
    assert reply.annotator == name
    assert reply.seconds == pytest.approx(2 * 40 * 0.05 + 3)


def test_thresholds_do_not_depend_on_the_units_of_the_weights():
    small = {name: weight * 1e-3 for name, weight in WEIGHTS.items()}
    for name in ("equal", "skip", "human_like", "noisy"):
        asks = questions(segments(100, 2), 2, count=300)
        light = build(name, weights=small)
        heavy = build(name)
        assert [light.answer(q).answer for q in asks] == [
            heavy.answer(q).answer for q in asks
        ]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"weights": {"progres": 1.0}}, "did you mean 'progress'"),
        ({"weights": [1.0]}, "must be 4 numbers"),
        ({"weights": [0.0] * 4}, "not all 0"),
        ({"habits": {"lapses": 0.1}}, "did you mean 'lapse'"),
        ({"habits": {"lapse": 1.5}}, "lapse must be in"),
        ({"period_s": 0.0}, "period_s"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, text):
    with pytest.raises(UsageError, match=text):
        build("human_like", **options)


def test_segments_that_are_all_alike_are_no_reference():
    options = {"weights": dict.fromkeys(NAMES, 1.0)}
    with pytest.raises(UsageError, match="worth the same"):
        ANNOTATORS.build("equal", SCALE, segments(1, 0) * 3, options=options)
