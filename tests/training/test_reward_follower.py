"""Learners get the newest reward of a session, and their policies are judged by it."""

import numpy as np
import pytest

from iml_robot.core.feedback import WeightEdit
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_posterior
from iml_robot.rewards.scale import FeatureScale
from iml_robot.robots.environment import make_env
from iml_robot.training.reward_follower import RewardFollower, RewardGate

POINT = "iml_robot_envs:iml/Point-v0"
GROUND = Ground(POINT, {"level": 0, "split": "practice"}, horizon_steps=60, robots=4)


def reward(version, **weights):
    """Return a reward with weights that were set by hand."""
    about = make_env(POINT).get_wrapper_attr("reward_features")
    edits = tuple(WeightEdit(n, w, locked=True) for n, w in weights.items())
    posterior = fit_posterior(Evidence(edits=edits), Prior.of(about), Noise())
    return RewardModel(FeatureScale.of(about), posterior, Noise(), version)


class Steady:
    """Does the same for ever."""

    def __init__(self, *action):
        self.action = np.array(action, np.float32)

    def act(self, observation):
        return self.action

    def act_batch(self, observations):
        return np.tile(self.action, (len(observations), 1))


class Homing(Steady):
    """Goes straight to the goal, which the first numbers of an observation point to."""

    def act_batch(self, observations):
        way = observations[:, :2]
        return (way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)).astype(
            np.float32
        )


class Follows:
    """A learner that only notes what it is told to want."""

    reward, policy = None, Steady(0.0, 0.0)

    def update(self, episodes, *, on_progress):
        self.wanted = self.reward
        return {"updates": 0.0}


def test_each_update_follows_the_newest_reward_of_the_session(tmp_path):
    learner, folder = Follows(), tmp_path / "rewards"
    follower = RewardFollower(learner, folder)
    follower.update((), on_progress=print)
    assert learner.wanted is None
    folder.mkdir()
    for version in (2, 9, 10):
        reward(version).save(folder / f"{version:04d}.json")
        follower.update((), on_progress=print)
        assert learner.wanted.version == version


@pytest.mark.parametrize(("progress", "accepted"), [(3.0, True), (-3.0, False)])
def test_a_policy_is_judged_by_the_reward_and_not_by_the_task(tmp_path, progress, accepted):
    follower = RewardFollower(Follows(), tmp_path)
    reward(1, progress=progress, speed_error=0.0, jerkiness=0.0, effort=0.0).save(
        tmp_path / "0001.json"
    )
    verdict = RewardGate(follower, GROUND, seed=3).judge(Homing(), Steady(0.0, 0.0), ())
    assert verdict.accepted is accepted
    assert verdict.figures["failures_after"] <= verdict.figures["failures_before"]


def test_where_nobody_said_anything_the_weights_of_the_environment_judge(tmp_path):
    gate = RewardGate(RewardFollower(Follows(), tmp_path), GROUND, seed=3)
    assert gate.judge(Homing(), Steady(0.0, 0.0), ()).accepted
    assert not gate.judge(Steady(0.0, 0.0), Homing(), ()).accepted


def test_an_environment_without_features_refuses_nothing(tmp_path):
    ground = Ground("Pendulum-v1", {}, robots=2)
    gate = RewardGate(RewardFollower(Follows(), tmp_path), ground, seed=3)
    assert gate.judge(Steady(0.0), Steady(1.0), ()).accepted
