"""Asks what is right at the moments at which a policy was least sure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from iml_robot.core.feedback import Wish
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.questioning.choice.ambiguous import AmbiguousState, ambiguous_states
from iml_robot.robots.replays import Moment, Replays

APART_STEPS = 40
"""Moments of an episode that are nearer to each other than this are one: 2 s."""
NEWEST = 20
"""Moments are looked for in so many episodes, the newest."""


@dataclass(frozen=True)
class MomentAnswer:
    """What somebody would do at a moment; plain values, for the record.

    Attributes:
        episode_id: Number of the episode.
        step: The step before which the moment is.
        action: What is right there, in [-1, 1]; None: nothing was said.
        after: Number of the newest episode when it was said.
        disagreement: How unsure the policy was.
        annotator: Who said it.
        seconds: How long that took [s].
        reason: Why the moment could not be shown; "" if it could.
    """

    episode_id: int
    step: int
    action: Sequence[float] | None
    after: int
    disagreement: float = 0.0
    annotator: str = ""
    seconds: float = 0.0
    reason: str = ""


@runtime_checkable
class Adviser(Protocol):
    """Says what is right at a moment, a person or simulated.

    Attributes:
        name: Under which answers are kept.
        reason: Why the last moment could not be shown; "" if it could.
    """

    name: str
    reason: str

    def advise(self, episode: Episode, step: int) -> FloatArray | Wish | None:
        """Return the right action before a step of an episode, shape (act_dim,).

        None: nothing was said, or the moment could not be shown. `Wish.LEAVE`: no more
        moments are wanted.
        """
        ...


@dataclass
class MomentsResult:
    """What came of asking.

    Attributes:
        shown: Moments that were shown.
        answered: Moments at which something was said.
        unshown: Why some could not be shown.
        left: Whether the adviser wanted no more.
    """

    shown: int = 0
    answered: int = 0
    unshown: tuple[str, ...] = ()
    left: bool = False


class Keeper(Protocol):
    """Keeps what was said."""

    def put_moment(self, answer: MomentAnswer) -> None:
        """Store what was said at a moment."""
        ...

    def moments(self) -> list[MomentAnswer]:
        """Return what was said at moments, in order."""
        ...

    def flush(self) -> None:
        """Wait until everything can be read by others."""
        ...


class Moments:
    """Looks for moments, has them answered, and keeps the answers.

    A moment is asked about once, whatever was said; so are its neighbours.

    Args:
        keeper: Keeps answers, and has those of an earlier part of the session.
        replays: Simulators, to find out whether an episode can be taken up again.
        count: Most moments in a break.
    """

    def __init__(self, keeper: Keeper, replays: Replays, *, count: int) -> None:
        self._keeper, self._replays, self._count = keeper, replays, count

    def hold(
        self, episodes: Sequence[Episode], policy: Policy, adviser: Adviser
    ) -> MomentsResult:
        """Ask about the least sure moments.

        Args:
            episodes: Every usable episode of the session, the newest last.
            policy: Who drives; one that does not tell how sure it is has no such moments.
            adviser: Answers.
        """
        result = MomentsResult()
        if not episodes:
            return result
        newest = episodes[-1].info.episode_id
        known = {episode.info.episode_id: episode for episode in episodes}
        states = least_sure(
            episodes[-NEWEST:], policy, self._keeper.moments(), count=self._count
        )
        for state in states:
            answer = self._ask(known[state.episode_id], state, policy, adviser)
            if answer is None:
                result.left = True
                break
            self._keeper.put_moment(replace(answer, after=newest))
            result.shown += not answer.reason
            result.answered += answer.action is not None
            if answer.reason:
                result.unshown += (answer.reason,)
        self._keeper.flush()
        return result

    def _ask(
        self, episode: Episode, state: AmbiguousState, policy: Policy, adviser: Adviser
    ) -> MomentAnswer | None:
        """Return what was said; None: no more is wanted."""
        unsaid = MomentAnswer(
            state.episode_id,
            state.step,
            None,
            after=-1,
            disagreement=state.disagreement,
            annotator=adviser.name,
        )
        moment = Moment(episode, state.step)
        # What would follow the answer is learned from, so it must be possible to see it.
        if self._replays.futures([moment], [policy], steps=1) == [None]:
            reason = f"episode {state.episode_id} cannot be taken up again"
            return replace(unsaid, reason=reason)
        begun_s = time.perf_counter()
        said = adviser.advise(episode, state.step)
        seconds = time.perf_counter() - begun_s
        if isinstance(said, Wish):
            return None
        if said is None:
            return replace(unsaid, seconds=seconds, reason=adviser.reason)
        reason = _refused(said, episode)
        action = None if reason else tuple(float(value) for value in said)
        return replace(unsaid, action=action, seconds=seconds, reason=reason)


def least_sure(
    episodes: Sequence[Episode],
    policy: Policy,
    answered: Sequence[MomentAnswer],
    *,
    count: int,
) -> list[AmbiguousState]:
    """Return the moments at which the members of a policy disagree most.

    Left out are moments that were asked about, those near them, those at which a person
    drove, who has said what is right, and the very first, before which nothing happened.

    Args:
        episodes: Where to look.
        policy: The policy; it must tell its disagreement, or there are no moments.
        answered: What was asked already.
        count: Most moments.
    """
    found: list[FloatArray] = []
    for episode in episodes:
        policy.act_batch(episode.observations[:-1])
        told = getattr(policy, "disagreement", None)
        if told is None or np.shape(told) != (len(episode),):
            return []
        unsure = np.array(told, np.float32)
        unsure[:1] = np.nan
        unsure[episode.human_controlled] = np.nan
        for answer in answered:
            if answer.episode_id == episode.info.episode_id:
                near = slice(
                    max(0, answer.step - APART_STEPS + 1), answer.step + APART_STEPS
                )
                unsure[near] = np.nan
        found.append(unsure)
    return ambiguous_states(episodes, found, count=count, apart=APART_STEPS)


def _refused(action: FloatArray, episode: Episode) -> str:
    """Return why an action cannot be learned from; "" if it can."""
    size = episode.executed_actions.shape[1]
    if np.shape(action) != (size,):
        return f"the answer has the shape {np.shape(action)}, an action has ({size},)"
    if not np.isfinite(action).all() or np.abs(action).max(initial=0.0) > 1:
        return f"the answer {np.asarray(action).tolist()} is no action in [-1, 1]"
    return ""
