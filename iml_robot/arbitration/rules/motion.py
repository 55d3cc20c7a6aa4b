"""Actions on their way to the robot: valid, without jumps, handed over smoothly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from iml_robot.core.types import FloatArray


def usable(action: Any, act_dim: int) -> FloatArray | None:
    """Return an action clipped to [-1, 1]; None if it is no finite vector of its size."""
    try:
        values = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if values.shape != (act_dim,) or not np.isfinite(values).all():
        return None
    return np.clip(values, -1.0, 1.0).astype(np.float32)


def blend_weight(time_s: float, duration_s: float) -> float:
    """Return the operator's share after some time of a hand-over, from 1 down to 0.

    The cosine starts and ends without a kink.
    """
    share = min(max(time_s / duration_s, 0.0), 1.0) if duration_s > 0 else 1.0
    return 0.5 * (1.0 + math.cos(math.pi * share))


class SlewLimit:
    """Lets the applied action follow a command without a jump, until it caught up.

    Args:
        rate_per_s: Greatest change of each part of the action [1/s].
    """

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._limiting = False

    def begin(self) -> None:
        """Limit from now on until the action has reached the command once."""
        self._limiting = True

    def follow(
        self, last: FloatArray | None, command: FloatArray, elapsed_s: float
    ) -> FloatArray:
        """Return the action to apply.

        Args:
            last: Action of the step before, shape (act_dim,); None: there was none.
            command: What is wanted, shape (act_dim,).
            elapsed_s: Time since the step before [s].
        """
        if last is None or not self._limiting:
            self._limiting = False
            return command
        reach = self._rate_per_s * elapsed_s
        applied = np.asarray(
            last + np.clip(command - last, -reach, reach), dtype=np.float32
        )
        self._limiting = bool(np.abs(applied - command).max() > 1e-6)
        return applied if self._limiting else command
