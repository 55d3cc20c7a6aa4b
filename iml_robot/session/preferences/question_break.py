"""The break between two episodes, in which a person is asked what was better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from iml_robot.core.feedback import Answer, Purpose, Question, Reply, Wish
from iml_robot.core.interfaces import Annotator
from iml_robot.core.types import Episode
from iml_robot.questioning.choice.pool import Pool
from iml_robot.questioning.choice.questioner import Questioner
from iml_robot.rewards.model import RewardModel
from iml_robot.session.preferences.moments import MomentsResult
from iml_robot.session.preferences.reward_learning import RewardLearning


@dataclass
class BreakResult:
    """What came of a break.

    Attributes:
        before: The reward before it.
        after: The reward now.
        answers: How often each answer was given.
        seconds: Time that the annotator took [s].
        ended: Why there were no more questions.
        unshown: Questions that could not be shown.
        left: Whether the annotator wanted no more.
        moments: What came of asking what is right at single moments.
    """

    before: RewardModel
    after: RewardModel
    answers: Counter[Answer] = field(default_factory=Counter)
    seconds: float = 0.0
    ended: str = ""
    unshown: int = 0
    left: bool = False
    moments: MomentsResult = field(default_factory=MomentsResult)

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return self.answers.total()


class QuestionBreak:
    """Asks questions one after the other; each is chosen by all answers before.

    Args:
        learning: Learns from the answers.
        questioner: Chooses.
        segment_s: Length of what is shown [s].
        dt: Control period [s].
    """

    def __init__(
        self,
        learning: RewardLearning,
        questioner: Questioner,
        *,
        segment_s: float,
        dt: float,
    ) -> None:
        self._learning, self._questioner = learning, questioner
        self._annotator: Annotator
        self._most = 0
        self._segment_s, self._dt = segment_s, dt
        for reply in learning.replies:
            if reply.question.purpose is not Purpose.POLICIES:
                questioner.hear(reply)

    def hold(
        self, episodes: Sequence[Episode], annotator: Annotator, *, most: int
    ) -> BreakResult:
        """Ask until enough is known, enough was asked, or nobody wants to answer.

        Args:
            episodes: Every usable episode of the session, the newest last.
            annotator: Answers.
            most: Most questions.
        """
        self._annotator, self._most = annotator, most
        pool = Pool.of_episodes(episodes, self._dt, length_s=self._segment_s)
        self._questioner.offer(pool)
        odd = [reply.question for reply in self._learning.learned.surprising]
        # Drives of a gate are gone when the next break comes.
        self._questioner.ask_again([q for q in odd if q.purpose is not Purpose.POLICIES])
        before = self._learning.model
        result = BreakResult(before, before)
        heard: list[Reply] = []
        while result.asked + result.unshown < most and not result.ended:
            question = self._next()
            if question is None:
                result.ended = "no question would tell much more"
                break
            self._take(self._answer(question, result), question, heard, result)
        result.after = self._learning.model
        return result

    def _take(
        self,
        said: Reply | Wish | None,
        question: Question,
        heard: list[Reply],
        result: BreakResult,
    ) -> None:
        """Take what was said to a question."""
        if isinstance(said, Reply):
            heard.append(self._hear(said, result))
        elif said is None:
            # Nobody has answered; only the questioner must not propose it again.
            self._questioner.hear(Reply(question, Answer.SKIP))
            result.unshown += 1
        elif said is Wish.LEAVE:
            result.left = True
            result.ended = "the annotator wanted no more"
        elif heard:
            undone = heard.pop()
            result.answers[undone.answer] -= 1
            again = undone.question
            self._learning.take_back(again)
            self._take(self._answer(again, result), again, heard, result)

    def _answer(self, question: Question, result: BreakResult) -> Reply | Wish | None:
        number = result.asked + result.unshown + 1
        announce(self._annotator, f"question {number} of {self._most} at most")
        return self._annotator.answer(question)

    def _next(self) -> Question | None:
        name = getattr(self._annotator, "name", "")
        posterior = self._learning.model.posterior
        return self._questioner.propose(posterior, self._learning.noise_of(name))

    def _hear(self, reply: Reply, result: BreakResult) -> Reply:
        self._learning.hear(reply)
        self._questioner.hear(reply)
        result.answers[reply.answer] += 1
        result.seconds += reply.seconds
        return reply


def announce(annotator: Annotator, text: str) -> None:
    """Say what is asked next, where there is somebody to whom it can be said.

    Args:
        annotator: Who is asked; a person at a window has an attribute `progress`.
        text: What to say.
    """
    if hasattr(annotator, "progress"):
        annotator.progress = text
