"""The loop without a person: full speed, nothing shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iml_robot.core.types import EpisodeInfo, Step


class FullSpeedPacer:
    """Waits for nothing; simulated time passes as fast as the machine allows.

    Args:
        period_s: Control period [s], reported as the elapsed time.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s

    def restart(self) -> float:
        """Begin an episode; return the control period [s]."""
        return self._period_s

    def wait(self) -> float:
        """Return the control period [s] at once."""
        return self._period_s

    def late(self) -> bool:
        """Return that nothing is late where nobody waits."""
        return False


class NullView:
    """Shows nothing."""

    def begin(self, start: EpisodeInfo) -> None:
        """Do nothing."""

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Do nothing."""
