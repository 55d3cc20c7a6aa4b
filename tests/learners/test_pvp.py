"""Proxy value propagation: which steps say what, and how values spread."""

import numpy as np
import pytest
import torch
from point_corrections import OBS_DIM, SPACES, made_up_episode

from iml_robot.core.errors import ArtifactError
from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.learners.proxy_values.transitions import (
    Transitions,
    operator_steps,
    policy_steps,
)
from iml_robot.learners.proxy_values.values import Descent
from iml_robot.policies.ensemble.files import load_policy, new_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.td3 import TD3Network

pytestmark = pytest.mark.slow

P, O, B, S = Source  # noqa: E741


def build(*, start=None, seed=0, **options):
    options = {"hidden": [32, 32], **options}
    return LEARNERS.build("pvp", SPACES, start, seed, options=options)


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


def values(network, observations, actions):
    """Return the mean of both critics."""
    seen, done = map(torch.from_numpy, (observations, actions))
    with torch.no_grad():
        both = network.td3.critic(network.normalised(seen), done)
    return torch.cat(both, dim=1).mean(1).numpy()


def test_each_step_belongs_to_whoever_drove_it():
    episode = made_up_episode([P] * 4 + [O] * 3 + [B] * 2 + [S] + [P] * 2 + [O])
    operator, policy = operator_steps([episode]), policy_steps([episode])
    np.testing.assert_array_equal(operator.driven, episode.operator_actions[[4, 5, 6, 12]])
    np.testing.assert_array_equal(operator.wanted, episode.policy_actions[[4, 5, 6, 12]])
    own = [0, 1, 2, 3, 10, 11]
    np.testing.assert_array_equal(policy.driven, episode.executed_actions[own])
    np.testing.assert_array_equal(policy.following, episode.observations[1:][own])
    assert operator.valued[:, 0].tolist() == [0, 1, 1, 0]
    assert policy.valued.all()


@pytest.mark.parametrize(("terminated", "expected"), [(True, 1.0), (False, 0.0)])
def test_only_the_tasks_own_end_ends_the_values(terminated, expected):
    episode = made_up_episode([P] * 5, outcome="x", terminated=terminated)
    assert policy_steps([episode]).ended[:, 0].tolist() == [0, 0, 0, 0, expected]


def test_nothing_is_valued_by_what_cannot_be_used():
    episode = made_up_episode([P] * 3 + [O] * 4)
    episode.observations[2] = np.nan
    episode.operator_actions[5] = np.nan
    operator, policy = operator_steps([episode]), policy_steps([episode])
    assert len(policy) == 2
    assert policy.valued[:, 0].tolist() == [1, 0]
    assert len(operator) == 3
    assert operator.valued[:, 0].tolist() == [0, 0, 1]
    for steps in (operator, policy):
        assert np.isfinite(steps.observations).all()
        assert np.isfinite(steps.following).all()


def test_the_operators_action_is_worth_more_and_the_actor_takes_it():
    here = np.ones(OBS_DIM, np.float32)
    episode = made_up_episode([P] * 30 + [O] * 12 + [P] * 30, outcome="stuck")
    takeover = slice(30, 42)
    episode.observations[30:43] = here
    episode.operator_actions[takeover] = [0.8, -0.8]
    episode.policy_actions[takeover] = [-0.2, 0.2]
    learner = build(updates=400, learning_rate=1e-3)
    update(learner, [episode])
    network = learner.policy.network
    better, worse = np.float32([[0.8, -0.8]]), np.float32([[-0.2, 0.2]])
    assert values(network, here[None], better) > 0.5
    assert values(network, here[None], worse) < -0.5
    wanted = learner.policy.act(here)
    assert wanted[0] > 0.5
    assert wanted[1] < -0.5


def test_values_spread_to_steps_that_nobody_said_anything_about():
    """One way leads to where the operator steers well, another one to the end."""
    left, right, good = (np.full(OBS_DIM, v, np.float32) for v in (-1.0, 1.0, 0.0))
    action, rejected = np.float32([0.5, 0.5]), np.float32([-0.5, -0.5])

    def steps(rows):
        columns = zip(*rows, strict=True)
        return Transitions(*(np.array(column, np.float32) for column in columns))

    operator = steps([(good, good, action, rejected, [0], [1])] * 20)
    policy = steps(
        [(left, good, action, action, [0], [1]), (right, right, action, action, [1], [1])]
        * 20
    )
    network = new_policy("td3", SPACES, 0, {"hidden": [32, 32]}).network
    assert isinstance(network, TD3Network)
    descent = Descent(network, 1e-3, np.random.default_rng(0))
    descent.run(operator, policy, 1500, lambda _: None)
    to_good, to_end = values(network, np.stack([left, right]), np.stack([action] * 2))
    assert to_good > 0.4
    assert abs(to_end) < 0.2


def test_the_cloning_term_keeps_what_was_demonstrated():
    """Values alone know nothing of places where nobody took over."""
    rng = np.random.default_rng(0)
    shown = rng.normal(size=(201, OBS_DIM)).astype(np.float32)
    labels = np.tile(np.float32([0.4, -0.4]), (200, 1))
    demonstration = made_up_episode([O] * 200, observations=shown, operator_actions=labels)
    cloning = LEARNERS.build("hg_dagger", SPACES, None, 0, options={})
    cloning.pretrain(
        [demonstration], updates=100, rehearsal=200, on_progress=lambda _: None
    )
    correction = made_up_episode([P] * 20 + [O] * 40)

    def error(weight):
        options = {"start_updates": 300, "updates": 300, "learning_rate": 1e-3}
        learner = build(start=cloning._file, cloning_weight=weight, **options)
        update(learner, [correction])
        return np.abs(learner.policy.act_batch(shown[:-1]) - labels).mean()

    assert error(1.0) < 0.8 * error(0.0)


def test_there_are_as_many_gradient_steps_as_control_steps_since_the_last_update():
    episodes = [
        made_up_episode([P] * 20 + [O] * 3),
        made_up_episode([P] * 11, number=1),
        made_up_episode([P] * 7, number=2),
        made_up_episode([P] * 9 + [O] * 4, number=3),
    ]
    learner = build()
    counts = [update(learner, episodes[: n + 1])["updates"] for n in range(4)]
    assert counts == [23, 0, 0, 11 + 7 + 13]


def test_it_begins_with_what_the_first_policy_does(tmp_path):
    cloning = LEARNERS.build("hg_dagger", SPACES, None, 0, options={})
    shown = [made_up_episode([O] * 300, seed=n) for n in range(2)]
    cloning.pretrain(shown, updates=50, rehearsal=500, on_progress=lambda _: None)
    cloning.save(tmp_path / "start.safetensors")
    start = load_policy(tmp_path / "start.safetensors")
    learner = build(start=start, start_updates=500)
    seen = start.rehearsal.observations
    apart = learner.policy.act_batch(seen) - EnsemblePolicy(start.network).act_batch(seen)
    scale = np.abs(EnsemblePolicy(start.network).act_batch(seen)).mean()
    assert np.abs(apart).mean() < 0.5 * scale
    td3 = learner.policy.network.td3
    for weights, target in zip(
        td3.actor.parameters(), td3.actor_target.parameters(), strict=True
    ):
        assert torch.equal(weights, target)


def test_a_policy_of_another_kind_cannot_be_gone_on_from(tmp_path):
    LEARNERS.build("hg_dagger", SPACES, None, 0, options={}).save(
        tmp_path / "x.safetensors"
    )
    with pytest.raises(ArtifactError, match="goes on from 'td3' only"):
        build().load(tmp_path / "x.safetensors")
