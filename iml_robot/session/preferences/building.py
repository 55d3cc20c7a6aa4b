"""Builds the part of a session that asks what is liked from its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iml_robot.annotators import ANNOTATORS
from iml_robot.core.config import RunConfig
from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.interfaces import Annotator
from iml_robot.core.types import Episode
from iml_robot.data.store import SessionStore
from iml_robot.learners import LEARNERS
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.segments import segments_of
from iml_robot.robots.environment import control_period_s, extra
from iml_robot.robots.replays import Replays
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.moments import Moments
from iml_robot.session.preferences.pilot_adviser import PilotAdviser
from iml_robot.session.preferences.preferences import (
    AnnotatorFor,
    NoPreferences,
    Preferences,
)
from iml_robot.session.preferences.reward_learning import RewardLearning

FEATURES_KEY = "reward_features"
REWARDS = "rewards"
"""Folder of a session in which each break leaves its reward."""
POLICY_QUESTIONS = 3
"""Most questions about an old and a new policy, and half of all questions at most."""
USUAL_ANNOTATOR = "human_like"
"""Who answers where nobody is there."""


def build_preferences(
    config: RunConfig,
    env: Any,
    *,
    folder: Path,
    store: SessionStore,
    annotator_for: AnnotatorFor | None = None,
) -> NoPreferences:
    """Return what asks and learns what is liked; nothing where nothing is asked.

    Args:
        config: The configuration.
        env: The environment.
        folder: Root of the session's files.
        store: Keeps what was said.
        annotator_for: Gives a person who answers; None: the configured simulated one
            does.

    Raises:
        UsageError: If the environment has no reward features to ask about, or a part of
            the configuration does not exist or fit.
    """
    wanted, dt = config.preferences, control_period_s(env)
    if not (wanted.questions or wanted.moments):
        return NoPreferences()
    learning = build_learning(config, env, store)
    part = wanted.questioner
    seeded = {"seed": config.schedule.seed, "period_s": dt, **part.options}
    questioner = QUESTIONERS.build(part.name, learning.scale, options=seeded)
    simulated = _Simulated(config, learning, dt)
    simulated.check()
    preferences = Preferences(
        learning,
        folder / REWARDS,
        annotator_for=annotator_for or simulated.annotator_for,
        questioner=questioner,
        questions=wanted.questions - policy_questions(config),
        segment_s=wanted.segment_s,
        guidance=wanted.guidance,
        dt=dt,
    )
    if wanted.moments:
        preferences.moments = _moments(config, learning, store)
        preferences.adviser = PilotAdviser.of(env) if annotator_for is None else None
    return preferences


def policy_questions(config: RunConfig) -> int:
    """Return how many of a break's questions are kept for an old and a new policy.

    Only where policies are trained on the reward: others are judged by how they drive.
    """
    follows = getattr(LEARNERS.get(config.learner.name), "wants_reward", False)
    return min(POLICY_QUESTIONS, config.preferences.questions // 2) if follows else 0


def _moments(config: RunConfig, learning: RewardLearning, store: SessionStore) -> Moments:
    """Return what asks what is right at single moments.

    Raises:
        UsageError: If the learner learns nothing from them.
    """
    if getattr(LEARNERS.get(config.learner.name), "wants_reward", False):
        raise UsageError(
            f"the learner {config.learner.name} learns from what was driven, not from "
            "answers at single moments; set preferences.moments to 0, or take another "
            "learner"
        )
    return Moments(Journal(store), learning.replays, count=config.preferences.moments)


def build_learning(config: RunConfig, env: Any, store: SessionStore) -> RewardLearning:
    """Return what learns a reward from everything that is said in a session.

    Raises:
        UsageError: If the environment has no reward features.
    """
    features = extra(env, "reward_features", {})
    note_features(env, store)
    if not features:
        raise UsageError(
            f"{config.env.id} has no reward features to ask about: give it an attribute "
            "reward_features and info['features'], or set preferences.questions and "
            "preferences.moments to 0"
        )
    return RewardLearning(
        features,
        Journal(store),
        Replays(config.env.id),
        dt=control_period_s(env),
        seed=config.schedule.seed,
    )


def note_features(env: Any, store: SessionStore) -> None:
    """Keep with a session what its features are called; refuse those of another kind.

    Raises:
        ArtifactError: If steps were recorded with other features.
    """
    names = list(extra(env, "reward_features", {}))
    known = store.value(FEATURES_KEY)
    if known is None:
        store.set_value(FEATURES_KEY, names)
        store.flush()
    elif known != names:
        raise ArtifactError(
            f"{store.path}: recorded with the reward features "
            f"{', '.join(known) or 'none'}, but the environment has "
            f"{', '.join(names) or 'none'} now: their numbers mean something else; start "
            "a new session"
        )


class _Simulated:
    """Makes the configured simulated annotator once there is something to go by."""

    def __init__(self, config: RunConfig, learning: RewardLearning, dt: float) -> None:
        part = config.preferences.annotator
        self._name = USUAL_ANNOTATOR if part.name == "auto" else part.name
        shipped = dict(zip(learning.scale.names, learning.shipped.mean, strict=True))
        defaults = {"weights": shipped, "seed": config.schedule.seed, "period_s": dt}
        self._options = {**defaults, **part.options}
        self._scale, self._dt = learning.scale, dt
        self._segment_s = config.preferences.segment_s
        self._built: Annotator | None = None

    def check(self) -> None:
        """Make sure that there is such an annotator.

        Raises:
            UsageError: If there is none.
        """
        ANNOTATORS.get(self._name)

    def annotator_for(self, episodes: Sequence[Episode]) -> Annotator:
        """Return the annotator, always the same.

        Args:
            episodes: The session's; the first with features tells how far apart segments
                usually are, so that a resumed session has the same annotator.
        """
        if self._built is not None:
            return self._built
        length_s = min(self._segment_s, 1.0)
        each = (segments_of([e], self._dt, length_s=length_s) for e in episodes)
        reference = next(filter(None, each), [])
        self._built = ANNOTATORS.build(
            self._name, self._scale, reference, options=self._options
        )
        return self._built
