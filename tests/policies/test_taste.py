"""A taste changes what a structured policy chooses among what it holds for possible."""

import numpy as np
import pytest
import torch

from iml_robot.core.errors import UsageError
from iml_robot.core.resources import find_policy
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.policies.candidates.flavour import can_have_taste, teach_taste, with_taste
from iml_robot.policies.ensemble.files import load_policy, new_policy, save_policy
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.ensemble.taste import LARGEST_CHANGE, Taste
from iml_robot.robots.environment import make_env

NAMES = ("speed", "turning", "noise")
ROBOTS = {
    "rover_rocks": "iml_robot_envs:iml/RoverRocks-v0",
    "drone_forest": "iml_robot_envs:iml/DroneForest-v0",
}


def driven(policy, env_id, steps=900):
    """Return an episode with pushes of two seconds, and features that are known."""
    env, rng = make_env(env_id), np.random.default_rng(0)
    seen = [env.reset(seed=0, options={"level": 0, "split": "train", "index": 0})[0]]
    wanted, done, swing = [], [], np.zeros(env.action_space.shape[0])
    while len(done) < steps:
        wanted.append(policy.act(seen[-1]))
        if len(done) % 40 == 0:
            swing = rng.normal(0, 0.4, len(swing))
        done.append(np.clip(wanted[-1] + swing, -1, 1).astype(np.float32))
        observation, _, terminated, truncated, _ = env.step(done[-1])
        if terminated or truncated:
            observation = env.reset(seed=len(done))[0]
        seen.append(observation)
    actions, count = np.array(done), len(done)
    state = env.get_wrapper_attr("observation_layout")["state"]
    followed = dict(
        zip(state["names"], np.array(seen)[1:, state["start"] :].T, strict=False)
    )
    forward = followed.get("speed", followed.get("speed_forward"))
    speed = np.hypot(forward, followed.get("speed_left", 0.0))
    features = np.stack([speed, np.abs(followed["yaw_rate"]), rng.normal(size=count)], 1)
    nothing = np.full_like(actions, np.nan)
    zeros = np.zeros(count, np.float32)
    env.close()
    episode = Episode(
        EpisodeInfo(0, "practice", env_id, 0), np.array(seen), np.array(wanted), nothing,
        actions, sources=np.zeros(count, np.int64), authorities=zeros, rewards=zeros,
        evaluations=zeros,
    )  # fmt: skip
    return episode, (features - features.mean(0)) / features.std(0)


@pytest.fixture(scope="module", params=list(ROBOTS))
def flavoured(request):
    """A shipped policy that was taught a taste, what it explains, and what it saw."""
    plain = load_policy(find_policy(request.param))
    episode, features = driven(EnsemblePolicy(plain.network), ROBOTS[request.param])
    policy = with_taste(plain, NAMES)
    shares = teach_taste(policy, [episode], [features])
    return plain, policy, shares, episode.observations


def actions(policy, observations, **weights):
    """Return a policy's actions where these features are liked so much more."""
    policy.network.taste.want(weights)
    return EnsemblePolicy(policy.network).act_batch(observations)


def speeds(acted):
    return acted[:, 0] if acted.shape[1] == 2 else np.hypot(*acted.T[:2])


def test_a_policy_without_liking_acts_as_before(flavoured):
    plain, policy, _, seen = flavoured
    before = EnsemblePolicy(plain.network).act_batch(seen)
    assert np.array_equal(actions(policy, seen), before)


def test_features_that_follow_from_actions_are_foreseen_and_noise_is_not(flavoured):
    shares = flavoured[2]
    assert shares["speed"] > 0.6, shares
    assert shares["turning"] > 0.2, shares
    assert shares["noise"] < 0.1


def test_who_likes_speed_drives_faster_and_who_does_not_slower(flavoured):
    _, policy, _, seen = flavoured
    usual, fast, slow = (speeds(actions(policy, seen, speed=w)).mean() for w in (0, 2, -2))
    assert slow < 0.9 * usual
    assert fast > 1.02 * usual


def test_who_dislikes_turning_turns_less(flavoured):
    _, policy, _, seen = flavoured
    usual, calm = (np.abs(actions(policy, seen, turning=w)[:, -1]) for w in (0, -2))
    assert calm.mean() < usual.mean()


def test_the_largest_liking_leaves_actions_in_range(flavoured):
    _, policy, _, seen = flavoured
    for weight in (-1e6, 1e6):
        acted = actions(policy, seen, speed=weight, turning=-weight)
        assert np.isfinite(acted).all()
        assert np.abs(acted).max() <= 1


def test_a_taste_is_saved_with_its_policy_and_tells_it_from_others(flavoured, tmp_path):
    plain, policy, _, seen = flavoured
    acted = actions(policy, seen, speed=2.0)
    save_policy(policy, tmp_path / "fast.safetensors")
    loaded = load_policy(tmp_path / "fast.safetensors")
    assert np.array_equal(EnsemblePolicy(loaded.network).act_batch(seen), acted)
    prints = {EnsemblePolicy(p.network).fingerprint for p in (plain, policy, loaded)}
    assert len(prints) == 2


def test_no_taste_outweighs_what_the_policy_holds_for_impossible():
    taste = Taste(("x",), 1)
    taste.foresight.fill_(1.0)
    taste.want({"x": 1000.0})
    bonus, _ = taste(torch.randn(5, 7, 11, 1))
    assert float(bonus.abs().max()) <= LARGEST_CHANGE


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"sped": 1.0}, "known: speed, turning, noise"), ({"speed": np.nan}, "finite")],
)
def test_weights_that_mean_nothing_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        Taste(NAMES, 3).want(weights)


def test_too_few_steps_teach_nothing(flavoured):
    plain = flavoured[0]
    policy = with_taste(plain, NAMES)
    assert teach_taste(policy, [], []) == {}
    assert not policy.network.taste.foresight.any()


def test_a_plain_network_can_have_no_taste(flavoured):
    plain = new_policy("mlp", Spaces(4, 2), 0)
    assert not can_have_taste(plain)
    assert can_have_taste(flavoured[0])
    with pytest.raises(UsageError, match="taste"):
        with_taste(plain, NAMES)
