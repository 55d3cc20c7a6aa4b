"""Gives a learner the newest reward that people taught, and judges what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode
from iml_robot.learners.reinforcement.gate import Gate
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import LinearReward
from iml_robot.learners.reinforcement.traits import traits_of
from iml_robot.rewards.model import RewardModel
from iml_robot.training.verdict import Verdict


class RewardLearner(Protocol):
    """A learner that follows a reward.

    Attributes:
        reward: What people want; None: nobody said.
    """

    reward: RewardModel | None

    @property
    def policy(self) -> Policy:
        """The current policy."""
        ...

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Improve the policy."""
        ...

    def save(self, path: Path) -> None:
        """Write everything that the next update depends on."""
        ...

    def load(self, path: Path) -> None:
        """Go on from where `save` was called."""
        ...


class RewardFollower:
    """A learner that looks for a new reward before each update.

    Rewards are files of the session, one a break, so that a learning process and a resumed
    session find the same ones.

    Args:
        learner: Follows a reward.
        folder: Where rewards are kept; it need not exist.
    """

    def __init__(self, learner: RewardLearner, folder: Path) -> None:
        self._learner, self._folder = learner, folder

    @property
    def policy(self) -> Policy:
        """The current policy; it does not change until the next update."""
        return self._learner.policy

    @property
    def reward(self) -> RewardModel | None:
        """The newest reward; None: nobody said anything yet."""
        newest = max(self._folder.glob("*.json"), default=None)
        return None if newest is None else RewardModel.load(newest)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Improve the policy for the newest reward."""
        self._learner.reward = self.reward
        return self._learner.update(episodes, on_progress=on_progress)

    def save(self, path: Path) -> None:
        """Write everything that the next update depends on."""
        self._learner.save(path)

    def load(self, path: Path) -> None:
        """Go on from where `save` was called."""
        self._learner.load(path)


@dataclass(frozen=True)
class RewardGate:
    """Accepts a policy that fails no more often and is worth no less; see `Gate`.

    Attributes:
        follower: Knows the reward.
        ground: Where both policies drive.
        seed: Of the starts.
        questions: How many pairs of drives people can be asked about; 0: nobody is asked.
    """

    follower: RewardFollower
    ground: Ground
    seed: int
    questions: int = 0

    def judge(
        self, candidate: Policy, current: Policy, episodes: Sequence[Episode]
    ) -> Verdict:
        """Drive with both and compare; see the interface."""
        del episodes
        features: Mapping[str, Any] = traits_of(self.ground.env_id).reward_features
        if not features:
            return Verdict(accepted=True, reason="there is no reward to judge by")
        reward = self.follower.reward or LinearReward.shipped(features)
        said = Gate(self.ground, self.seed, questions=self.questions).judge(
            current, candidate, reward=reward, feature_size=len(features)
        )
        return Verdict(said.accepted, said.reason, said.figures, said.pairs)
