"""The policy class of stable-baselines3 as one of ours."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from iml_robot.core.errors import UsageError
from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.files import load_policy, new_policy, save_policy
from iml_robot.policies.ensemble.network import Spaces

SPACES = Spaces(5, 2)


def network(**options):
    made = POLICIES.build("actor_critic", SPACES, 0, options=options)
    with torch.no_grad():
        made.policy.action_net.weight.mul_(100)
        made.policy.log_std.copy_(torch.tensor([-0.5, 0.2]))
    return made


def observations():
    return np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)


def test_it_drives_as_the_library_would():
    made = network()
    expected, _ = made.policy.predict(observations(), deterministic=True)
    actions, disagreement = made(torch.from_numpy(observations()))
    np.testing.assert_allclose(actions.detach(), expected, atol=1e-6)
    assert np.abs(expected).max() == 1.0, "some actions must be beyond the bounds"
    assert not disagreement.any()


def test_its_loss_is_the_surprise_at_the_labels():
    made = network()
    labels = np.random.default_rng(1).uniform(-1, 1, (30, 2)).astype(np.float32)
    with torch.no_grad():
        mean = made.policy.get_distribution(torch.from_numpy(observations())).mode()
        loss = made.loss(torch.from_numpy(observations()), torch.from_numpy(labels))
    likelihood = norm.logpdf(labels, loc=mean.numpy(), scale=np.exp([-0.5, 0.2]))
    assert loss.shape == (1, 30)
    np.testing.assert_allclose(loss[0], -likelihood.sum(axis=1), rtol=1e-4)


@pytest.mark.parametrize("hidden", [[8], [4, 6, 8], []])
def test_its_hidden_layers_have_the_chosen_units(hidden, tmp_path):
    policy = new_policy("actor_critic", SPACES, 0, {"hidden": hidden})
    sizes = [
        layer.out_features
        for layer in policy.network.policy.mlp_extractor.policy_net
        if isinstance(layer, torch.nn.Linear)
    ]
    assert sizes == hidden
    save_policy(policy, tmp_path / "policy.safetensors")
    assert load_policy(tmp_path / "policy.safetensors").options == {"hidden": hidden}


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"members": 5}, "members=5"),
        ({"hidden": [8, 0]}, "[8, 0]"),
        ({"hidden": [8.5]}, "[8.5]"),
        ({"hidden": ["8"]}, "hidden"),
        ({"hidden": 8}, "int"),
    ],
)
def test_what_it_cannot_be_is_refused(options, part):
    with pytest.raises(UsageError) as caught:
        network(**options)
    assert part in str(caught.value)
