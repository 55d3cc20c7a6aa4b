"""Trains with imitation's own preference comparisons, answered by one of our annotators.

    python scripts/imitation_with_our_annotator.py [--annotator human_like] [--steps 4000]

The environment, the policy trainer, the reward network and the loop are stable-baselines3's
and imitation's; ours is who answers. What the annotator skips or cannot tell is left out,
and another pair is asked about in its place.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms.preference_comparisons import (
    AgentTrainer,
    BasicRewardTrainer,
    CrossEntropyRewardLoss,
    PreferenceComparisons,
    PreferenceModel,
    RandomFragmenter,
)
from imitation.data.wrappers import RolloutInfoWrapper
from imitation.rewards.reward_nets import BasicRewardNet
from imitation.util import logger
from imitation.util.networks import RunningNorm
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.bridge.imitation_gatherer import AnnotatorGatherer
from iml_robot.core.feedback import Segment
from iml_robot.rewards.scale import FeatureScale

ENV_ID = "Pendulum-v1"
NAMES = ("angle", "spin", "torque")
WEIGHTS = {"angle": -1.0, "spin": -0.1, "torque": -0.001}
"""Gymnasium's own reward of the pendulum: squares of angle, spin and torque."""
LENGTH = 40
REFERENCE = 200


class Features(gym.Wrapper[Any, Any, Any, Any]):
    """Puts the squares of angle, spin and torque into the infos."""

    def step(self, action: Any) -> Any:
        """Step, and say how far from upright and still the pendulum was."""
        angle, spin = self.unwrapped.state  # type: ignore[attr-defined]
        upright = (angle + np.pi) % (2 * np.pi) - np.pi
        torque = float(np.clip(action, -2, 2)[0])
        observation, reward, terminated, truncated, info = self.env.step(action)
        info["features"] = np.array([upright**2, spin**2, torque**2], np.float32)
        return observation, reward, terminated, truncated, info


def reference(seed: int) -> list[Segment]:
    """Return segments of random driving, which show how far apart segments usually are."""
    env = Features(gym.make(ENV_ID))
    env.action_space.seed(seed)
    segments = []
    for number in range(REFERENCE):
        env.reset(seed=seed + number)
        rows = [env.step(env.action_space.sample())[4]["features"] for _ in range(LENGTH)]
        segments.append(Segment(number, 0, np.stack(rows)))
    env.close()
    return segments


def train(annotator: str, *, steps: int, comparisons: int, seed: int) -> dict[str, Any]:
    """Run imitation's loop and return what came of it."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    segments = reference(seed)
    rows = np.concatenate([segment.features for segment in segments])
    # The scale only makes the squares comparable; weights go by standard deviations.
    scale = FeatureScale(NAMES, np.zeros(3), rows.std(axis=0, dtype=np.float64))
    weights = {n: WEIGHTS[n] * s for n, s in zip(NAMES, scale.std.tolist(), strict=True)}
    answers = {"weights": weights, "seed": seed, "period_s": 0.05}
    log = logger.configure(tempfile.mkdtemp(), ())
    gatherer = AnnotatorGatherer(
        ANNOTATORS.build(annotator, scale, segments, options=answers)
    )
    venv = DummyVecEnv([lambda: RolloutInfoWrapper(Features(gym.make(ENV_ID)))] * 4)
    net = BasicRewardNet(
        venv.observation_space, venv.action_space, normalize_input_layer=RunningNorm
    )
    trainer = BasicRewardTrainer(
        PreferenceModel(net), CrossEntropyRewardLoss(), rng=rng, epochs=3, custom_logger=log
    )
    agent = PPO("MlpPolicy", venv, seed=seed, n_steps=256, batch_size=64, n_epochs=5)
    pairs = RandomFragmenter(rng=rng, warning_threshold=0, custom_logger=log)
    loop = PreferenceComparisons(
        AgentTrainer(agent, net, venv, rng=rng, custom_logger=log),
        net,
        num_iterations=2,
        fragmenter=gatherer.fragmenter(pairs),
        preference_gatherer=gatherer,
        reward_trainer=trainer,
        fragment_length=LENGTH,
        initial_epoch_multiplier=5,
        custom_logger=log,
    )
    result = dict(loop.train(steps, comparisons))
    result["compared"] = len(loop.dataset)
    result["asked"] = len(gatherer.replies)
    result["answers"] = Counter(reply.answer.value for reply in gatherer.replies)
    result["seconds"] = sum(reply.seconds for reply in gatherer.replies)
    venv.close()
    return result


def main() -> None:
    """Read the command line, train and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotator", default="human_like")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--comparisons", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    result = train(
        given.annotator, steps=given.steps, comparisons=given.comparisons, seed=given.seed
    )
    for name, value in result.items():
        print(f"{name:16} {dict(value) if isinstance(value, Counter) else value}")


if __name__ == "__main__":
    main()
