"""Which question to ask people next; one way of choosing a file.

Questioners are built with the scale of the reward features:
`QUESTIONERS.build(name, scale, options={...})`.
"""

from iml_robot.core.registry import Registry
from iml_robot.questioning.choice.questioner import Questioner

QUESTIONERS: Registry[Questioner] = Registry("questioner", "iml_robot.questioning")
