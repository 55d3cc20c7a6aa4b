"""Reset options and seeds of many robots, taken apart into one of each per robot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from iml_robot_envs.terrain import Bools

RESET_MASK = "reset_mask"


def chosen_robots(options: Mapping[str, Any], count: int) -> Bools:
    """Return which robots a reset is for, shape (count,).

    Raises:
        ValueError: If the mask is no Boolean array of this length with a True in it.
    """
    if RESET_MASK not in options:
        return np.ones(count, np.bool_)
    mask = options[RESET_MASK]
    sound = isinstance(mask, np.ndarray) and mask.dtype == bool and mask.shape == (count,)
    if not sound or not mask.any():
        raise ValueError(
            f"reset_mask must be a Boolean array of shape ({count},) with at least one "
            f"True, got {mask!r}"
        )
    return np.array(mask)


def options_of_each(options: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Return the options of each robot; a sequence gives one value to each.

    Raises:
        ValueError: If there are more or fewer values than robots.
    """
    each: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, value in options.items():
        if name == RESET_MASK:
            continue
        many = isinstance(value, list | tuple) or np.ndim(value) > 0
        values = list(value) if many else [value] * count
        if len(values) != count:
            raise ValueError(
                f"{name} must be one value or {count}, one for each robot, got {value!r}"
            )
        for chosen, own in zip(each, values, strict=True):
            chosen[name] = own
    return each


def seed_of_each(seed: int | Sequence[int | None] | None, count: int) -> list[int | None]:
    """Return the seed of each robot: a number counts up, None is none for all.

    Raises:
        ValueError: If there are more or fewer seeds than robots.
    """
    if seed is None:
        return [None] * count
    if isinstance(seed, int | np.integer):
        return [int(seed) + robot for robot in range(count)]
    if len(seed) != count:
        raise ValueError(
            f"seed must be None, a whole number or a list of {count}, got {len(seed)} seeds"
        )
    return list(seed)
