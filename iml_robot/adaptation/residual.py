"""Does near a correction what the operator did there, from the next step on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.adaptation import ADAPTATIONS
from iml_robot.adaptation.regression.local_ridge import Array, LocalRidge
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray, Source, Step
from iml_robot.learners.frames.selection import SKIP_STEPS, usable_rows

LOGGER = logging.getLogger(__name__)

DRIFT_STEPS = 10
"""A correction reaches about as far as the robot comes within so many steps: 0.5 s."""
LEAST_DISAGREEMENT = 0.2
"""A policy whose actions are nearer than this to a takeover's, on average, agrees."""
MOST_FEATURES = 128
"""Longer features are projected to so many: every distance costs time."""


@dataclass(frozen=True)
class Lesson:
    """What an operator changed in one takeover, without its first steps.

    Attributes:
        points: Where: features of the situations, shape (n, F), n at least 1.
        changes: The operator's actions less the policy's, shape (n, act_dim).
    """

    points: Array
    changes: Array


@ADAPTATIONS.register("residual")
class Residual:
    """Adds to the policy's action what operators changed in situations like this one.

    What they changed is a Bayesian regression on the features of the policy's network. It
    is solved anew when the operator lets go, and counts by how surely it is known, so that
    nothing changes where nobody has corrected anything. It is not part of the policy: the
    policy learns from the same corrections in its own time, and once it agrees with one,
    that one is dropped.

    Args:
        rows: Most corrected steps that are kept, the newest.
        reach: How far a correction reaches, in units of how far the robot comes within
            half a second.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(self, *, rows: int = 3000, reach: float = 1.0) -> None:
        if rows < 1:
            raise ValueError(f"rows must be at least 1, got {rows}")
        if not 0 < reach < float("inf"):
            raise ValueError(f"reach must be above 0, got {reach}")
        self._rows, self._reach = rows, reach
        self._known: dict[tuple[int, int], Lesson | None] = {}
        self._fingerprint = ""
        self._adapted: AdaptedPolicy | None = None
        self._takeover: list[tuple[FloatArray, FloatArray]] = []
        self._told = False

    def begin(self, policy: Policy, episodes: Sequence[Episode]) -> Policy:
        """Return the policy with what earlier episodes taught on top of it."""
        self._takeover.clear()
        self._adapted = None
        if not hasattr(policy, "features"):
            if not self._told:
                LOGGER.warning("this policy has no features: corrections wait for learning")
            self._told = True
            return policy
        # What was changed depends on the policy: after a swap it is looked at anew.
        fingerprint = getattr(policy, "fingerprint", "")
        if fingerprint != self._fingerprint or not fingerprint:
            self._known.clear()
            self._fingerprint = fingerprint
        adapted = AdaptedPolicy(policy, reach=self._reach)
        adapted.learn(self._lessons(adapted, episodes))
        self._adapted = adapted
        return adapted

    def add(self, step: Step) -> None:
        """Collect what the operator does, and learn it when the operator lets go."""
        if self._adapted is None:
            return
        if step.decision.source is Source.OPERATOR and step.signal.action is not None:
            # The arrays of a step may be used again by whoever made them.
            self._takeover.append((step.observation.copy(), step.signal.action.copy()))
        elif self._takeover:
            seen, actions = (np.stack(part) for part in zip(*self._takeover, strict=True))
            self._takeover.clear()
            lesson = self._adapted.lesson(seen, actions)
            if lesson is not None:
                room = slice(self._rows)
                self._adapted.learn([Lesson(lesson.points[room], lesson.changes[room])])

    def _lessons(self, adapted: AdaptedPolicy, episodes: Sequence[Episode]) -> list[Lesson]:
        """Return the newest takeovers with which the policy does not agree by itself."""
        found: list[Lesson] = []
        room = self._rows
        for episode in reversed(episodes):
            for takeover in reversed(episode.takeovers()):
                lesson = self._lesson(adapted, episode, takeover)
                if lesson is not None and room > 0:
                    found.append(Lesson(lesson.points[:room], lesson.changes[:room]))
                    room -= len(lesson.points)
            if room <= 0:
                break
        return found[::-1]

    def _lesson(
        self, adapted: AdaptedPolicy, episode: Episode, takeover: slice
    ) -> Lesson | None:
        """Return what a takeover teaches this policy; None: nothing."""
        key = episode.info.episode_id, takeover.start
        if key not in self._known:
            lesson = adapted.lesson(
                episode.observations[takeover], episode.operator_actions[takeover]
            )
            if lesson is not None:
                apart = np.abs(lesson.changes).max(axis=1).mean()
                lesson = lesson if apart >= LEAST_DISAGREEMENT else None
            self._known[key] = lesson
        return self._known[key]


class AdaptedPolicy:
    """A policy, and on top of it what was corrected since it was learned.

    Args:
        policy: The policy; must offer `features`.
        reach: How far corrections reach; see `Residual`.
    """

    def __init__(self, policy: Any, *, reach: float) -> None:
        self._policy = policy
        self._reach = reach
        self._ridge: LocalRidge | None = None

    @property
    def network(self) -> Any:
        """The network of the policy below."""
        return self._policy.network

    @property
    def disagreement(self) -> FloatArray | None:
        """How much the members of the policy below disagreed about their last actions."""
        found: FloatArray | None = getattr(self._policy, "disagreement", None)
        return found

    def lesson(self, observations: FloatArray, actions: FloatArray) -> Lesson | None:
        """Return what a takeover changed; None if nothing in it can be used.

        Args:
            observations: What was seen at its steps, shape (n, obs_dim).
            actions: What the operator commanded, shape (n, act_dim).
        """
        seen, wanted = observations[SKIP_STEPS:], actions[SKIP_STEPS:]
        usable = usable_rows(seen, wanted)
        if not usable.any():
            return None
        changes = wanted[usable] - self._policy.act_batch(seen[usable])
        return Lesson(self._points(seen[usable]), changes.astype(np.float64))

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Change what is added to the policy's action from now on."""
        if not lessons:
            return
        points = np.concatenate([lesson.points for lesson in lessons])
        changes = np.concatenate([lesson.changes for lesson in lessons])
        if self._ridge is None:
            drift = _drift(lessons)
            if drift == 0:
                return
            self._ridge = LocalRidge(
                self._reach * drift, features=points.shape[1], outputs=changes.shape[1]
            )
        self._ridge.add(points, changes)
        self._ridge.solve()

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action for one observation: (obs_dim,) -> (act_dim,)."""
        action: FloatArray = self.act_batch(observation[None])[0]
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many observations: (n, obs_dim) -> (n, act_dim)."""
        actions: FloatArray = self._policy.act_batch(observations)
        if self._ridge is None or not len(actions):
            return actions
        change, known = self._ridge.predict(self._points(observations))
        return np.clip(actions + known[:, None] * change, -1, 1).astype(np.float32)

    def _points(self, observations: FloatArray) -> Array:
        """Return the features that distances are measured in, (n, F), finite."""
        features = np.nan_to_num(self._policy.features(observations).astype(np.float64))
        if features.shape[1] <= MOST_FEATURES:
            return np.asarray(features)
        # Random directions keep distances, nearly: Johnson and Lindenstrauss (1984).
        rng = np.random.default_rng(0)
        ways = rng.standard_normal((features.shape[1], MOST_FEATURES))
        return np.asarray(features @ (ways / np.sqrt(MOST_FEATURES)))


def _drift(lessons: Sequence[Lesson]) -> float:
    """Return how far apart situations are after half a second; 0: nobody knows."""
    ways = [
        np.linalg.norm(lesson.points[DRIFT_STEPS:] - lesson.points[:-DRIFT_STEPS], axis=1)
        for lesson in lessons
        if len(lesson.points) > DRIFT_STEPS
    ]
    return float(np.median(np.concatenate(ways))) if ways else 0.0
