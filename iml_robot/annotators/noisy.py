"""Errs the more often, the less two segments differ."""

from __future__ import annotations

from typing import ClassVar

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import Habits


@ANNOTATORS.register("noisy")
class Noisy(SimulatedAnnotator):
    """Prefers with the probability of the Bradley-Terry model."""

    preset: ClassVar[Habits] = Habits(sharpness=2.0)
