"""Asks all the time: the operator is to drive whenever they can."""

from __future__ import annotations

from iml_robot.asking import ASKERS
from iml_robot.asking.turns.gated import Gated, Judgement
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import FloatArray, Step


@ASKERS.register("always")
class Always(Gated):
    """Asks at every step that nobody drives; a baseline.

    Args:
        layout: Meaning of the parts of an observation; not used.
        dt: Control period [s].
    """

    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return that there is a reason to ask."""
        return Judgement(wants=True, calm=False)
