"""Who may move the robot; one arbiter a file.

Arbiters are built with the size of an action: `ARBITERS.build(name, act_dim,
options={...})`.
"""

from iml_robot.core.interfaces import Arbiter
from iml_robot.core.registry import Registry

ARBITERS: Registry[Arbiter] = Registry("arbiter", "iml_robot.arbitration")
