"""Environments of somebody else, each with something that this program cannot use."""

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete


class Fine(gym.Env):
    metadata = {"render_modes": ["rgb_array"], "render_fps": 25}  # noqa: RUF012
    observation_space = Box(-np.inf, np.inf, (3,), np.float64)
    action_space = Box(np.float32([-2, 0]), np.float32([2, 1]))

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.received = []

    def reset(self, *, seed=None, options=None):
        return np.zeros(3), {}

    def step(self, action):
        self.received.append(np.array(action))
        return np.zeros(3), 0.0, False, False, {}


class Blind(Fine):
    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012


class Buttons(Fine):
    action_space = Discrete(3)


class Endless(Fine):
    action_space = Box(-np.inf, np.inf, (2,), np.float32)


class Named(Fine):
    observation_space = Dict({"speed": Box(-1, 1, (1,))})


class Camera(Fine):
    observation_space = Box(0, 255, (8, 8, 3), np.uint8)


class Broken(Fine):
    def __init__(self, render_mode=None):
        raise OSError("no port /dev/ttyUSB0")


class Featured(Fine):
    """Tells features of a reward, but not before the first step."""

    reward_features = {  # noqa: RUF012
        name: {"meaning": name, "unit": "", "mean": 0.0, "std": 1.0, "weight": 1.0}
        for name in ("left", "right")
    }

    def step(self, action):
        return np.zeros(3), 0.0, False, False, {"features": [action[0], 0.5]}


for kind in (Fine, Featured, Blind, Buttons, Endless, Named, Camera, Broken):
    gym.register(f"Foreign{kind.__name__}-v0", entry_point=kind)
