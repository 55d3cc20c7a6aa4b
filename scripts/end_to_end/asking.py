"""Asks about what was driven, and fits the reward to the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from end_to_end.tasks import Study, segments_of
from iml_robot.core.feedback import Reply, Segment
from iml_robot.learners.reinforcement.rollouts import Drive
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.annotation.answers import comparisons_of
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_posterior
from iml_robot.rewards.refit import due, refit_noise


class Asking:
    """Asks, and fits the reward to the answers.

    Args:
        study: What is driven, and who answers.
        flat: Whether nothing is known before the first answer, not even what the
            environment ships with.
    """

    def __init__(self, study: Study, *, flat: bool = False) -> None:
        self._study, self._scale = study, study.traits.scale
        shipped = Prior.of(study.traits.reward_features)
        self.prior = replace(shipped, mean=0 * shipped.mean) if flat else shipped
        self.annotator = study.annotator()
        self._questioner = QUESTIONERS.build(
            "information", self._scale, options={"seed": study.seed}
        )
        self.segments: list[Segment] = []
        self._noise, self._refitted = Noise(), 0
        self.replies: list[Reply] = []
        self.version = 0

    def learned(self) -> RewardModel:
        """Fit the reward to everything that was said."""
        evidence = Evidence(tuple(comparisons_of(self.replies, self._scale)))
        name = self._study.annotator_name
        if due(len(self.replies), self._refitted):
            self._refitted = len(self.replies)
            self._noise = refit_noise(evidence, self.prior, Noise(), annotator=name)
        known = {name: self._noise}
        posterior = fit_posterior(evidence, self.prior, Noise(), annotators=known)
        return RewardModel(self._scale, posterior, self._noise, self.version)

    def ask(self, drives: Sequence[Drive], count: int) -> RewardModel:
        """Ask about drives and those before; return what is known now."""
        first = 1 + max((s.episode_id for s in self.segments), default=-1)
        self.segments += segments_of(drives, first)
        self._questioner.offer(Pool.of_segments(self.segments))
        model = self.learned()
        for _ in range(count):
            question = self._questioner.propose(model.posterior, self._noise)
            if question is None:
                break
            reply = self.annotator.answer(question)
            assert isinstance(reply, Reply)
            self._questioner.hear(reply)
            self.replies.append(reply)
            model = self.learned()
        self.version += 1
        return replace(model, version=self.version)
