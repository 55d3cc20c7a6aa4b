"""Episodes with features, and sessions of questions about them."""

import numpy as np

from iml_robot.core.feedback import Answer, Reply
from iml_robot.core.types import Episode, EpisodeInfo, Source
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior
from iml_robot.rewards.scale import FeatureScale

NAMES = ("progress", "tilt", "slip", "effort")
SCALE = FeatureScale(NAMES, np.zeros(4), np.ones(4))
PERIOD_S = 0.05
NOISE = Noise()


def episode(number, *, steps=400, corrected=None, features=4, index=None, level=0):
    """Return an episode whose features are noise round a mean of each 2 s."""
    rng = np.random.default_rng(number)
    means = np.repeat(rng.normal(0, 1, (steps // 40 + 1, features)), 40, axis=0)[:steps]
    rows = (means + rng.normal(0, 0.3, (steps, features))).astype(np.float32)
    sources = np.full(steps, Source.POLICY, np.int8)
    if corrected is not None:
        sources[corrected] = Source.OPERATOR
    options = {"level": level, "index": number if index is None else index}
    blank = np.zeros((steps, 2), np.float32)
    return Episode(
        EpisodeInfo(number, "practice", "Nowhere-v0", number, options),
        np.zeros((steps + 1, 3), np.float32),
        blank,
        np.full((steps, 2), np.nan, np.float32),
        blank,
        sources,
        np.zeros(steps, np.float32),
        np.zeros(steps, np.float32),
        np.full(steps, np.nan, np.float32),
        features=rows,
    )


def episodes(count=30):
    """Return episodes; the operator drove part of every fourth."""
    return [
        episode(i, corrected=slice(80, 160) if i % 4 == 0 else None) for i in range(count)
    ]


def key(segment):
    return segment.episode_id, segment.start, segment.stop


def told(questions):
    """Return what tells questions apart, as arrays cannot be compared."""
    return [
        (q.question_id, key(q.left), key(q.right), q.purpose, q.repeats) for q in questions
    ]


def wide():
    """Return a posterior that knows next to nothing."""
    return Posterior(NAMES, np.array([0.3, -0.2, -0.1, 0.0]), np.eye(4))


def sure():
    """Return a posterior that knows the weights well."""
    return Posterior(NAMES, np.array([3.0, -2.0, -1.0, 0.5]), 1e-4 * np.eye(4))


def build(name="information", **options):
    if name != "random":
        # Fewer candidates than usual, to save time.
        options = {"candidates": 100, **options}
    return QUESTIONERS.build(name, SCALE, options={"period_s": PERIOD_S, **options})


def session(questioner, *, count=100, posterior=None, noise=NOISE, said=None, offered=None):
    """Return the questions of a session in which left is always better."""
    if offered is None:
        offered = Pool.of_episodes(episodes(), PERIOD_S)
    questioner.offer(offered)
    asked = []
    for _ in range(count):
        question = questioner.propose(posterior or wide(), noise)
        if question is None:
            break
        asked.append(question)
        answer = Answer.LEFT if said is None else said(question)
        questioner.hear(Reply(question, answer))
    return asked
