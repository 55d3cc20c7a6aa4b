"""A person at the window who is asked: questions, knobs and what they changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from iml_robot.core.feedback import Question, Reply, WeightEdit, Wish
from iml_robot.core.interfaces import Annotator, Operator, Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.robots.environment import extra
from iml_robot.robots.film import Film, Frame, SegmentFilms
from iml_robot.robots.replays import Future, Moment, Replays
from iml_robot.session.preferences.changes import conflict_line
from iml_robot.session.preferences.question_break import BreakResult
from iml_robot.session.preferences.reward_learning import RewardLearning
from iml_robot.station.changes import Change, ChangeScreen
from iml_robot.station.knobs.board import Knobs
from iml_robot.station.knobs.screen import KnobScreen
from iml_robot.station.questions.annotator import WindowAnnotator
from iml_robot.station.questions.moment import MomentAsker
from iml_robot.station.screens import Page, draw_page
from iml_robot.station.stage import Stage

SHOWN_BEFORE_STEPS = 40
"""Control steps that are shown of what led to a moment: 2 s."""
SHOWN_STEPS = 100
"""Control steps of the films that show what a reward changed: 5 s."""
LATE_ANSWER_S = 0.6
"""The weights follow the last question at once; a press so soon [s] was an answer to it."""


class AskingCrew:
    """Shows segments, takes answers and edits, and says what they changed.

    Args:
        stage: The window.
        env_id: Gymnasium id of the robots in the segments.
        reward_features: What its features mean.
        steering: The person's devices, and what the parts of an action are called; None:
            nobody is asked what is right at single moments.

    Attributes:
        heard: Called with each answer, before anything is learned from it.
        touched: Called after everything else that the person was asked.
        reason: Why the last moment could not be shown; "" if it could.
    """

    def __init__(
        self,
        stage: Stage,
        env_id: str,
        reward_features: Mapping[str, Mapping[str, Any]],
        steering: tuple[Operator, Sequence[str]] | None = None,
    ) -> None:
        self.reason = ""
        self.heard: Callable[[Reply], None] = lambda reply: None
        self.touched: Callable[[], None] = lambda: None
        self._stage = stage
        self._film, self._features = Film(env_id), reward_features
        self._replays = Replays(env_id)
        self._episodes: dict[int, Episode] = {}
        films = SegmentFilms(self._film, self._episodes.get)
        self._period_s = films.period_s
        self._annotator = WindowAnnotator(
            self._stage,
            films,
            frame_period_s=self._period_s,
            reward_features=reward_features,
        )
        self._asker: MomentAsker | None = None
        if steering is not None:
            operator, names = steering
            self._asker = MomentAsker(
                self._stage, operator, names, frame_period_s=self._period_s
            )

    @property
    def name(self) -> str:
        """Name under which replies are kept."""
        return "operator"

    @property
    def closed(self) -> bool:
        """Whether somebody closed the window."""
        return self._stage.closed

    @property
    def progress(self) -> str:
        """Where in the series of questions this is, for display."""
        return self._annotator.progress

    @progress.setter
    def progress(self, text: str) -> None:
        self._annotator.progress = text

    def annotator_for(self, episodes: Sequence[Episode]) -> Annotator:
        """Return the person, who is shown parts of these episodes."""
        self._episodes.clear()
        self._episodes.update({e.info.episode_id: e for e in episodes})
        return self

    def answer(self, question: Question) -> Reply | Wish | None:
        """Ask a question; see `WindowAnnotator.answer`."""
        said = self._annotator.answer(question)
        if isinstance(said, Reply):
            self.heard(said)
        return said

    def advise(self, episode: Episode, step: int) -> FloatArray | Wish | None:
        """Ask what is right before a step of an episode; see `MomentAsker.ask`.

        What led to it is shown, up to the moment itself.
        """
        self.reason = ""
        if self._asker is None or self.closed:
            return Wish.LEAVE
        every = self._film.every
        start = step - every * min(step // every, SHOWN_BEFORE_STEPS // every)
        if start == step:
            start, every = max(0, step - 1), 1
        frames = self._film.frames(episode, start, step, every=every)
        if frames is None:
            self.reason = self._film.reason
            return None
        said = self._asker.ask(frames)
        self.touched()
        return said

    def turn_knobs(self, learning: RewardLearning) -> None:
        """Show the weights and take edits of them."""

        def conflicts(edits: Sequence[WeightEdit]) -> dict[str, str]:
            return {c.feature: conflict_line(c) for c in learning.conflicts_of(edits)}

        posterior = learning.model.posterior
        knobs = Knobs(
            learning.scale.names,
            [str(entry.get("meaning", "")) for entry in self._features.values()],
            posterior.mean.tolist(),
            posterior.std.tolist(),
            learning.shipped.mean.tolist(),
            learning.edits,
            conflicts(learning.edits),
        )
        screen = KnobScreen(self._stage, conflicts=conflicts, deaf_s=LATE_ANSWER_S)
        learning.edit(screen.edit(knobs))
        self.touched()

    def show_change(
        self, result: BreakResult, lines: Sequence[str], before: Policy, now: Policy
    ) -> None:
        """Show which weights changed, and what the robot does differently on one map.

        Args:
            result: What came of the break.
            lines: What to say about it.
            before: The policy that drove until now.
            now: The policy that drives from now on.
        """
        page = Page("What will it do now?", ("Driving one map before and after.",))
        draw_page(self._stage.begin(), page)
        self._stage.show()
        films = self._two_films(before, now) if now is not before else (None, None)
        old, new = result.before.posterior, result.after.posterior
        change = Change(
            result.after.scale.names,
            tuple(zip(old.mean.tolist(), old.std.tolist(), strict=True)),
            tuple(zip(new.mean.tolist(), new.std.tolist(), strict=True)),
            tuple(lines),
            *films,
        )
        ChangeScreen(self._stage, frame_period_s=self._period_s).show(change)

    def close(self) -> None:
        """Let go of the simulators; the window stays."""
        self._film.close()
        self._replays.close()

    def _two_films(
        self, before: Policy, now: Policy
    ) -> tuple[list[Frame] | None, list[Frame] | None]:
        """Return what both policies do at the start of the newest episode."""
        episode = max(self._episodes.values(), key=lambda e: e.info.episode_id)
        moments = [Moment(episode, 0)] * 2
        futures = self._replays.futures(moments, [before, now], steps=SHOWN_STEPS)
        films: list[list[Frame] | None] = []
        for future in futures:
            driven = None if future is None else as_driven(episode, future)
            every = self._film.every
            film = driven and self._film.frames(driven, 0, len(driven), every=every)
            films.append(film or None)
        return films[0], films[1]


def as_driven(episode: Episode, future: Future) -> Episode:
    """Return an episode as it would have gone from its start.

    Args:
        episode: As it went.
        future: What followed its first moment instead.
    """
    count = len(future.actions)
    return replace(
        episode,
        observations=future.observations,
        policy_actions=future.actions,
        operator_actions=np.full_like(future.actions, np.nan),
        executed_actions=future.actions,
        sources=np.zeros(count, np.int64),
        authorities=np.zeros(count, np.float32),
        rewards=np.zeros(count, np.float32),
        evaluations=np.full(count, np.nan, np.float32),
        p_help=np.zeros(0, np.float32),
        asked=np.zeros(0, np.bool_),
        features=future.features,
    )


def action_names(env: Any) -> tuple[str, ...]:
    """Return what the parts of an environment's action are called.

    Args:
        env: The environment; one that does not say gets numbers.
    """
    told: Sequence[str] = extra(env, "action_names", ())
    count = env.action_space.shape[0]
    if len(told) == count:
        return tuple(map(str, told))
    return tuple(f"part {number + 1}" for number in range(count))
