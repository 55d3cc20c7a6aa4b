import time
from dataclasses import replace

import numpy as np
import pytest
from reward_people import answers
from reward_recordings import reply

from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.conflicts import conflicts
from iml_robot.rewards.consistency import Consistency, consistency_of
from iml_robot.rewards.evidence import Comparison, Evidence
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.refit import due, refit_noise
from iml_robot.rewards.relevance import weigh_corrections

TRUE = np.array([1.5, -1.0, 0.8, 0.0])
PRIOR = Prior(TRUE, 0.02)
"""Weights that are known, so that errors of people stand out."""


def figures(seed, count=600, **person):
    asked = answers(TRUE, count, np.random.default_rng(seed), **person)
    return refit_noise(Evidence(tuple(asked)), PRIOR, Noise())


def test_lapses_are_found():
    few, many = figures(0, lapse=0.02), figures(0, lapse=0.4)
    assert few.lapse == pytest.approx(0.02, abs=0.06)
    assert many.lapse == pytest.approx(0.4, abs=0.1)


def test_tie_widths_are_found():
    narrow, wide = figures(1, tie=0.1), figures(1, tie=0.9)
    assert narrow.tie_width == pytest.approx(0.1, abs=0.06)
    assert wide.tie_width == pytest.approx(0.9, abs=0.25)


def test_side_biases_are_found():
    for bias in (-0.6, 0.0, 0.6):
        assert figures(2, bias=bias).side_bias == pytest.approx(bias, abs=0.2)


def test_sharpness_is_found_where_the_weights_are_known():
    assert figures(3, count=3000, sharpness=0.6).sharpness == pytest.approx(0.6, abs=0.12)
    assert figures(3, count=3000, sharpness=1.8).sharpness == pytest.approx(1.8, abs=0.2)


def test_few_answers_leave_figures_near_the_defaults():
    found, usual = figures(4, count=3), Noise()
    assert found.lapse == pytest.approx(usual.lapse, abs=0.05)
    assert found.tie_width == pytest.approx(usual.tie_width, rel=0.35)
    assert found.sharpness == pytest.approx(usual.sharpness, rel=0.2)


def test_what_is_found_is_more_probable_than_what_was_assumed():
    """Held-out answers of a careless person are better foreseen with their own figures."""
    rng = np.random.default_rng(5)
    asked = answers(TRUE, 2200, rng, lapse=0.4, bias=0.5)
    known = refit_noise(Evidence(tuple(asked[:200])), PRIOR, Noise())

    def loss(noise):
        total = 0.0
        for c in asked[200:]:
            z = noise.sharpness * c.difference @ TRUE + noise.side_bias
            left = 1 / (1 + np.exp(noise.tie_width - z))
            right = 1 / (1 + np.exp(noise.tie_width + z))
            said = {Answer.LEFT: left, Answer.RIGHT: right, Answer.EQUAL: 1 - left - right}
            total -= np.log(noise.lapse / 3 + (1 - noise.lapse) * said[c.answer])
        return total

    assert loss(known) < loss(Noise()) - 5


def test_only_the_figures_of_the_annotator_change_and_by_their_answers_alone():
    rng = np.random.default_rng(6)
    careless = [replace(c, annotator="bob") for c in answers(TRUE, 600, rng, lapse=0.6)]
    careful = [replace(c, annotator="ann") for c in answers(TRUE, 200, rng)]
    evidence = Evidence((*careless, *careful))
    special = Noise(correction=0.7, alarm_threshold=-1.0)
    bob, ann = (
        refit_noise(evidence, PRIOR, special, annotator=name) for name in ("bob", "ann")
    )
    assert bob.lapse > 0.3
    assert ann.lapse < 0.15
    assert (bob.correction, bob.alarm_threshold) == (0.7, -1.0)
    assert refit_noise(evidence, PRIOR, special, annotator="eve") == special


def test_much_better_gets_a_width_once_it_is_said():
    rng = np.random.default_rng(7)
    asked = [
        replace(c, much=abs(c.difference @ TRUE + rng.logistic()) > 2.5)
        for c in answers(TRUE, 300, rng)
    ]
    found = refit_noise(Evidence(tuple(asked)), PRIOR, Noise())
    assert found.much_width is not None
    assert found.much_width > found.tie_width + 0.5
    never = [replace(c, much=False) for c in asked]
    assert refit_noise(Evidence(tuple(never)), PRIOR, Noise()).much_width is None


