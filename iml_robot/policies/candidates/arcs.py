"""What a rover does on an arc, in numbers that a taste can be taught with."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

FULL_CURVATURE = 1.5
"""Curvature of a full turn at full speed [1/m]: 1.5 rad/s at 1 m/s for the rover."""
LEAST_SPEED = 0.4
"""Slower than this, a turn command means a rotation rather than an arc."""
HAND_ERROR = 0.2
"""How far a hand's yaw rate lies beside the wanted one, as a part of a full one. The slower
the robot, the more that turns its path."""
LEAST_ERROR = 0.1
"""Turns lie about so far apart: a label cannot be nearer to the wanted one than this."""
OWN = 3
"""The last numbers of what is known say how the robot stands, whatever it does next."""


class Arcs(NamedTuple):
    """Arcs a robot could drive, K turns at S speeds each.

    Attributes:
        speeds: In units of a full command, shape (B, K, S).
        yaw_rates: Same units and shape.
        headings: Where the robot looks half way along [rad], shape (B, K).
        goal: In the robot's frame [m], shape (B, 2).
        speed: The present one, shape (B,).
        yaw_rate: The present one, shape (B,).
    """

    speeds: Tensor
    yaw_rates: Tensor
    headings: Tensor
    goal: Tensor
    speed: Tensor
    yaw_rate: Tensor


def described(known: Tensor, arcs: Arcs) -> Tensor:
    """Return what is to be said of each arc, shape (B, K, S, F).

    Args:
        known: What lies under each first turn, and in the last `OWN` numbers how the robot
            stands, shape (B, K, n). What lies there counts by the speed, too.
        arcs: The arcs.
    """
    speeds, yaw_rates = arcs.speeds, arcs.yaw_rates
    bearing = torch.atan2(arcs.goal[:, 1], arcs.goal[:, 0])[:, None]
    motion = torch.stack(
        [
            torch.ones_like(speeds),
            speeds,
            speeds**2,
            yaw_rates.abs(),
            (speeds - arcs.speed[:, None, None]).abs(),
            (yaw_rates - arcs.yaw_rate[:, None, None]).abs(),
            speeds * torch.cos(bearing - arcs.headings)[..., None],
        ],
        dim=-1,
    )
    there = known[:, :, None].expand(*speeds.shape, -1)
    return torch.cat([motion, there, there[..., :-OWN] * speeds[..., None]], dim=-1)


def likeliest(probabilities: Tensor) -> tuple[Tensor, Tensor]:
    """Return the turn to take, and which turns lie next to it.

    The middle of the likeliest three neighbouring turns, not the likeliest one: two ways
    round a rock that are nearly as good would else take turns, and the rover would dither.

    Args:
        probabilities: Of each first turn, shape (B, K).

    Returns:
        Its index, shape (B, 1), and True for it and its neighbours, shape (B, K).
    """
    windows = functional.avg_pool1d(probabilities[:, None], 3, 1, 1)[:, 0]
    mode = windows.argmax(-1, keepdim=True)
    return mode, (torch.arange(probabilities.shape[-1]) - mode).abs() <= 1
