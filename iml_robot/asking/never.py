"""Never asks: the operator alone decides when to take over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iml_robot.asking import ASKERS
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Ask, Episode, FloatArray, Step

NOTHING = Ask()


@ASKERS.register("never")
class Never:
    """Leaves it all to the operator.

    Args:
        layout: Meaning of the parts of an observation; not used.
        dt: Control period [s]; not used.
    """

    def __init__(self, layout: Any = None, dt: float = 0.0) -> None:
        del layout, dt

    def prepare(self, policy_file: Path, episodes: Sequence[Episode]) -> None:
        """Do nothing."""

    def reset(self, *, seed: int) -> None:
        """Do nothing."""

    def consider(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Ask:
        """Return that nothing is asked."""
        return NOTHING
