"""Environments that kill their process or never end; evaluations must survive them."""

import os
import time
from pathlib import Path

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box


class Deadly(gym.Env):
    observation_space = Box(-4.0, 4.0, (6,), np.float32)
    action_space = Box(-1.0, 1.0, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        os._exit(9)


class Endless(gym.Env):
    """Never ends an episode; touches the file of the option "started" at the first step."""

    observation_space = Box(-4.0, 4.0, (6,), np.float32)
    action_space = Box(-1.0, 1.0, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        self._started = Path(options["started"])
        return np.zeros(6, np.float32), {}

    def step(self, action):
        self._started.touch()
        return np.zeros(6, np.float32), 0.0, False, False, {}


class Hanging(gym.Env):
    """Drives well for a while; then a step on map 30 and above does not come back."""

    observation_space = Box(-4.0, 4.0, (6,), np.float32)
    action_space = Box(-1.0, 1.0, (2,), np.float32)

    def reset(self, *, seed=None, options=None):
        self._hangs, self._left = seed >= 30, 5
        return np.zeros(6, np.float32), {}

    def step(self, action):
        if self._hangs:
            time.sleep(1000)
        self._left -= 1
        return np.zeros(6, np.float32), 1.0, self._left == 0, False, {"success": True}


gym.register("Hanging-v0", entry_point=Hanging)
gym.register("Endless-v0", entry_point=Endless)
gym.register("Deadly-v0", entry_point=Deadly)
