import numpy as np
import pytest

from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.evidence import Alarm, Choice, Comparison, Evidence
from iml_robot.rewards.noise import Noise


def test_evidence_is_added_in_order():
    first = Evidence((Comparison(np.ones(2), Answer.LEFT),), edits=(WeightEdit("a", 1.0),))
    second = Evidence(alarms=(Alarm(np.ones(2), 1.0, True),), edits=(WeightEdit("a", 2.0),))
    both = first + second
    assert both.comparisons == first.comparisons
    assert both.alarms == second.alarms
    assert [e.weight for e in both.edits] == [1.0, 2.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: Comparison(x, Answer.LEFT),
        lambda x: Choice(x, np.zeros((1, 2))),
        lambda x: Choice(np.zeros(2), x[None]),
        lambda x: Alarm(x, 1.0, False),
    ],
)
def test_nan_is_no_evidence(make):
    make(np.zeros(2))
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="finite"):
            make(np.array([0.0, bad]))


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_are_numbers_from_zero(weight):
    with pytest.raises(ValueError, match="weight must be"):
        Comparison(np.zeros(1), Answer.LEFT, weight)


def test_evidence_is_kept_as_it_was_given():
    x = np.zeros(2)
    comparison = Comparison(x, Answer.LEFT)
    x[0] = 7
    assert comparison.difference[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        comparison.difference[0] = 1


def test_evidence_counts_half_after_its_half_life():
    old = Comparison(np.ones(1), Answer.LEFT, 0.8, event=0)
    new = Alarm(np.ones(1), 1.0, True, event=600)
    edit = WeightEdit("a", 1.0)
    faded = Evidence((old,), alarms=(new,), edits=(edit,)).faded()
    assert faded.comparisons[0].weight == pytest.approx(0.8 / 4)
    assert faded.alarms[0].weight == 1.0
    assert faded.edits == (edit,)
    later = Evidence((old,)).faded(newest=100, half_life=50)
    assert later.comparisons[0].weight == pytest.approx(0.8 / 4)
    with pytest.raises(ValueError, match="half_life"):
        Evidence().faded(half_life=0)


@pytest.mark.parametrize(
    "figures",
    [
        {"sharpness": 0.0},
        {"tie_width": -1.0},
        {"lapse": 1.0},
        {"alarm": np.nan},
        {"demonstration": 0.0},
        {"much_width": 0.1},
    ],
)
def test_noise_that_cannot_be_is_refused(figures):
    with pytest.raises(ValueError, match=next(iter(figures))):
        Noise(**figures)
