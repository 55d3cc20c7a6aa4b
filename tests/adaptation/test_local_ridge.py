"""The local ridge against what a Gaussian process says about the same samples."""

import numpy as np
import pytest

from iml_robot.adaptation.regression.local_ridge import CENTRE_EVERY, NOISE, LocalRidge

REACH = 0.7


def bells(first, second):
    apart = np.linalg.norm(first[:, None] - second[None], axis=2)
    return np.exp(-0.5 * (apart / REACH) ** 2)


def samples(count=40, seed=0):
    rng = np.random.default_rng(seed)
    # One of a few that are alike is a centre, as on a drive: then nothing is lost.
    points = np.repeat(rng.uniform(-2, 2, (count, 3)), CENTRE_EVERY, axis=0)
    return points, rng.standard_normal((len(points), 2))


def ridge_on(*parts):
    ridge = LocalRidge(REACH, features=3, outputs=2)
    for points, targets in parts:
        ridge.add(points, targets)
    ridge.solve()
    return ridge


def test_it_says_what_a_gaussian_process_says():
    points, targets = samples()
    asked = np.random.default_rng(1).uniform(-2, 2, (20, 3))
    values, known = ridge_on((points, targets)).predict(asked)
    inverse = np.linalg.inv(bells(points, points) + NOISE * np.eye(len(points)))
    across = bells(asked, points)
    np.testing.assert_allclose(values, across @ inverse @ targets, atol=1e-3)
    share = np.einsum("ij,jk,ik->i", across, inverse, across)
    np.testing.assert_allclose(known, share, atol=1e-3)


def test_samples_added_bit_by_bit_say_the_same_as_all_at_once():
    points, targets = samples()
    asked = np.random.default_rng(1).uniform(-2, 2, (20, 3))
    cuts = [slice(0, 60), slice(60, 66), slice(66, 240)]
    parts = [(points[cut], targets[cut]) for cut in cuts]
    piecewise, whole = ridge_on(*parts), ridge_on((points, targets))
    assert len(piecewise) == len(whole) == 240
    for found, expected in zip(piecewise.predict(asked), whole.predict(asked), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_far_from_all_samples_it_is_nothing():
    values, known = ridge_on(samples()).predict(np.full((1, 3), 50.0))
    assert not values.any()
    assert not known.any()


def test_contradicting_samples_meet_in_the_middle():
    points = np.zeros((400, 3))
    targets = np.repeat([[1.0, -1.0], [-1.0, 0.0]], 200, axis=0)
    values, known = ridge_on((points, targets)).predict(points[:1])
    np.testing.assert_allclose(values, [[0.0, -0.5]], atol=1e-3)
    assert known[0] > 0.99


def test_a_reach_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        LocalRidge(0.0, features=1, outputs=1)
