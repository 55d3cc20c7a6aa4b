"""Environments of somebody else, each with something that this program cannot use."""

import pickle

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, Sequence, Tuple


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
    observation_space = Dict({"speed": Box(-1, 1, (2, 1)), "gear": Discrete(3)})

    def reset(self, *, seed=None, options=None):
        return self._seen(), {}

    def step(self, action):
        return self._seen(), 0.0, False, False, {}

    def _seen(self):
        return {"speed": np.float32([[0.5], [-0.5]]), "gear": 2}


class Switches(Fine):
    action_space = MultiBinary(3)


class Whole(Fine):
    action_space = Box(0, 10, (2,), np.int64)


class Filmed(Fine):
    observation_space = Tuple((Box(-1, 1, (1,)), Box(0, 255, (8, 8, 3), np.uint8)))


class Talking(Fine):
    observation_space = Sequence(Box(-1, 1, (1,)))


class Vast(Fine):
    observation_space = Box(-1, 1, (50, 100))


class Press(Fine):
    """Has numbered actions from 5 on, and names for them; keeps what it is told."""

    action_space = Discrete(3, start=5)

    def get_action_meanings(self):
        return ["LEFT", "NOOP", "RIGHT"]

    def step(self, action):
        self.received.append(action)
        return np.zeros(3), 0.0, False, False, {}


class Counter(Fine):
    """Can be put back; sums up what it was told, in parts, with its own bounds."""

    observation_space = Dict({"sum": Box(-np.inf, np.inf, (2,)), "even": Discrete(2)})

    def reset(self, *, seed=None, options=None):
        self.sum, self.steps = np.zeros(2, np.float32), 0
        return self._seen(), {}

    def step(self, action):
        self.sum, self.steps = self.sum + action, self.steps + 1
        return self._seen(), 0.0, False, False, {}

    def get_state(self):
        return pickle.dumps((self.sum, self.steps))

    def set_state(self, state):
        self.sum, self.steps = pickle.loads(state)
        return self._seen(), {}

    def _seen(self):
        return {"sum": self.sum.astype(np.float32), "even": 1 - self.steps % 2}


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


KINDS = (Fine, Featured, Blind, Buttons, Endless, Named, Camera, Broken, Switches, Whole)
KINDS += (Filmed, Talking, Vast, Press, Counter)

for kind in KINDS:
    gym.register(f"Foreign{kind.__name__}-v0", entry_point=kind)
gym.register("ForeignShort-v0", entry_point=Fine, max_episode_steps=3)
