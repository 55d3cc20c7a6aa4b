"""Always names the better segment."""

from __future__ import annotations

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator


@ANNOTATORS.register("oracle")
class Oracle(SimulatedAnnotator):
    """Is never wrong; its arguments are those of every simulated annotator."""
