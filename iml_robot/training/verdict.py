"""Whether a new policy may drive, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode
from iml_robot.rewards.annotation.policies import PolicyPair


@dataclass(frozen=True)
class Verdict:
    """What an acceptance says about a candidate.

    Attributes:
        accepted: Whether the candidate may drive.
        reason: Why, in a few words for the log and the report.
        figures: What was measured, by name.
        pairs: What people can be asked about the candidate and the policy before.
    """

    accepted: bool
    reason: str
    figures: Mapping[str, float] = field(default_factory=dict)
    pairs: Sequence[PolicyPair] = ()


class Acceptance(Protocol):
    """Judges a policy before it drives."""

    def judge(
        self, candidate: Policy, current: Policy, episodes: Sequence[Episode]
    ) -> Verdict:
        """Compare a candidate with the policy that it would replace.

        Args:
            candidate: The policy that has just been trained.
            current: The one that it was trained from.
            episodes: Every usable episode that the candidate knows, the newest last.
        """
        ...
