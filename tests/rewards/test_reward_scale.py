import numpy as np
import pytest

from iml_robot.core.errors import UsageError
from iml_robot.rewards.scale import FeatureScale

FEATURES = {
    "progress": {
        "meaning": "m gained",
        "unit": "m/s",
        "mean": 0.5,
        "std": 0.25,
        "weight": 1.0,
    },
    "tilt": {"meaning": "lean", "unit": "rad", "mean": -1.0, "std": 2.0, "weight": -0.5},
}


def test_features_become_standard_deviations_from_the_mean_within_five():
    scale = FeatureScale.of(FEATURES)
    rows = scale.standardise([[0.75, -1.0], [0.5, 100.0], [-9.0, -3.0]])
    np.testing.assert_allclose(rows, [[1, 0], [0, 5], [-5, -1]])
    assert rows.dtype == np.float64
    assert scale.names == ("progress", "tilt")


def test_a_segment_is_summed_up_by_the_mean_of_its_steps_however_long_it_is():
    scale = FeatureScale.of(FEATURES)
    once = np.array([[0.75, 1.0], [0.25, 3.0]], np.float32)
    np.testing.assert_allclose(scale.summary(once), [0, 1.5])
    np.testing.assert_allclose(scale.summary(np.tile(once, (7, 1))), [0, 1.5])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_features_that_are_no_numbers_are_refused_by_name(bad):
    with pytest.raises(UsageError, match=r"\['tilt'\] are NaN or infinite"):
        FeatureScale.of(FEATURES).standardise([[0.0, 1.0], [0.0, bad]])


def test_features_of_another_environment_are_refused():
    scale = FeatureScale.of(FEATURES)
    for rows in (np.zeros((3, 3)), np.zeros(2), np.zeros((1, 2, 2))):
        with pytest.raises(UsageError, match=r"shape \(n, 2\)"):
            scale.standardise(rows)
    with pytest.raises(UsageError, match="without steps"):
        scale.summary(np.zeros((0, 2)))


def test_a_constant_feature_counts_as_zero_and_is_named():
    # A standard deviation of 1e-7 at a mean of 1e6 is nothing but rounding.
    entries = {"a": (3.0, 0.0), "b": (1e6, 1e-7), "c": (0.0, 1e-7)}
    scale = FeatureScale.of({n: {"mean": m, "std": s} for n, (m, s) in entries.items()})
    assert scale.constant == ("a", "b")
    np.testing.assert_array_equal(
        scale.standardise([[99.0, 1e6 + 1, 2e-7]]), [[0.0, 0.0, 2.0]]
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "no reward features"),
        ({"a": {"mean": 0.0}}, "`mean` and `std`"),
        ({"a": {"mean": 0.0, "std": "wide"}}, "`mean` and `std`"),
        ({"a": {"mean": np.nan, "std": 1.0}}, "mean must be finite"),
        ({"a": {"mean": 0.0, "std": -1.0}}, "std of reward features must be >= 0"),
    ],
)
def test_what_is_no_scale_is_refused(entries, message):
    with pytest.raises(UsageError, match=message):
        FeatureScale.of(entries)


def test_names_must_differ():
    with pytest.raises(UsageError, match="must differ"):
        FeatureScale(("a", "a"), np.zeros(2), np.ones(2))
