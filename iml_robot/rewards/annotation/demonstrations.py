"""Demonstrations become choices among ways to drive on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from iml_robot.rewards.evidence import Choice
from iml_robot.rewards.scale import FeatureScale

RIVALS = 8
"""So many other ways are worth their simulation (section 5.4 of the study)."""


def choice_of(
    driven: npt.ArrayLike,
    rivals: Sequence[npt.ArrayLike],
    scale: FeatureScale,
    *,
    event: int = 0,
) -> Choice:
    """Return that the operator chose one way to drive on from a state.

    Args:
        driven: Features of the operator's steps, shape (T, d).
        rivals: Features of what the policy, or the operator with noise on the actions,
            would have driven from the same state, each (T', d).
        scale: Of the environment.
        event: Number of the demonstration in the session.

    Raises:
        UsageError: If something has no steps, or is not of the scale's environment.
    """
    others = [scale.summary(rival) for rival in rivals]
    shaped = np.array(others).reshape(len(others), len(scale))
    return Choice(scale.summary(driven), shaped, event=event)
