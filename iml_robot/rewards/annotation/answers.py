"""Answers to questions, and those among them that nobody would have expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from iml_robot.core.feedback import INFORMATIVE_ANSWERS, Reply
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Comparison
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.scale import FeatureScale

SURPRISING = 0.05
"""Answers less likely than this are worth asking again (section 5.7 of the study)."""


def difference_of(reply: Reply, scale: FeatureScale) -> Array:
    """Return mean standardised features, left minus right, shape (d,).

    Raises:
        UsageError: If the segments are empty, or not of the scale's environment.
    """
    question = reply.question
    left, right = (scale.summary(s.features) for s in (question.left, question.right))
    return np.asarray(left - right)


def comparisons_of(replies: Sequence[Reply], scale: FeatureScale) -> list[Comparison]:
    """Return what answers say; "can't tell" and skips say nothing and are left out.

    Args:
        replies: Answers; the number of the question is the number of the event.
        scale: Of the environment.

    Raises:
        UsageError: If segments are empty, or not of the scale's environment.
    """
    return [
        Comparison(
            difference_of(reply, scale),
            reply.answer,
            much=reply.much,
            annotator=reply.annotator,
            event=reply.question.question_id,
        )
        for reply in replies
        if reply.answer.informative
    ]


def surprising(
    replies: Sequence[Reply], model: RewardModel, *, below: float = SURPRISING
) -> list[Reply]:
    """Return the answers that somebody who looked would hardly have given.

    They may be slips, or say something that no feature says: ask again, delete nothing.

    Args:
        replies: Answers.
        model: The reward that was learned from them.
        below: Probability below which an answer surprises. It is that of a person without
            lapses, because with lapses nothing would be less likely than a third of them.
    """
    told = [reply for reply in replies if reply.answer.informative]
    if not told:
        return []
    attentive = replace(model, noise=replace(model.noise, lapse=0.0))
    likely = attentive.answer_probabilities([difference_of(r, model.scale) for r in told])
    return [
        reply
        for reply, row in zip(told, likely, strict=True)
        if row[INFORMATIVE_ANSWERS.index(reply.answer)] < below
    ]
