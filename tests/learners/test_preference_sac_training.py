"""SAC on a reward of named features: it learns, remembers, and notices other rewards."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sac_parts import (
    ENV_ID,
    GROUND,
    SCALE,
    TRAITS,
    D,
    model,
    point_practice,
    trainer,
    untrained,
    wanting,
    weights_of,
)

from iml_robot.core.errors import UsageError
from iml_robot.learners.reinforcement.descent import Guidance, SoftDescent
from iml_robot.learners.reinforcement.reward import LinearReward
from iml_robot.learners.reinforcement.rollouts import drive, returns
from iml_robot.learners.reinforcement.trainer import SacSettings, train_sac
from iml_robot.learners.reinforcement.traits import EnvTraits, practising
from iml_robot.policies.ensemble.files import load_policy, save_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy

pytestmark = pytest.mark.slow

VAL = replace(GROUND, options={"level": 0, "split": "val"})


def worth(network, reward):
    """Mean return of a policy on maps that it did not practise on."""
    policy = EnsemblePolicy(network)
    drives = drive(policy, VAL, count=12, seed=100, feature_size=D)
    return returns(drives, reward).mean()


def same(first, second):
    assert first.keys() == second.keys()
    return all(torch.equal(first[key], second[key]) for key in first)


def test_practice_improves_what_the_reward_asks_for():
    network, reward = untrained().network, wanting(progress=1.0)
    before = worth(network, reward)
    with point_practice() as practice:
        trainer(network, practice, reward).train(5500)
    after = worth(network, reward)
    # 0.2 m/s more over 6 s: goals lie about one metre away.
    assert after > before + 0.2 / SCALE.std[SCALE.names.index("progress")]


def test_the_opposite_reward_makes_the_same_robots_flee():
    reward = wanting(progress=-1.0)
    network = untrained().network
    with point_practice() as practice:
        trainer(network, practice, reward).train(5500)
    place = SCALE.names.index("progress")
    still = -SCALE.mean[place] / SCALE.std[place]
    assert worth(network, wanting(progress=1.0)) < still - 0.1


def test_the_seed_decides_everything():
    results = []
    for seed in (0, 0, 1):
        torch.manual_seed(len(results))
        np.random.seed(len(results))  # noqa: NPY002
        file = train_sac(
            ENV_ID,
            GROUND.options,
            reward=model([1.0, 0, -0.2, 0]),
            steps=2600,
            seed=seed,
            settings=SacSettings(hidden=(16,), warm_up=500, gradient_steps=0.3),
            ground=replace(GROUND, robots=8),
        )
        results.append(weights_of(file.network))
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


def test_training_leaves_the_global_random_streams_alone():
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = torch.rand(2), np.random.random(2)  # noqa: NPY002
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    with point_practice() as practice:
        trainer(untrained().network, practice, wanting(progress=1.0)).train(2700)
    np.testing.assert_array_equal(torch.rand(2), expected[0])
    np.testing.assert_array_equal(np.random.random(2), expected[1])  # noqa: NPY002


def test_a_trained_policy_comes_back_with_its_critics_to_the_last_bit(tmp_path):
    file = untrained()
    with point_practice() as practice:
        trainer(file.network, practice, wanting(progress=1.0)).train(2700)
    save_policy(file, tmp_path / "policy.safetensors")
    loaded = load_policy(tmp_path / "policy.safetensors", TRAITS.spaces)
    assert same(weights_of(loaded.network), weights_of(file.network))
    assert any("critic_target" in name for name in weights_of(loaded.network))


@pytest.mark.parametrize(("second", "resets"), [(0.9, 0), (-1.0, 1)])
def test_only_a_very_different_reward_makes_the_critics_begin_anew(second, resets):
    network = untrained().network
    with point_practice() as practice:
        learning = trainer(network, practice, wanting(progress=1.0))
        learning.train(2700)
        before = weights_of(network)
        learning.reward = wanting(progress=second, effort=-0.01)
        after = weights_of(network)
        assert learning.resets == resets
        moved = {name for name in before if not torch.equal(before[name], after[name])}
        actor = {name for name in before if "actor" in name or "temperature" in name}
        assert not moved & actor
        assert bool(moved) == bool(resets)
        drawn = learning.replay.sample(400)
    # What was met under the first reward is judged by the second one.
    progress = np.corrcoef(
        drawn.rewards[:, 0], learning.reward.reward(_features(learning, drawn))
    )
    assert progress[0, 1] > 0.99


def _features(learning, drawn):
    """Find the features of drawn transitions by what was seen."""
    replay = learning.replay.buffers[0]
    known = {row.tobytes(): i for i, row in enumerate(replay.observations[:, 0])}
    rows = [known[row.numpy().tobytes()] for row in drawn.observations]
    return replay.features[rows, 0]


def test_new_last_layers_leave_the_others_as_they_were():
    network = untrained().network
    descent = SoftDescent(network, np.random.default_rng(0))
    before = weights_of(network)
    descent.reset_values()
    after = weights_of(network)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    last = {f"sac.{kind}.qf{q}.6" for kind in ("critic", "critic_target") for q in (0, 1)}
    assert {name.rpartition(".")[0] for name in moved} == last


def test_the_operators_actions_are_cloned_where_values_say_nothing():
    network, rng = untrained().network, np.random.default_rng(0)
    seen = rng.normal(size=(300, 6)).astype(np.float32)
    shown = np.stack([np.tanh(seen[:, 0]), -0.5 + 0 * seen[:, 0]], 1).astype(np.float32)
    network.fit_normaliser(torch.from_numpy(seen))
    guidance = Guidance(seen, shown, np.full(300, 1 / 300), 1.0)
    descent = SoftDescent(network, rng, guidance=guidance)
    for _ in range(300):
        descent.imitate()
    errors = EnsemblePolicy(network).act_batch(seen) - shown
    assert np.abs(errors).mean() < 0.1


def test_cloning_holds_a_policy_where_the_reward_pulls_the_other_way():
    """The reward asks for speed, the operator stood still everywhere."""
    still, seen = [], np.random.default_rng(1).normal(size=(400, 6)).astype(np.float32)
    guidance = Guidance(
        seen, np.zeros((400, 2), np.float32), np.full(400, 1 / 400), weight=10.0
    )
    for given in (None, guidance):
        network = untrained().network
        with point_practice() as practice:
            reward = wanting(effort=1.0)
            trainer(network, practice, reward, guidance=given).train(3800)
        still.append(np.abs(EnsemblePolicy(network).act_batch(seen)).mean())
    assert still[1] < 0.5 * still[0]


def test_an_environment_without_reward_features_is_refused():
    nothing = EnvTraits(TRAITS.spaces, {})
    with (
        pytest.raises(UsageError, match="no reward features"),
        practising(GROUND, nothing, 0),
    ):
        pass


def test_shipped_weights_are_those_of_the_environment():
    reward = LinearReward.shipped(TRAITS.reward_features)
    expected = [feature["weight"] for feature in TRAITS.reward_features.values()]
    assert reward.weights.tolist() == expected
    again = LinearReward.from_json(reward.as_json())
    features = np.random.default_rng(0).normal(size=(9, D)).astype(np.float32)
    np.testing.assert_array_equal(again.reward(features), reward.reward(features))


@pytest.mark.parametrize(
    "wrong", [{"discount": 1.0}, {"pessimism": -1.0}, {"warm_up": 0}, {"memory": 0}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SacSettings(**wrong)
