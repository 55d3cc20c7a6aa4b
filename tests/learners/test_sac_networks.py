"""Called directly, the library's networks say the same to the last bit."""

import numpy as np
import pytest
import torch
from sac_parts import untrained
from stable_baselines3.common.utils import polyak_update

from iml_robot.learners.reinforcement.networks import Critics, GaussianActor


@pytest.fixture
def network():
    """A network of which no weight is the initial one."""
    network, generator = untrained().network, torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.3 * torch.randn(weights.shape, generator=generator))
    return network


@pytest.fixture
def batch():
    """Normalised summaries and actions."""
    rng = np.random.default_rng(2)
    seen, actions = rng.normal(size=(50, 6)), rng.uniform(-1, 1, (50, 2))
    return [torch.from_numpy(values.astype(np.float32)) for values in (seen, actions)]


def test_values_and_their_slopes_are_those_of_the_library(network, batch):
    critic, slopes = network.sac.critic, []
    for values in (critic(*batch), Critics(critic)(*batch)):
        critic.zero_grad()
        torch.stack(tuple(values)).square().sum().backward()
        slopes.append([torch.stack(tuple(values)).detach()])
        slopes[-1] += [weights.grad.clone() for weights in critic.parameters()]
    assert len(slopes[0]) > 10
    assert all(map(torch.equal, *slopes))


def test_what_the_actor_means_and_how_widely_are_those_of_the_library(network, batch):
    actor = network.sac.actor
    mean, log_std, _ = actor.get_action_dist_params(batch[0])
    direct = GaussianActor(actor)
    found = direct.mean_and_log_std(batch[0])
    assert torch.equal(found[0], mean)
    # The library cuts the spread off; the learner does so more closely.
    assert torch.equal(found[1].clamp(-20, 2), log_std)
    assert torch.equal(direct.mean(batch[0]), mean)


def test_targets_follow_as_those_of_the_library_do(network, batch):
    targets, critic = network.sac.critic_target, network.sac.critic
    other = untrained(seed=4).network.sac.critic_target
    other.load_state_dict(targets.state_dict())
    before = targets(*batch)[0]
    for _ in range(3):
        Critics(targets).follow(Critics(critic), 0.01)
        polyak_update(critic.parameters(), other.parameters(), 0.01)
    assert not torch.equal(targets(*batch)[0], before)
    assert all(map(torch.equal, targets.parameters(), other.parameters()))


def test_held_values_let_slopes_through_to_actions_alone(network, batch):
    seen, actions = batch
    actions.requires_grad_(True)
    critics = Critics(network.sac.critic)
    with critics.held():
        first, _ = critics(seen, actions)
    first.sum().backward()
    assert actions.grad.abs().sum() > 0
    assert all(weights.grad is None for weights in critics.parameters)
    assert all(weights.requires_grad for weights in critics.parameters)
