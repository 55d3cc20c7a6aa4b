"""An environment that kills its process; for evaluations that must survive it."""

import os

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box


class Deadly(gym.Env):
    observation_space = Box(-4.0, 4.0, (6,), np.float32)
    action_space = Box(-1.0, 1.0, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        os._exit(9)


gym.register("Deadly-v0", entry_point=Deadly)
