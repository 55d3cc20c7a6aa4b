"""The posterior is the one that Metropolis chains find."""

import numpy as np
import pytest
from reward_chains import chains, log_density
from reward_people import all_kinds, few_answers, pinned

from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_posterior

# Means by chains of this length vary by less than 0.01 sd from seed to seed.
CASES = {
    "few answers": (few_answers, 4, Noise(lapse=0.0), np.zeros(4)),
    "all kinds": (all_kinds, 5, Noise(side_bias=0.2), np.zeros(5)),
    "pinned signs": (pinned, 3, Noise(), np.array([-0.5, 0.5, -0.5])),
}


@pytest.mark.parametrize("case", CASES)
def test_mean_and_spread_agree_with_metropolis_chains(case):
    make, d, noise, start = CASES[case]
    evidence, names = make(), tuple(f"f{k}" for k in range(d))
    prior = Prior(np.zeros(d), 1.5, names)
    found = fit_posterior(evidence, prior, noise)
    draws = chains(
        lambda w: log_density(w, evidence, prior, noise, names),
        start,
        found.covariance,
        steps=1000,
        seed=0,
        count=200,
    )
    spread = draws.std(axis=0)
    assert (np.abs(found.mean - draws.mean(axis=0)) < 0.05 * spread).all()
    assert (np.abs(np.log(found.std / spread)) < 0.12).all()
