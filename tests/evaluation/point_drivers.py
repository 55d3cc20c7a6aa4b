"""Drivers of the point, good and bad ones, for tests that evaluate them by name."""

import os
import time
from pathlib import Path

import numpy as np


def steady(seen):
    """Accelerates to the goal and brakes in time."""
    return np.clip(4.0 * seen[:, :2] - 2.0 * seen[:, 2:4], -1, 1)


def idle(seen):
    return np.zeros((len(seen), 2))


def leaving(seen):
    """Leaves the square by the east side."""
    return np.tile([1.0, 0.0], (len(seen), 1))


def half_idle(seen):
    """Reaches the goals that lie in the east, and no others."""
    east = seen[:, 4:5] + seen[:, 0:1] > 0
    return np.where(east, steady(seen), 0.0)


def broken(seen):
    """Says nonsense once it is near the goal."""
    near = np.linalg.norm(seen[:, :2], axis=1, keepdims=True) < 0.5
    return np.where(near, np.nan, steady(seen))


def narrow(seen):
    return np.zeros((len(seen), 1, 1))


def raising(seen):
    raise RuntimeError("the network is not plugged in")


def deadly(seen):
    """Ends its process on the maps whose first start lies in the far east."""
    if np.any(seen[:, 4] > 0.98):
        os._exit(9)
    return steady(seen)


def moody(seen):
    """Never does the same twice."""
    return steady(seen) + np.random.default_rng().normal(size=(len(seen), 2))


def endless(seen):
    """Takes its time, and leaves a sign that it has begun."""
    Path(os.environ["BEGUN"]).touch()
    time.sleep(0.2)
    return idle(seen)


def die_once(sign, count):
    """Work whose first process dies."""
    if not Path(sign).exists():
        Path(sign).touch()
        os._exit(9)
    return "done"
