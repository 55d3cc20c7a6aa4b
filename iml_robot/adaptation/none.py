"""Corrections change nothing until the policy has learned from them."""

from __future__ import annotations

from collections.abc import Sequence

from iml_robot.adaptation import ADAPTATIONS
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, Step


@ADAPTATIONS.register("none")
class NoAdaptation:
    """Lets the policy drive as it is."""

    def begin(self, policy: Policy, episodes: Sequence[Episode]) -> Policy:
        """Return the policy."""
        del episodes
        return policy

    def add(self, step: Step) -> None:
        """Do nothing."""
