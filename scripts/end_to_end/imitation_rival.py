"""imitation's preference comparisons, with our annotator and what our policies see."""

from __future__ import annotations

import tempfile
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms.preference_comparisons import (
    AgentTrainer,
    CrossEntropyRewardLoss,
    EnsembleTrainer,
    PreferenceComparisons,
    PreferenceModel,
    RandomFragmenter,
)
from imitation.data.wrappers import RolloutInfoWrapper
from imitation.rewards.reward_nets import BasicRewardNet, RewardEnsemble
from imitation.util import logger
from imitation.util.networks import RunningNorm
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

from end_to_end.tasks import SEGMENT_STEPS, Study
from iml_robot.annotators.bridge.imitation_gatherer import AnnotatorGatherer
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.decisions import summarise
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import Bounds
from iml_robot.policies.ensemble.files import new_policy
from iml_robot.policies.gaussian_actor import GaussianActorNetwork
from iml_robot.robots.environment import make_env

ROBOTS = 8
MEMBERS = 3
"""Nets in the reward ensemble; imitation's example has as many."""


class Held(gym.Env[Any, Any]):
    """Decisions of a robot that always has the same number of them.

    imitation asks for episodes of one length; a robot that came to an end begins anew.
    """

    def __init__(
        self, ground: Ground, bounds: Bounds, network: GaussianActorNetwork
    ) -> None:
        self._env = make_env(ground.env_id).unwrapped
        self._ground, self._bounds, self._network = ground, bounds, network
        size = network.summary.size
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (size,), np.float32)
        shape = (network.spaces.action_size,)
        self.action_space = gym.spaces.Box(-1.0, 1.0, shape, np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin on a map."""
        del options
        self._decisions = 0
        self._begin(seed)
        return self._seen, {}

    def step(self, action: Any) -> Any:
        """Hold an action; the reward is nobody's business."""
        rows = np.tile(self._bounds.usual, (self._ground.hold_steps, 1))
        over = False
        for step in range(self._ground.hold_steps):
            if over:
                break
            seen, _, over, _, info = self._env.step(np.asarray(action).clip(-1, 1))
            rows[step] = info["features"]
            self._seen = summarise(self._network, seen[None])[0]
        if over:
            self._begin(None)
        self._decisions += 1
        held = self._decisions * self._ground.hold_steps
        features = self._bounds.clipped(rows).mean(axis=0)
        late = held >= self._ground.horizon_steps
        return self._seen, 0.0, False, late, {"features": features}

    def _begin(self, seed: int | None) -> None:
        seen, _ = self._env.reset(seed=seed, options=dict(self._ground.options))
        self._seen = summarise(self._network, seen[None])[0]


class Follows:
    """Drives as a PPO policy does."""

    def __init__(self, agent: PPO, network: GaussianActorNetwork) -> None:
        self._agent, self._network = agent, network

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action for one observation."""
        action: FloatArray = self.act_batch(observation[None])[0]
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many observations."""
        seen = summarise(self._network, observations)
        actions, _ = self._agent.predict(seen, deterministic=True)
        return np.asarray(actions, np.float32).clip(-1, 1)


def learn_with_imitation(study: Study) -> tuple[Follows, dict[str, float]]:
    """Let imitation ask and train, in as many control steps and questions."""
    ground, seed = study.task.ground, study.seed
    bounds = Bounds.of(study.traits.scale)
    network = new_policy("gaussian_actor", study.traits.spaces, seed).network
    assert isinstance(network, GaussianActorNetwork)
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)

    def make() -> gym.Env[Any, Any]:
        return RolloutInfoWrapper(Held(ground, bounds, network))

    venv = DummyVecEnv([make] * ROBOTS)
    venv.seed(seed)
    agent = PPO("MlpPolicy", venv, seed=seed, n_steps=128, batch_size=64, device="cpu")
    gatherer = AnnotatorGatherer(study.annotator())
    loop = _loop(study, venv, agent, gatherer, rng=rng)
    loop.train(study.steps // ground.hold_steps, study.questions)
    venv.close()
    seconds = sum(reply.seconds for reply in gatherer.replies)
    figures = {"asked": float(len(gatherer.replies)), "human_s": float(seconds)}
    return Follows(agent, network), figures


def _loop(
    study: Study,
    venv: DummyVecEnv,
    agent: PPO,
    gatherer: AnnotatorGatherer,
    *,
    rng: np.random.Generator,
) -> PreferenceComparisons:
    """Return imitation's loop."""
    log = logger.configure(tempfile.mkdtemp(), ())
    net = RewardEnsemble(
        venv.observation_space,
        venv.action_space,
        [
            BasicRewardNet(
                venv.observation_space,
                venv.action_space,
                normalize_input_layer=RunningNorm,
            )
            for _ in range(MEMBERS)
        ],
    )
    trainer = EnsembleTrainer(
        PreferenceModel(net), CrossEntropyRewardLoss(), rng=rng, epochs=3, custom_logger=log
    )
    pairs = RandomFragmenter(rng=rng, warning_threshold=0, custom_logger=log)
    return PreferenceComparisons(
        AgentTrainer(agent, net, venv, rng=rng, custom_logger=log),
        net,
        num_iterations=study.rounds,
        fragmenter=gatherer.fragmenter(pairs),
        preference_gatherer=gatherer,
        reward_trainer=trainer,
        fragment_length=SEGMENT_STEPS // study.task.ground.hold_steps,
        initial_epoch_multiplier=20,
        custom_logger=log,
    )
