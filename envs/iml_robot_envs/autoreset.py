"""When the robots of a batch begin anew, on Gymnasium 0.29 too."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import gymnasium as gym

HAS_MODES = hasattr(gym.vector, "AutoresetMode")
"""False on Gymnasium 0.29, whose batches always begin anew in the same step."""

if TYPE_CHECKING or not HAS_MODES:

    class AutoresetMode(enum.Enum):
        """The modes of Gymnasium 1.x, by the names that it gives them."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"
else:
    AutoresetMode = gym.vector.AutoresetMode

FINAL_OBSERVATION = "final_obs" if HAS_MODES else "final_observation"
"""Key in `info` of the last observation of an episode, in mode SAME_STEP."""


def chosen_mode(mode: AutoresetMode | str | None) -> AutoresetMode:
    """Return a mode given as itself, by name or not at all.

    Args:
        mode: None for what the installed Gymnasium's own batches do by default.

    Raises:
        ValueError: If there is no such mode.
    """
    if mode is None:
        return AutoresetMode.NEXT_STEP if HAS_MODES else AutoresetMode.SAME_STEP
    try:
        return AutoresetMode(mode)
    except ValueError:
        allowed = ", ".join(known.value for known in AutoresetMode)
        raise ValueError(
            f"autoreset_mode must be None or one of {allowed}, got {mode!r}"
        ) from None
