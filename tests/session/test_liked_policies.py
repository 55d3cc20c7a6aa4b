"""The policy that is liked is made anew only where something has changed."""

import shutil

import numpy as np
import pytest
import torch

from iml_robot.core.feedback import WeightEdit
from iml_robot.core.resources import find_policy
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.data.store import SessionStore
from iml_robot.policies.ensemble.files import load_policy, save_policy
from iml_robot.questioning import QUESTIONERS
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.replays import Replays
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.preferences import Preferences
from iml_robot.session.preferences.reward_learning import RewardLearning

ROCKS = "iml_robot_envs:iml/RoverRocks-v0"
STEPS = 150


def episode(number, observation_size, feature_size):
    """An episode whose features follow from actions that are held for two seconds."""
    rng = np.random.default_rng(number)
    actions = np.repeat(rng.uniform(-1, 1, (4, 2)), 40, axis=0)[:STEPS].astype(np.float32)
    felt = actions[:, :1] + rng.normal(0, 0.1, (STEPS, feature_size))
    nothing = np.zeros(STEPS, np.float32)
    return Episode(
        EpisodeInfo(number, "practice", ROCKS, number),
        rng.normal(0, 0.1, (STEPS + 1, observation_size)).astype(np.float32),
        actions,
        np.full_like(actions, np.nan),
        actions,
        np.zeros(STEPS, np.int64),
        nothing,
        nothing,
        nothing,
        features=felt.astype(np.float32),
    )


@pytest.fixture
def policy_path(tmp_path):
    return shutil.copy(find_policy("rover_rocks"), tmp_path / "0001.safetensors")


@pytest.fixture
def preferences(tmp_path):
    """Somebody likes progress more than the policy was made for."""
    env = make_env(ROCKS)
    features, size = extra(env, "reward_features"), env.observation_space.shape[0]
    env.close()
    with SessionStore.create(tmp_path / "session.db") as store:
        learning = RewardLearning(features, Journal(store), Replays(ROCKS), dt=0.05, seed=0)
        made = Preferences(
            learning,
            tmp_path / "rewards",
            annotator_for=lambda episodes: None,
            questioner=QUESTIONERS.build("random", learning.scale),
            questions=0,
            segment_s=2.0,
            guidance=1.0,
            dt=0.05,
        )
        made.resume([episode(n, size, len(features)) for n in range(3)])
        learning.edit([WeightEdit("progress", 2.0)])
        yield made


def liked(preferences, path):
    """The policy that drives, whatever the one that was learned is."""
    return preferences.driver(None, path)


def test_what_drives_and_what_is_kept_is_made_once(preferences, policy_path):
    first = liked(preferences, policy_path)
    assert first is not None
    assert liked(preferences, policy_path) is first
    kept = load_policy(preferences.keep(policy_path))
    assert kept.network.taste.weights.tolist() == first.network.taste.weights.tolist()
    assert liked(preferences, policy_path) is first


def test_another_weight_makes_another_policy(preferences, policy_path):
    before = liked(preferences, policy_path)
    preferences.learning.edit([WeightEdit("progress", -1.0)])
    after = liked(preferences, policy_path)
    place = after.network.taste.names.index("progress")
    assert before.network.taste.weights[place] > after.network.taste.weights[place]


def test_another_episode_teaches_what_follows_from_actions_anew(preferences, policy_path):
    before = liked(preferences, policy_path)
    seen, felt = preferences._episodes[0].observations, preferences._episodes[0].features
    more = episode(3, seen.shape[1], felt.shape[1])
    preferences.resume([*preferences._episodes, more])
    after = liked(preferences, policy_path)
    assert not before.network.taste.foresight.equal(after.network.taste.foresight)


def test_a_file_that_was_written_again_is_read_again(preferences, policy_path):
    before = liked(preferences, policy_path)
    file = load_policy(policy_path)
    with torch.no_grad():
        next(iter(file.network.parameters())).mul_(1.1)
    save_policy(file, policy_path)
    assert liked(preferences, policy_path).fingerprint != before.fingerprint
