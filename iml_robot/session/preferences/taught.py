"""A learner that also learns what was said to be right at single moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Learner, Policy
from iml_robot.core.types import Episode, FloatArray, Source
from iml_robot.data.store import SessionStore
from iml_robot.robots.replays import Future, Moment, Replays
from iml_robot.session.preferences.counterfactuals import Given
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.moments import MomentAnswer


class Taught:
    """Shows a learner each answer as an episode of one step that the operator drives.

    One step and no more: what is right now is wrong soon. Held for half a second, ten
    answers undid in a forest all that five corrections had taught.

    The answers are read from the session's file before each update, so that a learning
    process and a resumed session find the same ones.

    Args:
        learner: Learns from corrected episodes.
        database: The session's file.
        replays: Simulators, to see what follows an answer.
    """

    def __init__(self, learner: Learner, database: Path, replays: Replays) -> None:
        self._learner, self._database, self._replays = learner, database, replays
        self._known: dict[tuple[int, int], Episode | None] = {}

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the learner has, such as its trials."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._learner, name)

    @property
    def policy(self) -> Policy:
        """The current policy; it does not change until the next update."""
        return self._learner.policy

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Improve the policy on the episodes and on what was said about them."""
        taught = self.with_answers(episodes)
        figures = dict(self._learner.update(taught, on_progress=on_progress))
        if len(taught) > len(episodes):
            figures["taught_moments"] = float(len(taught) - len(episodes))
        return figures

    def with_answers(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Return the episodes, and before them what was said about moments of them.

        A learner takes the last episode for the one to learn from, and the newest
        takeovers for what to try its policy on: both stay those that were driven. Only
        where nobody corrected the newest episode, what was said since then comes last.

        Args:
            episodes: Every usable episode, the newest last.
        """
        known = {episode.info.episode_id: episode for episode in episodes}
        before: list[Episode] = []
        now: list[Episode] = []
        for number, answer in enumerate(self._answers()):
            if answer.action is None or not {answer.episode_id, answer.after} <= set(known):
                continue
            place = answer.episode_id, answer.step
            if place not in self._known:
                self._known[place] = self._shown(known[answer.episode_id], answer, number)
            shown = self._known[place]
            if shown is not None:
                new = answer.after == episodes[-1].info.episode_id
                (now if new else before).append(shown)
        if episodes and episodes[-1].corrected.any():
            return [*before, *now, *episodes]
        return [*before, *episodes, *now]

    def save(self, path: Path) -> None:
        """Write everything that the next update depends on."""
        self._learner.save(path)

    def load(self, path: Path) -> None:
        """Go on from where `save` was called."""
        self._learner.load(path)

    def _answers(self) -> list[MomentAnswer]:
        with SessionStore.read(self._database) as store:
            return Journal(store).moments()

    def _shown(self, episode: Episode, answer: MomentAnswer, number: int) -> Episode | None:
        action = np.asarray(answer.action, np.float32)
        moment = Moment(episode, answer.step)
        (future,) = self._replays.futures([moment], [Given(action[None])], steps=1)
        if future is None or not len(future.actions):
            return None
        return short_episode(moment, future, action, number=number)


def short_episode(
    moment: Moment, future: Future, action: FloatArray, *, number: int
) -> Episode:
    """Return what follows an answer as an episode that the operator drives.

    It goes on from the one that was asked about, like one after a rewind, so that it can
    be taken up again and does not count as a map that was driven.

    Args:
        moment: What was asked about.
        future: What follows the answer.
        action: The answer, shape (act_dim,).
        number: Number of the answer; tells the episode from all others.
    """
    episode, count = moment.episode, len(future.actions)
    begun = episode.info.begins_at + moment.step
    info = replace(
        episode.info,
        episode_id=-2 - number,
        # Short as it is, nothing speaks against the operator's way.
        outcome="success",
        terminated=False,
        continues=episode.info.episode_id,
        begins_at=begun,
        rewound_to=None,
    )
    return Episode(
        info,
        observations=future.observations,
        policy_actions=np.repeat(episode.policy_actions[moment.step][None], count, axis=0),
        operator_actions=np.repeat(action[None], count, axis=0),
        executed_actions=future.actions,
        sources=np.full(count, Source.OPERATOR, np.int64),
        authorities=np.ones(count, np.float32),
        rewards=np.zeros(count, np.float32),
        evaluations=np.full(count, np.nan, np.float32),
        prelude=episode.driven[:begun],
        features=future.features,
    )
