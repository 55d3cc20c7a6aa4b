"""What a correction changes at once, before the policy has learned from it."""

from iml_robot.core.interfaces import Adaptation
from iml_robot.core.registry import Registry

ADAPTATIONS: Registry[Adaptation] = Registry("adaptation", "iml_robot.adaptation")
