"""Asks at random: what asking is worth without any idea of when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iml_robot.asking import ASKERS
from iml_robot.asking.turns.gated import Gated, Judgement
from iml_robot.core.interfaces import Policy
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import FloatArray, Step

WISH_S = 2.0
"""Without an answer it asks for so long [s]."""


@ASKERS.register("random")
class Random(Gated):
    """Asks now and then for no reason; a baseline.

    Args:
        layout: Meaning of the parts of an observation; not used.
        dt: Control period [s].
        per_min: Wishes to ask a minute, on average.

    Raises:
        ValueError: If the number is negative.
    """

    def __init__(
        self, layout: Mapping[str, Any], dt: float, *, per_min: float = 2.0
    ) -> None:
        super().__init__(layout, dt)
        if not per_min >= 0:
            raise ValueError(f"per_min must be 0 or more, got {per_min}")
        self._chance = per_min / 60 * dt
        self._steps = round(WISH_S / dt)
        self.reset(seed=0)

    def reset(self, *, seed: int) -> None:
        """Draw another episode's wishes."""
        super().reset(seed=seed)
        self._rng = named_stream(seed, "random asker")
        self._left = 0

    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return whether it is in the mood."""
        if self._rng.random() < self._chance:
            self._left = self._steps
        wants = self._left > 0
        self._left -= wants
        return Judgement(wants=wants, calm=not wants)
