"""What must be known of an environment before a policy can practise in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from iml_robot.core.errors import UsageError
from iml_robot.core.seeding import named_stream
from iml_robot.learners.reinforcement.practice import Ground, Practice
from iml_robot.learners.reinforcement.reward import Bounds
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.rewards.scale import FeatureScale
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.fleet import make_fleet


@dataclass(frozen=True)
class EnvTraits:
    """What an environment offers.

    Attributes:
        spaces: Sizes and layout of observation and action.
        reward_features: Its attribute of that name; empty: it has none.
    """

    spaces: Spaces
    reward_features: Mapping[str, Mapping[str, Any]]

    @property
    def scale(self) -> FeatureScale:
        """Names of the reward features, and how they vary.

        Raises:
            UsageError: If there are none.
        """
        if not self.reward_features:
            raise UsageError(
                "this environment has no reward features, so nothing can be learned by "
                "trying; choose another learner, or give it the attribute reward_features"
            )
        return FeatureScale.of(self.reward_features)


def traits_of(env_id: str) -> EnvTraits:
    """Return what an environment offers.

    Raises:
        UsageError: If there is no such environment or it does not fit.
    """
    with closing(make_env(env_id)) as env:
        return EnvTraits(spaces_of(env), dict(extra(env, "reward_features", {})))


@contextmanager
def practising(ground: Ground, traits: EnvTraits, seed: int) -> Iterator[Practice]:
    """Have robots that practise, and let go of them afterwards.

    Args:
        ground: Where and how they practise.
        traits: Of that environment.
        seed: Draws the maps.

    Raises:
        UsageError: If the environment has no reward features.
    """
    bounds = Bounds.of(traits.scale)
    fleet = make_fleet(ground.env_id, ground.robots, time_limit=False)
    try:
        rng = named_stream(seed, "practice")
        yield Practice(fleet, ground, bounds=bounds, rng=rng)
    finally:
        fleet.close()
