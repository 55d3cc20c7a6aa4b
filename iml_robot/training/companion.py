"""What is fitted to each policy beside the learner, such as when to ask for help."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from iml_robot.core.interfaces import Learner
from iml_robot.core.types import Episode


class Companion(Protocol):
    """Looks at each policy that may drive, and keeps what it finds beside its file."""

    def fit(
        self, learner: Learner, episodes: Sequence[Episode], policy_file: Path, before: Path
    ) -> None:
        """Look at a policy; called at the beginning and after every update.

        Args:
            learner: Holds the policy.
            episodes: Every usable episode, the newest last.
            policy_file: The policy's file.
            before: The file of the policy before; the same where there was none, or where
                it stayed.
        """
        ...
