"""Lets what a person answers between episodes count as work, and as a sign of life."""

from __future__ import annotations

from iml_robot.cli.crews.watching import Watching
from iml_robot.core.feedback import Answer, Purpose, Reply
from iml_robot.rewards.consistency import consistency_of
from iml_robot.rewards.model import RewardModel
from iml_robot.station.workload.workload import Workload


class Answered:
    """Tells the workload of each answer.

    Args:
        workload: Measures the work of the person.
        watching: Stores what that finds.
    """

    def __init__(self, workload: Workload, watching: Watching) -> None:
        self._workload, self._watching = workload, watching
        self._replies: list[Reply] = []

    def hear(self, reply: Reply, model: RewardModel | None) -> None:
        """Take in an answer.

        Args:
            reply: The answer.
            model: What was known of the reward when it was given; None: nothing.
        """
        before = consistency_of(self._replies, annotator=reply.annotator)
        self._replies.append(reply)
        now = consistency_of(self._replies, annotator=reply.annotator)
        again = now.repeats > before.repeats
        events = self._workload.answered(
            reply.seconds,
            agreed=now.agreed > before.agreed if again else None,
            gold_failed=model is not None and fails_gold(reply, model),
        )
        self._watching.keep(events)
        self._watching.touched()


def fails_gold(reply: Reply, model: RewardModel) -> bool:
    """Return whether a question whose answer is plain was answered the other way round.

    Args:
        reply: The answer.
        model: What was known of the reward when the question was chosen.
    """
    question = reply.question
    if question.purpose is not Purpose.GOLD:
        return False
    left, right = (
        float(model.reward(segment.features).mean())
        for segment in (question.left, question.right)
    )
    return reply.answer is (Answer.RIGHT if left > right else Answer.LEFT)
