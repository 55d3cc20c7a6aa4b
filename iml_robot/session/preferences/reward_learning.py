"""The reward that people's answers, corrections, presses and edits speak for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Question, Reply, WeightEdit
from iml_robot.core.interfaces import Policy
from iml_robot.core.registry import did_you_mean
from iml_robot.core.types import Episode
from iml_robot.rewards.annotation.answers import comparisons_of, surprising
from iml_robot.rewards.annotation.ratings import rating_comparisons
from iml_robot.rewards.annotation.takeovers import alarms_of, correction_comparisons
from iml_robot.rewards.conflicts import Conflict, conflicts
from iml_robot.rewards.evidence import Alarm, Comparison, Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.refit import due, refit_noise
from iml_robot.rewards.relevance import Relevance, weigh_corrections
from iml_robot.rewards.scale import FeatureScale
from iml_robot.robots.replays import Replays
from iml_robot.session.preferences.counterfactuals import Counterfactual, counterfactuals_of
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.soundness import is_sound


@dataclass(frozen=True)
class Learned:
    """What is known about the reward, and what is odd about it.

    Attributes:
        model: The reward.
        unedited: The posterior without edits.
        conflicts: Edits that everything else speaks against.
        surprising: Answers that nobody would have expected; they are asked again.
        relevance: Takeovers, and whether the features explain them.
    """

    model: RewardModel
    unedited: Posterior
    conflicts: Sequence[Conflict] = ()
    surprising: Sequence[Reply] = ()
    relevance: Sequence[Relevance] = ()


class RewardLearning:
    """Keeps what people said and fits the reward to all of it.

    Args:
        features: `reward_features` of the environment.
        journal: Where everything is kept.
        replays: Simulators, to see what would have followed without a takeover.
        dt: Control period [s].
        seed: Root of all randomness.

    Attributes:
        scale: Names of the features, and how they vary.
        shipped: Weights before anybody said anything.
        learned: What is known now.
        replays: Simulators.
        seed: Root of all randomness.
    """

    def __init__(
        self,
        features: Mapping[str, Mapping[str, Any]],
        journal: Journal,
        replays: Replays,
        *,
        dt: float,
        seed: int,
    ) -> None:
        self.scale = FeatureScale.of(features)
        self.shipped = Prior.of(features)
        self.replays = replays
        self._journal, self._dt, self.seed = journal, dt, seed
        self._noise: dict[str, Noise] = {}
        self._refitted: dict[str, int] = {}
        self._replies: dict[int, Reply] = {}
        self._edits: list[WeightEdit] = []
        self._recorded = Evidence()
        self._counterfactuals: list[Counterfactual] = []
        self._corrections: Sequence[Comparison] = ()
        self._everything, self._unsettled = Evidence(), False
        self._version = 0
        self.learned = self._learned(self._posterior(self._everything), ())

    @property
    def model(self) -> RewardModel:
        """The reward as it is known now."""
        return self.learned.model

    @property
    def replies(self) -> list[Reply]:
        """The answers that count, in the order of their questions."""
        return list(self._replies.values())

    @property
    def edits(self) -> Sequence[WeightEdit]:
        """The edits that hold: the last one of each feature, if it says something."""
        last = {edit.feature: edit for edit in self._edits}
        return tuple(e for e in last.values() if e != WeightEdit(e.feature))

    def noise_of(self, annotator: str) -> Noise:
        """Return how somebody errs."""
        return self._noise.get(annotator, Noise())

    def watch(self, episode: Episode, policy: Policy) -> None:
        """Look at what would have followed without the takeovers of an episode.

        Args:
            episode: It has just ended.
            policy: Who drove where the operator did not.
        """
        for found in counterfactuals_of(
            episode, policy, self.replays, dt=self._dt, seed=self.seed
        ):
            self._counterfactuals.append(found)
            self._journal.put_counterfactual(found)

    def resume(self, episodes: Sequence[Episode]) -> None:
        """Take up what an earlier part of the session said."""
        for reply in self._journal.replies(episodes):
            self._replies[reply.question.question_id] = reply
        self._edits = self._journal.edits()
        self._counterfactuals = self._journal.counterfactuals()
        for name, (noise, count) in self._journal.noise().items():
            self._noise[name], self._refitted[name] = noise, count
        self.take_in(episodes)

    def take_in(self, episodes: Sequence[Episode]) -> None:
        """Read what the recorded episodes say, and fit the reward anew.

        Args:
            episodes: Every usable episode, the newest last.
        """
        known = {episode.info.episode_id: episode for episode in episodes}
        found = [c for c in self._counterfactuals if c.episode_id in known]
        self._corrections = [
            comparison
            for event, one in enumerate(found)
            for comparison in correction_comparisons(
                [one.driven], [[rival] for rival in one.rivals], self.scale, event=event
            )
        ]
        ratings: list[Comparison] = []
        alarms: list[Alarm] = []
        for episode in episodes:
            if not is_sound(episode):
                continue
            ratings += rating_comparisons(episode, self.scale, dt=self._dt)
            number = episode.info.episode_id
            predicted = {c.start: [c.predicted] for c in found if c.episode_id == number}
            alarms += alarms_of(episode, self.scale, dt=self._dt, predicted=predicted)
        self._recorded = Evidence(tuple(ratings), (), tuple(alarms))
        self.update()

    def hear(self, reply: Reply) -> None:
        """Take in an answer, or another one to the same question, and fit anew."""
        number = reply.question.question_id
        if number in self._replies:
            self._journal.take_back(number)
        self._replies[number] = reply
        self._journal.put_reply(reply)
        self.update()

    def take_back(self, question: Question) -> None:
        """Forget the answer to a question, and fit anew."""
        if self._replies.pop(question.question_id, None) is not None:
            self._journal.take_back(question.question_id)
            self.update()

    def edit(self, edits: Sequence[WeightEdit]) -> None:
        """Make these the edits that hold, and fit anew if that changes anything.

        Args:
            edits: At most one of each feature; edits of others are taken back.

        Raises:
            UsageError: If there is no such feature.
        """
        wanted = {edit.feature: edit for edit in edits}
        for name in wanted:
            if name not in self.scale.names:
                raise UsageError(
                    f"there is no reward feature {name!r}"
                    f"{did_you_mean(name, self.scale.names)}"
                )
        held = {edit.feature: edit for edit in self.edits}
        changed = [e for name, e in wanted.items() if held.get(name) != e]
        changed += [WeightEdit(name) for name in held if name not in wanted]
        for edit in changed:
            self._edits.append(edit)
            self._journal.put_edit(edit)
        if changed and self._unsettled:
            self.update()
        elif changed:
            # What everything else says has not changed.
            self._version += 1
            self.learned = self._learned(self.learned.unedited, self.learned.relevance)

    def conflicts_of(self, edits: Sequence[WeightEdit]) -> list[Conflict]:
        """Return which of some edits everything else speaks against."""
        return conflicts(edits, self.learned.unedited)

    def update(self) -> None:
        """Fit the reward to everything that was said."""
        answers = Evidence(tuple(comparisons_of(self.replies, self.scale)))
        said = self._recorded + answers
        weighed, relevance = self._weighed(said)
        self._everything = said + Evidence(tuple(weighed))
        before = dict(self._noise)
        self._learn_noise(self._everything)
        # Then corrections were weighed by what is known better now.
        self._unsettled = bool(weighed) and self._noise != before
        self._version += 1
        self.learned = self._learned(self._posterior(self._everything), relevance)

    def _weighed(self, said: Evidence) -> tuple[list[Comparison], list[Relevance]]:
        """Return what corrections say, given everything else that was said."""
        if not self._corrections:
            return [], []
        rng, without = np.random.default_rng(self.seed), self._posterior(said)
        return weigh_corrections(self._corrections, without, Noise(), rng)

    def _learn_noise(self, evidence: Evidence) -> None:
        for name in {reply.annotator for reply in self.replies}:
            count = sum(reply.annotator == name for reply in self.replies)
            if due(count, self._refitted.get(name, 0)):
                self._refitted[name] = count
                self._noise[name] = refit_noise(
                    evidence, self.shipped, Noise(), annotator=name, annotators=self._noise
                )
                self._journal.put_noise(name, self._noise[name], replies=count)

    def _posterior(
        self, evidence: Evidence, unedited: Posterior | None = None
    ) -> Posterior:
        return fit_posterior(
            evidence, self.shipped, Noise(), annotators=self._noise, unedited=unedited
        )

    def _learned(self, unedited: Posterior, relevance: Sequence[Relevance]) -> Learned:
        """Return what is known with the edits that hold.

        Args:
            unedited: The posterior by everything else.
            relevance: Takeovers, and whether the features explain them.
        """
        posterior = unedited
        if self.edits:
            edited = self._everything + Evidence(edits=tuple(self.edits))
            posterior = self._posterior(edited, unedited)
        model = RewardModel(self.scale, posterior, Noise(), self._version)
        odd, apart = surprising(self.replies, model), conflicts(self.edits, unedited)
        return Learned(model, unedited, apart, odd, relevance)
