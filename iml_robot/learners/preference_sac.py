"""Learns by trying, on the reward that people taught, and from what they showed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import lineage_with
from iml_robot.learners.cloning.start import begun
from iml_robot.learners.cloning.trials import Trials
from iml_robot.learners.frames.selection import rehearsed_frames
from iml_robot.learners.reinforcement.decisions import (
    recorded_decisions,
    usable_steps,
)
from iml_robot.learners.reinforcement.descent import Guidance, SoftDescent
from iml_robot.learners.reinforcement.guiding import guided_by
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import Bounds, LinearReward, Reward
from iml_robot.learners.reinforcement.trainer import NETWORK, SacSettings, SacTrainer
from iml_robot.learners.reinforcement.traits import (
    EnvTraits,
    practising,
    traits_of,
)
from iml_robot.policies.ensemble.files import (
    PolicyFile,
    copy_policy,
    load_policy_of,
    save_policy,
)
from iml_robot.policies.ensemble.network import Spaces, all_sound
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.gaussian_actor import GaussianActorNetwork
from iml_robot.rewards.model import RewardModel

logger = logging.getLogger(__name__)

IMITATION_RATE = 5e-4
START_UPDATES = 2000
SETTINGS: dict[str, Any] = {"gradient_steps": 1.0, "warm_up": 200}
"""What differs from `SacSettings`: between two episodes there is time for some 1,500
gradient steps, and what was recorded shows already what there is."""


@LEARNERS.register("preference_sac")
class PreferenceSac:
    """SAC on a learned reward, held near to what the operator showed.

    Between episodes the robot practises in simulators of its own. What was recorded is
    learned from too: half of each batch are steps that the operator drove. The actor also
    clones the operator, less and less, and prefers the operator's actions to its own where
    it would have gone in takeovers. Without somewhere to practise, or where the
    environment has no reward features, it only clones.

    What it met while it practised is forgotten after each update, so that a resumed
    session learns the same; the values learned from it are kept.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from, or None for an untrained one. One of another kind
            is cloned on the demonstrations that it carries.
        seed: Root of all randomness.
        trials: Where the policy is followed in takeovers; None: nowhere.
        ground: Where it practises; None: nowhere.
        updates: Gradient steps of cloning alone, when there is something new to clone.
        practice_steps: Control steps of practice in an update, of all robots together.
        settings: What differs from `SETTINGS`, by the names of `SacSettings`.

    Attributes:
        reward: What people want; None: what the environment's shipped weights say.

    Raises:
        ValueError: If an option is out of range.
    """

    wants_trials = True
    wants_ground = True
    wants_reward = True

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        trials: Trials | None = None,
        ground: Ground | None = None,
        updates: int = 60,
        practice_steps: int = 4000,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        for name, value in {"updates": updates, "practice_steps": practice_steps}.items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        self._settings = SacSettings(**{**SETTINGS, **(settings or {})})
        self._spaces, self._seed = spaces, seed
        self._updates, self._practice_steps = updates, practice_steps
        self._replays = trials.replays if trials is not None and trials.possible else None
        self._ground, self._traits = ground, _useful(ground)
        hidden = self._settings.hidden
        self._file = begun(
            NETWORK, spaces, start, seed, hidden=hidden, updates=START_UPDATES
        )
        self.reward: RewardModel | None = None

    @property
    def policy(self) -> EnsemblePolicy:
        """The current policy; it does not change until the next update."""
        return EnsemblePolicy(self._file.network)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Clone what is new, then practise; see the interface."""
        corrected_now = bool(episodes) and bool(episodes[-1].corrected.any())
        if not episodes or not (corrected_now or self._traits is not None):
            on_progress(1.0)
            return {"updates": 0.0}
        rng = named_stream(self._seed, "update", len(episodes))
        guidance, figures = guided_by(
            episodes,
            rehearsed_frames(self._file.rehearsal),
            policy=self.policy,
            replays=self._replays,
            rng=rng,
        )
        if self._traits is None and not figures["correction_frames"]:
            on_progress(1.0)
            return {**figures, "updates": 0.0}
        candidate = copy_policy(self._file)
        network = candidate.network
        assert isinstance(network, GaussianActorNetwork)
        if not network.normaliser_fitted:
            network.fit_normaliser(_seen(episodes, guidance))
        lineage = lineage_with(self._file.lineage, episodes)
        if guidance is not None and figures["correction_frames"] and corrected_now:
            self._imitate(network, guidance, rng)
        if self._traits is not None and self._ground is not None:
            reward = self._wanted(self._traits)
            figures |= self._practise(
                network, episodes, guidance, reward=reward, on_progress=on_progress
            )
            lineage["reward"] = _told(reward).as_json()
        on_progress(1.0)
        if not all_sound(network):
            logger.warning("an update ran away and is thrown away; lower learning_rate")
            return {**figures, "updates": 0.0, "thrown_away": 1.0}
        self._file = replace(candidate, lineage=lineage)
        return {**figures, "updates": float(self._updates)}

    def save(self, path: Path) -> None:
        """Write actor, critics and the reward they learned."""
        save_policy(self._file, path)

    def load(self, path: Path) -> None:
        """Go on from a policy that `save` wrote.

        Raises:
            ArtifactError: If the file holds another kind of network.
        """
        self._file = load_policy_of(NETWORK, path, self._spaces, learner="preference_sac")

    def _wanted(self, traits: EnvTraits) -> Reward:
        """Return what people want, or what the environment's weights say."""
        return self.reward or LinearReward.shipped(traits.reward_features)

    def _imitate(
        self, network: GaussianActorNetwork, guidance: Guidance, rng: np.random.Generator
    ) -> None:
        descent = SoftDescent(network, rng, IMITATION_RATE, guidance=guidance)
        for _ in range(self._updates):
            descent.imitate()

    def _practise(
        self,
        network: GaussianActorNetwork,
        episodes: Sequence[Episode],
        guidance: Guidance | None,
        *,
        reward: Reward,
        on_progress: Callable[[float], None],
    ) -> dict[str, float]:
        """Train on what was recorded and on what practice brings; return figures."""
        assert self._traits is not None
        assert self._ground is not None
        seed = named_seed(self._seed, "practice", len(episodes))
        recorded = recorded_decisions(
            episodes,
            network,
            hold_steps=self._ground.hold_steps,
            bounds=Bounds.of(self._traits.scale),
        )
        with practising(self._ground, self._traits, seed) as practice:
            trainer = SacTrainer(
                network,
                practice,
                reward=reward,
                seed=seed,
                settings=self._settings,
                shown=recorded.operator,
                guidance=guidance,
            )
            trainer.remember(recorded.others)
            known = self._file.lineage.get("reward")
            former = None if known is None else LinearReward.from_json(known)
            trainer.take_up(former)
            trainer.train(self._practice_steps, on_progress=on_progress)
            return {
                "practice_steps": float(practice.steps),
                "recorded_decisions": float(len(recorded.operator) + len(recorded.others)),
                "steps_left_out": float(recorded.left_out),
                "critic_resets": float(trainer.resets),
                "critic_loss": trainer.loss,
                "reward_version": float(reward.version),
            }


def _useful(ground: Ground | None) -> EnvTraits | None:
    """Return what the ground offers; None where nobody can practise for a reward."""
    traits = None if ground is None else traits_of(ground.env_id)
    if traits is not None and traits.reward_features:
        return traits
    logger.info("nowhere to practise for a reward: cloning only")
    return None


def _seen(episodes: Sequence[Episode], guidance: Guidance | None) -> torch.Tensor:
    """Return all usable observations, for the scales of the inputs."""
    shown = [] if guidance is None else [guidance.observations]
    own = [e.observations[:-1][usable_steps(e)] for e in episodes]
    return torch.from_numpy(np.concatenate([*shown, *own]))


def _told(reward: Reward) -> LinearReward:
    """Return the weights that a reward has in the mean."""
    if isinstance(reward, RewardModel):
        return LinearReward(reward.scale, reward.posterior.mean, reward.version)
    assert isinstance(reward, LinearReward)
    return reward
