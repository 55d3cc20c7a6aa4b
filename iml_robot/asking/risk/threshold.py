"""From what failures may go unasked to the probability above which to ask."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from iml_robot.asking.fitting.stalls import OUT_OF_TIME, STALL_S
from iml_robot.asking.turns.gate import Gate
from iml_robot.core.types import BoolArray, Episode

Array = npt.NDArray[np.float64]

EARLIEST_S, LATEST_S = 5.0, 0.5
"""An ask belongs to a failure that it precedes by so long at most and at least [s]."""
FINER = 0.8
"""Thresholds that are tried lie so far apart, as a factor."""
LEAST = 0.005
CALM = 0.5
"""An ask ends below this share of the threshold."""
STEP, LOWEST = 0.5, -3.0
"""How far a miss moves the threshold, and how far it may move in all, in log odds."""


def asked_steps(said: Array, threshold: float, dt: float, asks_per_min: float) -> BoolArray:
    """Return at which steps of a drive without help the robot would ask, shape (T,).

    Args:
        said: Probability of needing help soon at each step, shape (T,).
        threshold: Probability above which to ask.
        dt: Control period [s].
        asks_per_min: Most asks within a minute.
    """
    gate = Gate(dt, asks_per_min=asks_per_min)
    wants, calm = said > threshold, said < CALM * threshold
    pairs = zip(wants.tolist(), calm.tolist(), strict=True)
    return np.array([gate.advance(w, c) for w, c in pairs], np.bool_)


def unasked(asked: BoolArray, trouble: int, dt: float) -> bool:
    """Return whether nobody was asked in time in a drive that failed.

    A robot that has come to a standstill may ask as long as its steps count as one: no
    harm is done.

    Args:
        asked: At which steps the robot asked, shape (T,).
        trouble: Step at which it went wrong; T: at the end.
        dt: Control period [s].
    """
    standing = trouble < len(asked)
    last = round(-LATEST_S / dt) if not standing else round(STALL_S / dt)
    first = trouble - round(EARLIEST_S / dt)
    return not asked[max(0, first) : max(0, trouble + last)].any()


def choose_threshold(
    said: Sequence[Array],
    trouble: Sequence[int | None],
    *,
    dt: float,
    cost: float,
    share: float,
    asks_per_min: float,
) -> float:
    """Return the threshold: what help costs, or less if too much would go unasked.

    Conformal risk control: the share of drives that fail unasked, one more than were seen
    to, is at most what is allowed.

    Args:
        said: Probabilities along each drive.
        trouble: Step at which it went wrong; None: it did not fail.
        dt: Control period [s].
        cost: What help costs as a share of what a failure costs.
        share: Largest share of drives that may fail unasked.
        asks_per_min: Most asks within a minute.
    """
    pairs = zip(said, trouble, strict=True)
    failed = [(one, step) for one, step in pairs if step is not None]
    threshold = cost
    while threshold > LEAST:
        missed = sum(
            unasked(asked_steps(one, threshold, dt, asks_per_min), step, dt)
            for one, step in failed
        )
        if (missed + 1) / (len(said) + 1) <= share:
            break
        threshold *= FINER
    return max(threshold, LEAST)


def adapted(
    threshold: float, episodes: Sequence[Episode], *, dt: float, share: float
) -> float:
    """Return the threshold after what happened: lower after failures that were not asked.

    Adaptive conformal inference: a miss lowers it, every other episode lets it rise back,
    so that in the long run the allowed share is missed. It never rises above where it was.

    Args:
        threshold: As it was fitted.
        episodes: Recorded episodes; those in which nobody looked do not count.
        dt: Control period [s].
        share: Largest share of episodes that may fail unasked.
    """
    shift = 0.0
    for episode in episodes:
        if not len(episode) or np.isnan(episode.p_help).all():
            continue
        missed = _failed_alone(episode) and _was_unasked(episode, dt)
        shift = min(0.0, max(LOWEST, shift + STEP * (share - missed)))
    odds = math.log(threshold / (1 - threshold)) + shift
    return 1 / (1 + math.exp(-odds))


def _failed_alone(episode: Episode) -> bool:
    """Return whether an episode failed while nobody but the policy drove."""
    ended = episode.info.outcome in ("success", "interrupted", "ended_by_operator")
    return not ended and not bool(episode.human_controlled[-20:].any())


def _was_unasked(episode: Episode, dt: float) -> bool:
    """Return whether nobody was asked in time in a recorded episode that failed.

    Where the robot came to a standstill is not recorded; if it ran out of time, any ask
    could have helped.
    """
    if episode.info.outcome == OUT_OF_TIME:
        return not episode.asked.any()
    return unasked(episode.asked, len(episode), dt)
