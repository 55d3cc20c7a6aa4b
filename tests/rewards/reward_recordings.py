"""Replies and episodes with known features."""

import numpy as np

from iml_robot.core.feedback import Purpose, Question, Reply, Segment
from iml_robot.core.types import Episode, EpisodeInfo, Source
from iml_robot.rewards.scale import FeatureScale

UNIT = FeatureScale(("a", "b"), np.zeros(2), np.ones(2))


def segment(*mean, steps=4):
    """Return a segment whose features are the same at each step."""
    return Segment(0, 0, np.tile(np.array(mean, np.float32), (steps, 1)))


def reply(number, left, right, answer, *, repeats=None, **said):
    """Return the answer to a question about two segments, given by their means."""
    purpose = Purpose.INFORMATIVE if repeats is None else Purpose.MIRRORED
    question = Question(number, segment(*left), segment(*right), purpose, repeats)
    return Reply(question, answer, **said)


def episode(features, *, driven=(), presses=None):
    """Return an episode with features (T, d); `driven` are slices of the operator's."""
    steps = len(features)
    sources = np.full(steps, Source.POLICY)
    for part in driven:
        sources[part] = Source.OPERATOR
    evaluations = np.full(steps, np.nan, np.float32)
    for step, value in (presses or {}).items():
        evaluations[step] = value
    actions = np.zeros((steps, 2), np.float32)
    return Episode(
        EpisodeInfo(0, "practice", "none", 0),
        np.zeros((steps + 1, 3), np.float32),
        actions,
        actions,
        actions,
        sources,
        np.zeros(steps, np.float32),
        np.zeros(steps, np.float32),
        evaluations,
        features=np.asarray(features, np.float32),
    )
