"""Trains a policy on a reward, and goes on when the reward changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.decisions import Decisions, summarise
from iml_robot.learners.reinforcement.descent import Guidance, SoftDescent
from iml_robot.learners.reinforcement.practice import Ground, Practice
from iml_robot.learners.reinforcement.replay import Halves, RelabelledReplay
from iml_robot.learners.reinforcement.reward import (
    Reward,
    ScaledReward,
    reward_distance,
)
from iml_robot.learners.reinforcement.traits import practising, traits_of
from iml_robot.policies.ensemble.files import PolicyFile, new_policy
from iml_robot.policies.ensemble.library import boxes
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.gaussian_actor import GaussianActorNetwork

NETWORK = "gaussian_actor"
"""The kind of network that is trained."""
FAR = 0.3
"""Rewards that are so far apart value actions so differently that critics begin anew."""
REFERENCE = 2000
"""Stored transitions that the scale of a reward is taken from."""
WARM_UP_HOLDS = 8
"""Random actions are kept for so many decisions: 1.6 s, long enough to come somewhere."""


@dataclass(frozen=True)
class SacSettings:
    """How a policy is trained.

    Attributes:
        hidden: Units in each hidden layer of actor and critics.
        gradient_steps: Per decision of a robot.
        warm_up: Decisions with random actions before the first gradient step.
        pessimism: How much what is not known of the reward counts against a step. With 0.5
            rovers and drones came out worse in each of three comparisons.
        learning_rate: Step size of Adam.
        discount: Of a decision.
        memory: Transitions that are kept.
        anew_steps: Gradient steps of critics alone that begin anew.
    """

    hidden: tuple[int, ...] = (64, 64)
    gradient_steps: float = 0.5
    warm_up: int = 2000
    pessimism: float = 0.0
    learning_rate: float = 1e-3
    discount: float = 0.98
    memory: int = 50_000
    anew_steps: int = 500

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: If a setting is out of its range.
        """
        for name in ("gradient_steps", "learning_rate", "memory", "warm_up"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.discount < 1:
            raise ValueError(
                f"discount must be at least 0 and below 1, got {self.discount}"
            )
        if self.pessimism < 0:
            raise ValueError(f"pessimism must be at least 0, got {self.pessimism}")


class SacTrainer:
    """A network, what robots met while they practised, and the reward of the moment.

    Args:
        network: What is trained, in place.
        practice: Robots to practise with.
        reward: What is wanted.
        seed: Root of all randomness.
        settings: How it is trained.
        shown: Transitions that the operator drove, half of each batch; None: none.
        guidance: What else the operator showed; None: nothing.

    Attributes:
        network: As given.
        practice: The robots.
        replay: Everything that was met.
        resets: How often the critics began anew.
    """

    def __init__(
        self,
        network: GaussianActorNetwork,
        practice: Practice,
        *,
        reward: Reward,
        seed: int,
        settings: SacSettings,
        shown: Decisions | None = None,
        guidance: Guidance | None = None,
    ) -> None:
        self.network, self._settings = network, settings
        self._guidance, self._seed = guidance, seed
        self.practice = practice
        self._rng = named_stream(seed, "exploration")
        self._descent: SoftDescent | None = None
        self._reward = reward
        self._due, self.resets, self._stale = 0.0, 0, True
        size = len(practice.bounds)
        self.replay = Halves([self._buffer("agent", size), self._buffer("operator", size)])
        if shown is not None and len(shown):
            self.replay.buffers[1].extend(shown)

    @property
    def reward(self) -> Reward:
        """What is wanted; setting it relabels all that was met."""
        return self._reward

    @reward.setter
    def reward(self, reward: Reward) -> None:
        former, self._reward = self._reward, reward
        self._stale = True
        if self._descent is not None:
            self._settle(former)

    def remember(self, decisions: Decisions) -> None:
        """Add transitions that were not driven by the operator."""
        if len(decisions):
            self.replay.buffers[0].extend(decisions)

    def take_up(self, former: Reward | None) -> None:
        """Let the critics of a network find out what it is worth, before it changes.

        Args:
            former: The reward that they learned; None: none yet.
        """
        if len(self.replay) < self._settings.warm_up:
            self._try_at_random()
        self._prepare()
        if former is None:
            self._value_anew()
        else:
            self._settle(former)

    @property
    def loss(self) -> float:
        """The critics' loss in the last gradient step; 0 before the first."""
        return 0.0 if self._descent is None else self._descent.last_loss

    def train(
        self, steps: int, *, on_progress: Callable[[float], None] = lambda _: None
    ) -> None:
        """Practise and learn.

        Args:
            steps: Control steps, of all robots together.
            on_progress: Called with the finished fraction in [0, 1].
        """
        goal, first = self.practice.steps + steps, self.practice.steps
        while self.practice.steps < goal:
            if len(self.replay) < self._settings.warm_up:
                self._try_at_random()
                continue
            self._prepare()
            met = self.practice.decide(self._explore, self._summarise)
            self.replay.buffers[0].extend(met)
            self._due += self._settings.gradient_steps * len(met)
            self.descend(int(self._due))
            self._due -= int(self._due)
            on_progress(min(1.0, (self.practice.steps - first) / steps))
        on_progress(1.0)

    def descend(self, count: int) -> None:
        """Take gradient steps on what was met."""
        self._prepare()
        assert self._descent is not None
        for _ in range(count):
            self._descent.step(self.replay)

    def _prepare(self) -> None:
        """Fit what the first data decides, and the scale of a new reward."""
        if not self.network.normaliser_fitted:
            seen = [b.observations[: b.size(), 0] for b in self.replay.buffers]
            summaries = torch.from_numpy(np.concatenate(seen))
            self.network.fit_summary_normaliser(summaries)
        if self._stale:
            reference = self.replay.reference(REFERENCE)
            scaled = ScaledReward(
                self._reward, reference, pessimism=self._settings.pessimism
            )
            self.replay.relabel(scaled)
            self._stale = False
        if self._descent is None:
            self._descent = SoftDescent(
                self.network,
                named_stream(self._seed, "descent"),
                self._settings.learning_rate,
                self._settings.discount,
                guidance=self._guidance,
            )

    def _settle(self, former: Reward) -> None:
        """Let critics that learned another reward begin anew, if it was very different."""
        self._prepare()
        assert self._descent is not None
        reference = self.replay.reference(REFERENCE)
        if reward_distance(former, self._reward, reference) > FAR:
            self.resets += 1
            self._descent.reset_values()
            self._value_anew()

    def _value_anew(self) -> None:
        assert self._descent is not None
        for _ in range(self._settings.anew_steps):
            self._descent.step(self.replay, critic_only=True)

    def _try_at_random(self) -> None:
        shape = self.practice.robots, self.network.spaces.action_size
        actions = self._rng.uniform(-1, 1, shape).astype(np.float32)
        for _ in range(WARM_UP_HOLDS):
            met = self.practice.decide(lambda seen: actions[: len(seen)], self._summarise)
            self.replay.buffers[0].extend(met)

    def _explore(self, seen: FloatArray) -> FloatArray:
        assert self._descent is not None
        with torch.no_grad():
            normalised = self.network.normalised(torch.from_numpy(seen))
            actions, _ = self._descent.draw(normalised)
        result: FloatArray = actions.numpy()
        return result

    def _summarise(self, observations: FloatArray) -> FloatArray:
        return summarise(self.network, observations)

    def _buffer(self, name: str, feature_size: int) -> RelabelledReplay:
        seen = Spaces(self.network.summary.size, self.network.spaces.action_size)
        return RelabelledReplay(
            self._settings.memory,
            *boxes(seen),
            feature_size=feature_size,
            reward=lambda features: np.zeros(len(features), np.float32),
            rng=named_stream(self._seed, "replay", name),
            device="cpu",
        )


def train_sac(
    env_id: str,
    options: Mapping[str, Any],
    *,
    reward: Reward,
    steps: int,
    seed: int,
    settings: SacSettings | None = None,
    ground: Ground | None = None,
) -> PolicyFile:
    """Train a new policy on a reward of an environment's reward features.

    Args:
        env_id: Gymnasium id.
        options: Options of `env.reset`.
        reward: What is wanted.
        steps: Control steps, of all robots together.
        seed: Root of all randomness.
        settings: How it is trained.
        ground: How robots practise; its environment and options are not looked at.

    Raises:
        UsageError: If the environment does not fit or has no reward features.
    """
    settings, given = settings or SacSettings(), ground or Ground(env_id, options)
    ground = replace(given, env_id=env_id, options=options)
    traits = traits_of(env_id)
    file = new_policy(
        NETWORK,
        traits.spaces,
        named_seed(seed, "policy"),
        {"hidden": list(settings.hidden)},
    )
    network = file.network
    assert isinstance(network, GaussianActorNetwork)
    with practising(ground, traits, seed) as practice:
        trainer = SacTrainer(network, practice, reward=reward, seed=seed, settings=settings)
        trainer.train(steps)
    return file
