"""What every way of choosing questions offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from iml_robot.core.feedback import Question, Reply
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior


class Questioner(Protocol):
    """Chooses questions, one after the other.

    What is proposed depends on the seed and on all that was offered and heard; a resumed
    session offers and tells it the same again.
    """

    def offer(self, pool: Pool) -> None:
        """Take other segments to ask about, between two episodes."""

    def propose(self, posterior: Posterior, noise: Noise) -> Question | None:
        """Return the next question; None: there is nothing worth asking.

        Args:
            posterior: What is known of the weights.
            noise: How the annotator errs.
        """

    def hear(self, reply: Reply) -> None:
        """Take in a reply, or another one to the same question."""

    def ask_again(self, questions: Sequence[Question]) -> None:
        """Repeat questions, mirrored, whose answers are doubtful."""
