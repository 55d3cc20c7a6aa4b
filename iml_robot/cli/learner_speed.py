"""How fast an ensemble learns, against plain torch modules and against imitation's BC.

All three learn from the frames that a shipped policy carries, in batches of the same
size, on one thread, each with its own loop around the gradient steps.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeAlias

import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms.bc import BC
from imitation.data import rollout
from imitation.util.logger import HierarchicalLogger
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor, nn

from iml_robot.core.resources import find_policy
from iml_robot.learners.cloning import descent
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import Frames
from iml_robot.learners.frames.trajectories import sample_trajectory
from iml_robot.policies.ensemble.files import PolicyFile, load_policy, new_policy
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces

MEMBERS, HIDDEN = 5, 64
RATE = 1e-3
ROUNDS, STEPS = 5, 60
"""Rounds in which all take turns, and gradient steps of each in a round."""

Take: TypeAlias = Callable[[int], None]
"""Takes so many gradient steps."""
Member: TypeAlias = tuple[nn.Module, Callable[[Tensor, Tensor], Tensor]]
"""A network of its own, and its loss on each sample of a batch."""


def compare(policy: str, batch_size: int) -> Mapping[str, float]:
    """Return samples per second of ensemble, loop over members and imitation's BC.

    A sample counts once for every network that learns from it.

    Args:
        policy: Name of the shipped policy whose frames are learned.
        batch_size: Samples in a gradient step.
    """
    file = load_policy(find_policy(policy))
    plain = new_policy("mlp", file.network.spaces, 0, {"hidden": HIDDEN}).network
    seconds = _take_turns(
        {
            "ensemble": _ensemble(plain, file, batch_size),
            "loop": _loop([_plain_member(file) for _ in range(MEMBERS)], file, batch_size),
            "imitation": _imitation(file, batch_size),
        }
    )
    per_step = {"ensemble": MEMBERS, "loop": MEMBERS, "imitation": 1}
    speeds = {name: per_step[name] * batch_size / s for name, s in seconds.items()}
    return {
        **{f"{name}_samples_per_s": round(speed) for name, speed in speeds.items()},
        **{f"{name}_step_ms": round(1000 * s, 3) for name, s in seconds.items()},
        "times_loop": round(speeds["ensemble"] / speeds["loop"], 2),
        "times_imitation": round(speeds["ensemble"] / speeds["imitation"], 2),
    }


def compare_own(policy: str, batch_size: int) -> Mapping[str, float]:
    """Return the same for the network of a shipped policy, which imitation cannot train.

    Args:
        policy: Name of the shipped policy.
        batch_size: Samples in a gradient step.
    """
    file = load_policy(find_policy(policy))
    single = [
        new_policy(file.name, file.network.spaces, seed, {"members": 1}).network
        for seed in range(MEMBERS)
    ]
    members: list[Member] = [(network, _loss_of(network)) for network in single]
    seconds = _take_turns(
        {
            "ensemble": _ensemble(file.network, file, batch_size),
            "loop": _loop(members, file, batch_size),
        }
    )
    return {
        **{f"{name}_step_ms": round(1000 * s, 3) for name, s in seconds.items()},
        "times_loop": round(seconds["loop"] / seconds["ensemble"], 2),
    }


def _take_turns(contenders: Mapping[str, Take]) -> dict[str, float]:
    """Return the seconds that each needs for a step: the median over rounds."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for take in contenders.values():
        take(5)
    for _ in range(ROUNDS):
        for name, take in contenders.items():
            begun = time.perf_counter()
            take(STEPS)
            times[name].append((time.perf_counter() - begun) / STEPS)
    return {name: median(values) for name, values in times.items()}


def _ensemble(network: EnsembleNetwork, file: PolicyFile, batch_size: int) -> Take:
    """Return our gradient steps."""
    mixture = _mixture(file)

    def take(steps: int) -> None:
        descent.descend(
            network,
            mixture,
            updates=steps,
            learning_rate=RATE,
            batch_size=batch_size,
            on_progress=lambda _: None,
        )

    return take


def _loop(members: Sequence[Member], file: PolicyFile, batch_size: int) -> Take:
    """Return the same steps for networks one after the other, with torch's defaults."""
    mixture = _mixture(file)
    optimisers = [torch.optim.Adam(net.parameters(), lr=RATE) for net, _ in members]

    def take(steps: int) -> None:
        for _ in range(steps):
            observations, actions, weights = map(torch.from_numpy, mixture.draw(batch_size))
            for (network, loss_of), optimiser, own in zip(
                members, optimisers, weights, strict=True
            ):
                loss = (loss_of(observations, actions) * own).mean()
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(network.parameters(), descent.LARGEST_GRADIENT)
                optimiser.step()
                float(loss.detach())

    return take


def _imitation(file: PolicyFile, batch_size: int) -> Take:
    """Return the gradient steps of imitation's BC on a network of the same size."""
    spaces, frames = file.network.spaces, file.rehearsal
    policy = ActorCriticPolicy(
        gym.spaces.Box(-np.inf, np.inf, (spaces.observation_size,), np.float32),
        gym.spaces.Box(-1.0, 1.0, (spaces.action_size,), np.float32),
        lr_schedule=lambda _: RATE,
        net_arch={"pi": [HIDDEN, HIDDEN], "vf": []},
    )
    shown = sample_trajectory(frames.observations, frames.actions)
    cloning = BC(
        observation_space=policy.observation_space,
        action_space=policy.action_space,
        rng=np.random.default_rng(0),
        policy=policy,
        demonstrations=rollout.flatten_trajectories([shown]),
        batch_size=batch_size,
        device="cpu",
        custom_logger=HierarchicalLogger(Logger(None, []), []),
    )

    def take(steps: int) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Converting a tensor with requires")
            cloning.train(n_batches=steps, progress_bar=False)

    return take


def _plain_member(file: PolicyFile) -> Member:
    """Return one member of a plain network as torch's own modules."""
    spaces: Spaces = file.network.spaces
    network = nn.Sequential(
        nn.Linear(spaces.observation_size, HIDDEN),
        nn.Tanh(),
        nn.Linear(HIDDEN, HIDDEN),
        nn.Tanh(),
        nn.Linear(HIDDEN, spaces.action_size),
        nn.Tanh(),
    )

    def loss(observations: Tensor, actions: Tensor) -> Tensor:
        errors: Tensor = (network(observations) - actions).square().sum(-1)
        return errors

    return network, loss


def _loss_of(network: EnsembleNetwork) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of a network with one member, (B,)."""

    def loss(observations: Tensor, actions: Tensor) -> Tensor:
        return network.loss(observations, actions)[0]

    return loss


def _mixture(file: PolicyFile) -> Mixture:
    """Return the frames that a policy carries, to draw batches from."""
    shown = file.rehearsal
    groups = np.arange(len(shown)) // 50
    frames = Frames(shown.observations, shown.actions, groups)
    rng = np.random.default_rng(0)
    return Mixture((frames,), (1.0,), members=MEMBERS, rng=rng)
