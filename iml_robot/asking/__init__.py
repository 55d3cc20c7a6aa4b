"""When the robot asks for help; one way of deciding a file.

Askers are built with the layout of the observation and the control period:
`ASKERS.build(name, layout, dt, options={...})`.
"""

from iml_robot.core.interfaces import Asker
from iml_robot.core.registry import Registry

ASKERS: Registry[Asker] = Registry("asker", "iml_robot.asking")
