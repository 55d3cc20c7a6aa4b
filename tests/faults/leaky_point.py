"""An environment that carries something over from one episode to the next."""

import gymnasium as gym
import numpy as np

import iml_robot_envs  # noqa: F401

LEAKS_AT_STEP = 3


class Leaky(gym.Wrapper):
    """A point whose engine, which all of them share, does not forget its resets."""

    resets = 0

    def reset(self, **options):
        Leaky.resets += 1
        self._left = LEAKS_AT_STEP
        return super().reset(**options)

    def step(self, action):
        self._left -= 1
        seen, *rest = super().step(action)
        drift = 1e-6 * (Leaky.resets // 2) if self._left < 0 else 0.0
        return (seen + np.float32(drift)).astype(np.float32), *rest


def make(**options):
    return Leaky(gym.make("iml/Point-v0", disable_env_checker=True, **options))


gym.register("test/Leaky-v0", entry_point=make, max_episode_steps=200)
