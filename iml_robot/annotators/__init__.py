"""Who answers which of two segments is better; one annotator a file.

Simulated annotators are built with the scale of the reward features and segments to go by:
`ANNOTATORS.build(name, scale, reference, options={"weights": ..., "seed": ...})`.
"""

from iml_robot.core.interfaces import Annotator
from iml_robot.core.registry import Registry

ANNOTATORS: Registry[Annotator] = Registry("annotator", "iml_robot.annotators")
