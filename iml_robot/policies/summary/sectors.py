"""What stands around a robot, told as how near it is in each direction.

A height scan has hundreds of numbers, of which a network that learns by trying would first
have to find out what they mean. What it needs to know is where it cannot go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.policies.ensemble.network import Spaces

SECTOR = math.radians(15.0)
FRONT = math.radians(97.5)
"""Sectors of a scan cover what lies ahead and to both sides; one more what lies behind."""
FLAT_M, STEEP_M = 0.12, 0.3
"""Heights that differ by less within a cell's neighbourhood are rolled over; by more, not.
A rover's wheels have a radius of 0.1 m, and roughness of the ground makes 0.1 m."""


class Whole(nn.Module):
    """Leaves observations as they are.

    Args:
        spaces: Sizes and layout of observation and action.

    Attributes:
        size: Length of a summary.
    """

    def __init__(self, spaces: Spaces) -> None:
        super().__init__()
        self.size = spaces.observation_size

    def forward(self, observations: Tensor) -> Tensor:
        """Return the observations, shape (B, size)."""
        return observations


class ScanSectors(nn.Module):
    """Nearness of steep ground in sectors of a height scan, then the state.

    A sector's nearness is that of its nearest obstacle: 1 here, 0 at the edge of the scan
    or where nothing is.

    Args:
        spaces: Sizes and layout; the layout must have a "scan" and a "state".

    Attributes:
        size: Length of a summary.
    """

    members: Tensor
    nearness: Tensor

    def __init__(self, spaces: Spaces) -> None:
        super().__init__()
        scan, self._state = spaces.layout["scan"], _state_of(spaces.layout)
        rows, columns = (int(part) for part in scan["shape"])
        self._start, self._shape = int(scan["start"]), (rows, columns)
        (back, front), (right, left) = scan["x_m"], scan["y_m"]
        x = torch.linspace(back, front, rows)[:, None].expand(rows, columns)
        y = torch.linspace(right, left, columns)[None].expand(rows, columns)
        bearing, distance = torch.atan2(y, x).flatten(), torch.hypot(x, y).flatten()
        edges = torch.arange(-FRONT, FRONT - SECTOR / 2, SECTOR)
        ahead = (bearing >= edges[:, None]) & (bearing < edges[:, None] + SECTOR)
        members = torch.cat([ahead, ~ahead.any(0, keepdim=True)])
        self.register_buffer("members", members.float(), persistent=False)
        near = (1 - distance / float(front)).clamp(min=0)
        self.register_buffer("nearness", near, persistent=False)
        self.size = len(members) + len(range(*self._state.indices(spaces.observation_size)))

    def forward(self, observations: Tensor) -> Tensor:
        """Return nearness of each sector, right to left, then behind, then the state."""
        rows, columns = self._shape
        cells = observations[:, self._start : self._start + rows * columns]
        heights = cells.view(-1, 1, rows, columns)
        highest = functional.max_pool2d(heights, 3, stride=1, padding=1)
        lowest = -functional.max_pool2d(-heights, 3, stride=1, padding=1)
        rise = (highest - lowest).flatten(1)
        steep = ((rise - FLAT_M) / (STEEP_M - FLAT_M)).clamp(0, 1)
        near = (steep * self.nearness)[:, None] * self.members
        return torch.cat([near.amax(-1), observations[:, self._state]], dim=-1)


class RaySectors(nn.Module):
    """Nearness of what rays meet in sectors all around, then the state.

    A sector is every second ray with both its neighbours, so that left and right are alike.
    Of the layers of rays those that point ahead or up count: what points down meets the
    ground, whose distance the state knows.

    Args:
        spaces: Sizes and layout; the layout must have "rays" and a "state".

    Attributes:
        size: Length of a summary.
    """

    def __init__(self, spaces: Spaces) -> None:
        super().__init__()
        rays, self._state = spaces.layout["rays"], _state_of(spaces.layout)
        self._layers, self._rays = (int(part) for part in rays["shape"])
        self._start = int(rays["start"])
        state = len(range(*self._state.indices(spaces.observation_size)))
        self.size = len(range(0, self._rays, 2)) + state

    def forward(self, observations: Tensor) -> Tensor:
        """Return nearness of each sector, from ahead to the left, then the state."""
        count = self._layers * self._rays
        rays = observations[:, self._start : self._start + count]
        level = rays.view(-1, self._layers, self._rays)[:, self._layers // 2 :].amin(1)
        around = torch.minimum(level, torch.minimum(level.roll(1, -1), level.roll(-1, -1)))
        return torch.cat([1 - around[:, ::2], observations[:, self._state]], dim=-1)


def summary_of(spaces: Spaces) -> Whole | ScanSectors | RaySectors:
    """Return the summary that suits an environment's observation."""
    if "state" in spaces.layout and "scan" in spaces.layout:
        return ScanSectors(spaces)
    if "state" in spaces.layout and "rays" in spaces.layout:
        return RaySectors(spaces)
    return Whole(spaces)


def _state_of(layout: Mapping[str, Any]) -> slice:
    start = int(layout["state"]["start"])
    return slice(start, start + len(layout["state"]["names"]))
