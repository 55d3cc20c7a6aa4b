"""Names the wrong segment now and then, however clear it is."""

from __future__ import annotations

from typing import ClassVar

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import Habits


@ANNOTATORS.register("mistake")
class Mistake(SimulatedAnnotator):
    """Says the opposite of what is right in a tenth of the answers."""

    preset: ClassVar[Habits] = Habits(mistakes=0.1)
