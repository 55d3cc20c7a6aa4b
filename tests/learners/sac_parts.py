"""A reward of the point task that is known, and parts to train on it."""

import numpy as np

from iml_robot.core.seeding import named_stream
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import LinearReward
from iml_robot.learners.reinforcement.trainer import SacSettings, SacTrainer
from iml_robot.learners.reinforcement.traits import practising, traits_of
from iml_robot.policies.ensemble.files import new_policy
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior

ENV_ID = "iml_robot_envs:iml/Point-v0"
GROUND = Ground(ENV_ID, {"level": 0, "split": "train"}, horizon_steps=120)
TRAITS = traits_of(ENV_ID)
SCALE = TRAITS.scale
D = len(SCALE)
QUICK = SacSettings(
    hidden=(32, 32), gradient_steps=0.5, warm_up=600, discount=0.95, anew_steps=60
)


def wanting(**weights):
    """A reward that weighs the named features, and no others."""
    values = [weights.get(name, 0.0) for name in SCALE.names]
    return LinearReward(SCALE, np.array(values))


def model(weights, *, spread=0.3, version=0, seed=0):
    """A learned reward with correlated doubts about its weights."""
    draws = named_stream(seed, "doubts").normal(size=(3 * D, D)) * spread
    covariance = draws.T @ draws / len(draws)
    posterior = Posterior(SCALE.names, np.asarray(weights, float), covariance)
    return RewardModel(SCALE, posterior, Noise(), version)


def untrained(seed=0, hidden=(32, 32)):
    """A policy file."""
    options = {"hidden": list(hidden)}
    return new_policy("gaussian_actor", TRAITS.spaces, seed, options)


def trainer(network, practice, reward, *, seed=0, **others):
    """What trains a network, quickly."""
    given = {"settings": QUICK, **others}
    return SacTrainer(network, practice, reward=reward, seed=seed, **given)


def point_practice(seed=0):
    """Robots that practise, as a context."""
    return practising(GROUND, TRAITS, seed)


def weights_of(network):
    """All weights of a network."""
    return {name: value.clone() for name, value in network.state_dict().items()}