def test_figures_are_due_every_twenty_replies():
    assert [n for n in range(50) if due(n, 20)] == list(range(40, 50))


def test_refitting_takes_little_time():
    """About 40 ms on an idle core for 200 answers; the bound allows for a busy one."""
    rng = np.random.default_rng(8)
    asked = Evidence(tuple(answers(rng.normal(size=10), 200, rng, lapse=0.1)))
    begun = time.process_time()
    refit_noise(asked, Prior(np.zeros(10)), Noise())
    assert time.process_time() - begun < 0.5


def test_questions_that_come_again_tell_how_consistent_somebody_is():
    a, b = (1, 0), (0, 0)
    replies = [
        reply(0, a, b, Answer.LEFT),
        reply(1, a, b, Answer.RIGHT),
        reply(2, a, b, Answer.EQUAL),
        reply(3, a, b, Answer.LEFT, annotator="ann"),
        reply(10, b, a, Answer.RIGHT, repeats=0),
        reply(11, b, a, Answer.RIGHT, repeats=1),
        reply(12, b, a, Answer.EQUAL, repeats=2),
        reply(13, b, a, Answer.LEFT, repeats=3, annotator="ann"),
        reply(14, b, a, Answer.SKIP, repeats=0),
    ]
    assert consistency_of(replies) == Consistency(3, 2)
    assert consistency_of(replies, annotator="ann") == Consistency(1, 0)
    assert np.isnan(consistency_of(replies, annotator="bob").agreement)


@pytest.mark.parametrize(("agreed", "error"), [(90, 0.0528), (80, 0.1127), (70, 0.1838)])
def test_agreement_tells_how_often_somebody_errs(agreed, error):
    found = Consistency(100, agreed)
    assert found.error == pytest.approx(error, abs=1e-4)
    assert (1 - found.error) ** 2 + found.error**2 == pytest.approx(agreed / 100)
    low, high = found.interval()
    assert low < agreed / 100 < high
    assert Consistency(10, 3).error == 0.5


def corrections(difference, event=0):
    return [Comparison(difference, Answer.LEFT, 1.0, "correction", event=event)]


def test_a_correction_that_nothing_explains_counts_less_and_says_so():
    known = Posterior((), np.array([2.0, 0.0]), np.eye(2) * 0.01)
    rng = np.random.default_rng(0)
    good, same, worse = [2.0, 0.0], [0.0, 0.01], [-2.0, 0.0]
    given = [c for k, x in enumerate((good, same, worse)) for c in corrections(x, k)]
    shared, found = weigh_corrections(given, known, Noise(), rng)
    assert [c.weight for c in shared] == pytest.approx([1.0, 0.1, 0.1], abs=0.05)
    assert [r.explained for r in found] == [True, False, False]
    assert found[0].text == ""
    assert all("I have no feature for this" in r.text for r in found[1:])


def test_before_much_is_known_a_correction_may_be_about_any_feature():
    wide = Posterior((), np.zeros(2), np.eye(2))
    given = corrections([-1.0, 1.0])
    shared, found = weigh_corrections(given, wide, Noise(), np.random.default_rng(0))
    assert [c.weight for c in shared] == [1.0]
    assert found[0].explained


def test_an_edit_against_all_answers_is_a_conflict():
    rng = np.random.default_rng(0)
    names = ("a", "b", "c", "d")
    asked = Evidence(tuple(answers(TRUE, 150, rng)))
    shown = fit_posterior(asked, Prior(np.zeros(4), 1.0, names), Noise())
    edits = [
        WeightEdit("a", 1.4),
        WeightEdit("b", 1.0),
        WeightEdit("c", sign=-1),
        WeightEdit("d", -3.0),
        WeightEdit("d", 0.0),
    ]
    found = conflicts(edits, shown)
    assert {c.feature for c in found} == {"b", "c"}
    assert all(c.apart > 2 for c in found)
    assert conflicts([WeightEdit("b", -1.0), WeightEdit("other", 5.0)], shown) == []
