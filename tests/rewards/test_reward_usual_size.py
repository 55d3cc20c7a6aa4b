"""How wide a prior is, before anybody said anything."""

import numpy as np
import pytest

from iml_robot.rewards.usual_size import LEAST, MOST, PEOPLE, usual_std


def test_log_odds_of_random_pairs_spread_as_those_of_people():
    """Independent draws of weights and of pairs, correlated features."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(6, 6)) / 2
    means = rng.normal(size=(20_000, 6)) @ mix
    weights = rng.normal(size=(20_000, 6)) * usual_std(means)
    log_odds = ((means[::2] - means[1::2]) * weights[:10_000]).sum(axis=1)
    assert log_odds.std() == pytest.approx(PEOPLE, rel=0.05)


def test_what_tells_nothing_leaves_the_prior_wide_and_nothing_makes_it_certain():
    assert usual_std(np.zeros((0, 3))) == MOST
    assert usual_std(np.zeros((5, 3))) == MOST
    assert usual_std(np.array([[0.0, 0.0], [100.0, 0.0]])) == LEAST
    assert usual_std(np.full((9, 2), 1e-3) * np.arange(9)[:, None]) == MOST
