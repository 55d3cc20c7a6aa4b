"""Answers about as noisily as people were measured to."""

from __future__ import annotations

from typing import ClassVar

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import MEASURED, Habits


@ANNOTATORS.register("human_like")
class HumanLike(SimulatedAnnotator):
    """Is unsure about small differences, and sometimes not attentive."""

    preset: ClassVar[Habits] = MEASURED
