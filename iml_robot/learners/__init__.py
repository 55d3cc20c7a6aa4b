"""From episodes to a better policy; one learner a file.

Learners are built with what they start from:
`LEARNERS.build(name, spaces, start, seed, options={...})`.
"""

from iml_robot.core.interfaces import Learner
from iml_robot.core.registry import Registry

LEARNERS: Registry[Learner] = Registry("learner", "iml_robot.learners")
