"""CartPole with somebody who can drive it; success is to balance for two seconds."""

import math

import gymnasium as gym
import numpy as np

BALANCED_STEPS = 100


class Pilot:
    """Pushes under the pole, which falls the way it leans and turns."""

    def reset(self, *, seed):
        pass

    def act(self, observation):
        right = self._lean(observation) > 0
        return np.float32([-1, 1] if right else [1, -1])

    def risk(self, observation, action):
        """Say that things go wrong once the pole leans far."""
        return min(1.0, abs(self._lean(observation)) / 0.25)

    def _lean(self, observation):
        place, speed, angle, turn = map(float, observation)
        return angle + 0.5 * turn + 0.05 * place + 0.1 * speed


class Cart(gym.Wrapper):
    """Adds a driver, a control period, and what counts as success."""

    control_dt = 0.02

    def __init__(self, env):
        super().__init__(env)
        self.make_pilot = Pilot

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return self.env.reset(seed=seed)

    def step(self, action):
        assert isinstance(action, int)
        seen, reward, terminated, truncated, info = self.env.step(action)
        self.steps += 1
        leans = abs(float(seen[2])) > math.radians(12)
        balanced = self.steps >= BALANCED_STEPS and not terminated
        info = {**info, "is_success": balanced, "leans": leans}
        return seen, reward, terminated or balanced, truncated, info


def make(render_mode=None):
    return Cart(gym.make("CartPole-v1", render_mode=render_mode))


gym.register("PilotedCart-v0", entry_point=make)
