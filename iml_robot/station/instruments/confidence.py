"""How sure the policy is, from whatever is known about it."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

from iml_robot.core.types import Ask
from iml_robot.station.palette import Colour, Theme
from iml_robot.station.status import SessionStatus


class Level(enum.Enum):
    """How sure, as far as paths and words tell apart."""

    SURE = "sure"
    UNSURE = "unsure"
    LOST = "wants help"


_USUAL_LIMIT = {"p_help": 0.5, "doubt": 0.3}
"""Doubt that counts as much where the robot does not say when it asks. As a standard
deviation of actions in [-1, 1], 0.3 means that members of the ensemble that steer half
left and straight on are both common."""
_FULL_SCALE = {"p_help": 1.0, "doubt": 0.6}
"""Doubt that empties the bar."""
_CALM = 0.5
"""Share of the limit below which the policy counts as sure."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure the policy is of its action.

    Attributes:
        share: From 0 (not at all) to 1 (quite), for a bar.
        limit: The share below which the robot asks; None: nobody knows.
        level: The same in words.
        probable: Whether `share` is the probability that no help is needed soon; else it
            is how much the members of an ensemble agree.
    """

    share: float
    limit: float | None
    level: Level
    probable: bool


def confidence_of(ask: Ask, status: SessionStatus) -> Confidence | None:
    """Return how sure the policy is; None where nothing tells.

    The calibrated probability counts where there is one, else the disagreement of the
    ensemble.

    Args:
        ask: What the asker said at this step.
        status: What the session says.
    """
    kind, doubt = "p_help", ask.p_help
    if not math.isfinite(doubt):
        kind = "doubt"
        doubt = math.nan if status.doubt is None else status.doubt
    if not math.isfinite(doubt):
        return None
    limit = status.ask_threshold
    compared = limit or _USUAL_LIMIT[kind]
    level = Level.UNSURE if doubt >= _CALM * compared else Level.SURE
    if ask.asking or doubt >= compared:
        level = Level.LOST
    full = _FULL_SCALE[kind]
    return Confidence(
        _share(doubt, full),
        None if limit is None else _share(limit, full),
        level,
        probable=kind == "p_help",
    )


def colour_of(level: Level | None, theme: Theme) -> Colour:
    """Return the colour of a level; that of the policy where nothing is known."""
    if level is Level.UNSURE:
        return theme.warning
    return theme.alarm if level is Level.LOST else theme.policy


def _share(doubt: float, full: float) -> float:
    return 1.0 - min(1.0, max(0.0, doubt / full))
