"""Real episodes on the point task: a policy drives, then its pilot takes over."""

import gymnasium as gym
import numpy as np

from iml_robot.core.types import (
    Decision,
    Episode,
    EpisodeInfo,
    Mode,
    OperatorSignal,
    Source,
    Step,
)
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.robots.reward_features import features_of

ENV_ID = "iml_robot_envs:iml/Point-v0"
OBS_DIM, ACT_DIM = 6, 2
SPACES = Spaces(OBS_DIM, ACT_DIM)


class Idle:
    """Does nothing."""

    def act(self, observation):
        return np.zeros(2, np.float32)

    def act_batch(self, observations):
        return np.zeros((len(observations), 2), np.float32)


def make_point():
    """The point task."""
    return gym.make(ENV_ID, disable_env_checker=True)


def corrected_episode(env, policy, number, *, policy_steps=15, split="correction"):
    """One recorded episode: after some steps of the policy the pilot drives to the end.

    Without steps of the policy it is a demonstration.
    """
    pilot = env.get_wrapper_attr("make_pilot")()
    pilot.reset(seed=number)
    options = {"level": 0, "split": split, "index": number}
    recorder = MemoryRecorder()
    recorder.begin(EpisodeInfo(number, "practice", ENV_ID, number, options))
    observation, info = env.reset(seed=number, options=options)
    terminated = truncated = False
    while not (terminated or truncated):
        corrected = info["sim_time"] >= policy_steps * 0.05 - 1e-9
        own, wanted = policy.act(observation), pilot.act(observation)
        executed = wanted if corrected else own
        seen = observation
        observation, reward, terminated, truncated, info = env.step(executed)
        signal = OperatorSignal(action=wanted if corrected else None, gripping=corrected)
        source = Source.OPERATOR if corrected else Source.POLICY
        mode = Mode.HUMAN if corrected else Mode.AUTO
        decision = Decision(executed, source, float(corrected), mode)
        features = features_of(info)
        recorder.add(Step(seen, own, signal, decision, float(reward), features=features))
    return recorder.finish(observation, outcome=info["outcome"], terminated=terminated)


def pilot_error(env, policy, *, maps=6):
    """Mean distance between the policy's and the pilot's actions on unseen maps."""
    pilot = env.get_wrapper_attr("make_pilot")()
    errors = []
    for index in range(maps):
        options = {"level": 0, "split": "val", "index": index}
        observation, _ = env.reset(seed=index, options=options)
        over = False
        while not over:
            wanted = pilot.act(observation)
            errors.append(np.linalg.norm(policy.act(observation) - wanted))
            observation, _, terminated, truncated, _ = env.step(wanted)
            over = terminated or truncated
    return float(np.mean(errors))


def success_rate(env, policy, *, maps=20):
    """Share of unseen maps on which the policy alone reaches the goal."""
    successes = 0
    for index in range(maps):
        options = {"level": 0, "split": "val", "index": index}
        observation, info = env.reset(seed=index, options=options)
        over = False
        while not over:
            action = policy.act(observation)
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
        successes += info["success"]
    return successes / maps


def made_up_episode(sources, *, number=0, seed=0, **columns):
    """An episode with given sources and random content; columns replace the content.

    The operator's actions are NaN where the policy drove.
    """
    rng = np.random.default_rng(seed)
    sources = np.asarray(sources, dtype=np.int64)
    steps = len(sources)
    outcome = columns.pop("outcome", "success")
    terminated = columns.pop("terminated", outcome == "success")
    corrected = sources == Source.OPERATOR
    policy_actions = rng.uniform(-1, 1, (steps, ACT_DIM)).astype(np.float32)
    operator_actions = rng.uniform(-1, 1, (steps, ACT_DIM)).astype(np.float32)
    operator_actions[~corrected] = np.nan
    values = {
        "observations": rng.normal(size=(steps + 1, OBS_DIM)).astype(np.float32),
        "policy_actions": policy_actions,
        "operator_actions": operator_actions,
        "executed_actions": np.where(
            corrected[:, None], operator_actions, policy_actions
        ).astype(np.float32),
        "authorities": corrected.astype(np.float32),
        "rewards": np.zeros(steps, np.float32),
        "evaluations": np.full(steps, np.nan, np.float32),
    }
    info = EpisodeInfo(
        number, "practice", ENV_ID, number, outcome=outcome, terminated=terminated
    )
    return Episode(info=info, sources=sources, **(values | columns))
