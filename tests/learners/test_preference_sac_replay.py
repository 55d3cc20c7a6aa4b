"""The replay buffer that asks for rewards when it is sampled, and how they are scaled."""

import time

import gymnasium as gym
import numpy as np
import pytest
import torch
from sac_parts import SCALE, D, model, untrained, wanting
from stable_baselines3 import SAC

from iml_robot.core.errors import UsageError
from iml_robot.learners.reinforcement.decisions import Decisions
from iml_robot.learners.reinforcement.descent import SoftDescent
from iml_robot.learners.reinforcement.replay import Halves, RelabelledReplay
from iml_robot.learners.reinforcement.reward import (
    Bounds,
    LinearReward,
    ScaledReward,
    reward_distance,
)
from iml_robot.rewards.scale import FeatureScale

SIZE, ACT = 6, 2


def decisions(n, *, seed=0):
    """Transitions whose first observation tells their number."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32)

    seen = normal(n, SIZE)
    seen[:, 0] = np.arange(n)
    features = (SCALE.mean + SCALE.std * normal(n, D)).astype(np.float32)
    return Decisions(seen, normal(n, SIZE), normal(n, ACT).clip(-1, 1), features)


def buffer(reward, *, size=100, robots=1, seed=0):
    """A buffer for the point task."""
    return RelabelledReplay(
        size,
        gym.spaces.Box(-np.inf, np.inf, (SIZE,), np.float32),
        gym.spaces.Box(-1.0, 1.0, (ACT,), np.float32),
        feature_size=D,
        reward=reward,
        rng=np.random.default_rng(seed),
        n_envs=robots,
        device="cpu",
    )


def test_rewards_of_samples_are_those_that_the_model_gives():
    learned, met = model([1.0, -0.4, 0.3, -0.2]), decisions(80)
    scaled = ScaledReward(learned, met.features, pessimism=0.5)
    replay = buffer(scaled)
    replay.extend(met)
    drawn = replay.sample(500)
    rows = drawn.observations[:, 0].long().numpy()
    known = learned.with_reference(met.features)
    values = known.reward(met.features, pessimism=0.5)
    expected = ((values - values.mean()) / values.std()).clip(-5, 5)
    np.testing.assert_allclose(drawn.rewards[:, 0], expected[rows], rtol=1e-5, atol=1e-6)
    assert len(np.unique(rows)) > 70


def test_another_version_relabels_what_was_stored_before():
    met = decisions(60)
    replay = Halves([buffer(ScaledReward(wanting(progress=1.0), met.features))])
    replay.buffers[0].extend(met)
    replay.relabel(ScaledReward(wanting(progress=-1.0), met.features))
    drawn = replay.sample(300)
    features = met.features[drawn.observations[:, 0].long().numpy()]
    progress = features[:, SCALE.names.index("progress")]
    faster = drawn.rewards[:, 0].numpy() < 0
    np.testing.assert_array_equal(
        faster, progress > np.mean(met.features[:, SCALE.names.index("progress")])
    )


def test_it_does_not_matter_where_the_origin_of_a_reward_lies():
    """Adding a constant to all rewards, by moving the mean, must change nothing."""
    names = ("a", "b")
    features = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    results = []
    for mean in (-2.0, 0.0, 2.0):
        scale = FeatureScale(names, np.full(2, mean), np.ones(2) * 2)
        scaled = ScaledReward(LinearReward(scale, np.array([1.0, -0.5])), features)
        results.append(scaled(features))
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)
    np.testing.assert_allclose(results[2], results[1], atol=1e-6)


def test_the_reward_of_a_mean_within_bounds_is_the_mean_of_the_rewards():
    reward = LinearReward(SCALE, np.array([1.0, -0.4, 0.3, -0.2]))
    raw = SCALE.mean + 4 * SCALE.std * np.random.default_rng(0).normal(size=(200, D))
    raw = raw.astype(np.float32)
    held = Bounds.of(SCALE).clipped(raw).mean(axis=0, keepdims=True)
    assert np.abs((raw - SCALE.mean) / SCALE.std).max() > 5
    np.testing.assert_allclose(reward.reward(held)[0], reward.reward(raw).mean(), rtol=1e-4)


def test_one_event_does_not_drown_the_rest():
    features = np.zeros((100, D), np.float32)
    features[:, 0] = np.linspace(-0.1, 0.1, 100)
    scaled = ScaledReward(wanting(progress=1.0), features)
    assert scaled(np.full((1, D), 4.0, np.float32))[0] == pytest.approx(5.0)


def test_the_oldest_transitions_make_room():
    replay = buffer(lambda features: features[:, 0], size=50)
    replay.extend(decisions(30))
    replay.extend(decisions(40, seed=1))
    assert len(replay) == 50
    kept = np.sort(replay.observations[:, 0, 0])
    np.testing.assert_array_equal(kept, np.sort(np.r_[20.0:30.0, 0.0:40.0]))
    replay.extend(decisions(120, seed=2))
    np.testing.assert_array_equal(np.sort(replay.observations[:, 0, 0]), np.r_[70.0:120.0])


def test_two_buffers_are_drawn_alike_however_full_they_are():
    first, second = buffer(lambda f: f[:, 0]), buffer(lambda f: f[:, 0])
    first.extend(decisions(100))
    few = decisions(5, seed=1)
    few.observations[:, 0] = -1
    second.extend(few)
    drawn = Halves([first, second]).sample(128)
    assert (drawn.observations[:, 0] < 0).sum() == 64
    alone = Halves([first, buffer(lambda f: f[:, 0])]).sample(128)
    assert (alone.observations[:, 0] < 0).sum() == 0


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_features_that_are_not_finite_are_refused(broken):
    replay, met = buffer(lambda f: f[:, 0]), decisions(10)
    met.features[4, 1] = broken
    with pytest.raises(UsageError, match=r"features \[1\] are not finite"):
        replay.extend(met)
    assert len(replay) == 0
    row = np.zeros((1, SIZE), np.float32)
    step = row, row, np.zeros((1, ACT)), np.zeros(1), np.zeros(1)
    with pytest.raises(UsageError, match="not finite"):
        replay.add(*step, [{"features": met.features[4]}])
    with pytest.raises(UsageError, match="has 3 reward features"):
        replay.add(*step, [{"features": np.zeros(3)}])
    with pytest.raises(UsageError, match="has no features"):
        replay.add(*step, [{}])
    assert len(replay) == 0


def test_running_out_of_time_is_not_an_end():
    replay = buffer(lambda f: f[:, 0], robots=2)
    rows = np.zeros((2, SIZE), np.float32)
    infos = [{"features": np.zeros(D)}, {"features": np.zeros(D)}]
    infos[1]["TimeLimit.truncated"] = True
    rows[1, 0] = 1
    replay.add(rows, rows, np.zeros((2, ACT)), np.zeros(2), np.ones(2), infos)
    drawn = replay.sample(50)
    np.testing.assert_array_equal(drawn.dones, 1 - drawn.observations[:, :1])
    assert 0 < drawn.dones.sum() < 50


class Told(gym.Wrapper):
    """The point task, whose rewards are hidden."""

    def step(self, action):
        observation, _, terminated, truncated, info = super().step(action)
        return observation, np.nan, terminated, truncated, info


def test_the_librarys_own_algorithm_learns_from_features_alone():
    env = Told(gym.make("iml_robot_envs:iml/Point-v0", disable_env_checker=True))
    kwargs = {
        "feature_size": D,
        "reward": lambda features: wanting(progress=1.0).reward(features).astype("f4"),
        "rng": np.random.default_rng(0),
    }
    algorithm = SAC(
        "MlpPolicy",
        env,
        policy_kwargs={"net_arch": [16]},
        replay_buffer_class=RelabelledReplay,
        replay_buffer_kwargs=kwargs,
        buffer_size=500,
        learning_starts=50,
        batch_size=32,
        seed=0,
        device="cpu",
    )
    algorithm.learn(120)
    weights = torch.nn.utils.parameters_to_vector(algorithm.policy.parameters())
    assert torch.isfinite(weights).all()
    assert algorithm.replay_buffer.features[:120].any()
    env.close()


def test_asking_for_rewards_takes_a_small_part_of_a_gradient_step():
    met = decisions(2000)
    scaled = ScaledReward(model([1.0, -0.4, 0.3, -0.2]), met.features, pessimism=0.5)
    replay = Halves([buffer(scaled, size=2000)])
    replay.buffers[0].extend(met)
    network = untrained(hidden=(64, 64)).network
    network.fit_summary_normaliser(torch.from_numpy(met.observations))
    descent = SoftDescent(network, np.random.default_rng(0))

    def seconds(work, count):
        begun = time.perf_counter()
        for _ in range(count):
            work()
        return (time.perf_counter() - begun) / count

    ratios = []
    for _ in range(5):
        asking = seconds(lambda: scaled(met.features[:128]), 40)
        ratios.append(asking / seconds(lambda: descent.step(replay), 10))
    assert np.median(ratios) < 0.1


def test_the_distance_of_rewards_is_that_of_the_angle_between_them():
    """For independent features of equal spread Pearson's correlation is the cosine."""
    rng = np.random.default_rng(0)
    scale = FeatureScale(("a", "b"), np.zeros(2), np.ones(2))
    features = rng.normal(size=(200_000, 2)).astype(np.float32).clip(-5, 5)

    def at(degrees):
        angle = np.radians(degrees)
        return LinearReward(scale, np.array([np.cos(angle), np.sin(angle)]))

    for degrees in (0, 40, 90, 180):
        expected = np.sqrt((1 - np.cos(np.radians(degrees))) / 2)
        found = reward_distance(at(0), at(degrees), features)
        assert found == pytest.approx(expected, abs=0.01)
    nothing = LinearReward(scale, np.zeros(2))
    assert reward_distance(nothing, nothing, features) == 0
    assert reward_distance(nothing, at(0), features) == pytest.approx(0.5**0.5)
