"""Who drives and corrects; one operator a file.

Operators are built with the environment: `OPERATORS.build(name, env, options={...})`.
"""

from iml_robot.core.interfaces import Operator
from iml_robot.core.registry import Registry

OPERATORS: Registry[Operator] = Registry("operator", "iml_robot.operators")
