"""Answers about as noisily as people were measured to."""

from __future__ import annotations

from typing import ClassVar

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import Habits

MEASURED = Habits(
    sharpness=1.9,
    lapse=0.15,
    equal_within=0.15,
    equal_share=0.8,
    cant_tell=0.03,
    side_bias=0.1,
)
"""Gives 13 % ties and 76 % agreement on random pairs that are decided, as the published
labels of Uni-RLHF (58,000 by people, 29 tasks) have on tasks where people understood what
was wanted."""


@ANNOTATORS.register("human_like")
class HumanLike(SimulatedAnnotator):
    """Is unsure about small differences, and sometimes not attentive."""

    preset: ClassVar[Habits] = MEASURED
