"""Batches of robots, Gymnasium's own and the package's, and what it is to be equal."""

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import load_env_creator

from iml_robot_envs.autoreset import HAS_MODES

MODES = ["NextStep", "SameStep", "Disabled"] if HAS_MODES else [None]
"""What Gymnasium's own batches can be told to do at the end of an episode."""


def vector(name, count, **options):
    """Return the package's batch, with the time limit of the registration."""
    spec = gym.spec(name)
    options.setdefault("max_episode_steps", spec.max_episode_steps)
    return load_env_creator(spec.vector_entry_point)(num_envs=count, **options)


class OneByOne(gym.vector.SyncVectorEnv):
    """Gymnasium's own batch; of arrays in infos it makes one, as Gymnasium 1.x does."""

    if not HAS_MODES:

        def reset_wait(self, *args, **kwargs):
            seen, infos = super().reset_wait(*args, **kwargs)
            return seen, self._together(infos)

        def step_wait(self):
            *results, infos = super().step_wait()
            return *results, self._together(infos)

        def _together(self, infos):
            features = infos["features"]
            return {**infos, "features": np.stack(list(features))}


def one_by_one(name, count, *, mode=None, **options):
    """Return Gymnasium's batch of as many environments for one robot."""

    def make():
        return gym.make(name, disable_env_checker=True, **options)

    return OneByOne([make] * count, **({} if mode is None else {"autoreset_mode": mode}))


def swings(env, step):
    """Return smooth actions, other ones for each robot, mostly ahead."""
    robots, parts = np.indices(env.action_space.shape)
    actions = 0.6 * np.sin(step / 9 + 1.7 * parts + 0.4 * robots)
    actions[:, 0] += 0.4
    return np.clip(actions, -1, 1).astype(np.float32)


def differences(one, other, where="result"):
    """Return where two results differ in type, shape or any bit; empty if nowhere."""
    if type(one) is not type(other):
        return [f"{where}: {type(one)} and {type(other)}"]
    if isinstance(one, dict):
        if set(one) != set(other):
            return [f"{where}: keys {set(one) ^ set(other)}"]
        pairs = [(f"{where}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, tuple | list) or (
        isinstance(one, np.ndarray) and one.dtype == object
    ):
        if len(one) != len(other) or getattr(one, "dtype", 0) != getattr(other, "dtype", 0):
            return [f"{where}: {one!r} and {other!r}"]
        pairs = [
            (f"{where}[{k}]", *pair) for k, pair in enumerate(zip(one, other, strict=True))
        ]
    elif isinstance(one, np.ndarray):
        same = (one.dtype, one.shape) == (other.dtype, other.shape)
        same = same and one.tobytes() == other.tobytes()
        return [] if same else [f"{where}: {one!r} and {other!r}"]
    else:
        return [] if repr(one) == repr(other) else [f"{where}: {one!r} and {other!r}"]
    return [found for name, a, b in pairs for found in differences(a, b, name)]
