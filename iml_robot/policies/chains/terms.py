"""What an observation says of chains of arcs, before any weight counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from iml_robot.policies.chains.colours import (
    beyond_the_map,
    contrast,
    smoothed,
    usual_shares,
)
from iml_robot.policies.chains.geometry import Arc, Grid, constants, lay_chains
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces

WAY_TERMS = ("left", "way", "off", "turn", "later_turns", "change")
GROUND_TERMS = ("behind_a_block", "edge")
"""Terms that all kinds have beside their own."""
NEAR_POINTS = 3
"""What lies on so many points of the first arc is just ahead."""
UNDER_M = 0.45
"""What is nearer than this lies under the robot [m]."""
UNUSUAL = -1.0
"""Share of colours of which nothing is known yet."""


class Look(NamedTuple):
    """What an observation says of the chains, without any weight.

    Attributes:
        terms: Of each chain, shape (B, N, terms).
        ahead: What the speed on each first turn depends on, shape (B, K, terms).
        blocked: How much of what lies just ahead cannot be passed, shape (B, K).
        here: Colours under the robot, shape (B, C).
        under: What lies under each first arc on average, shape (B, K, terms).
    """

    terms: Tensor
    ahead: Tensor
    blocked: Tensor
    here: Tensor
    under: Tensor


class ChainTerms(EnsembleNetwork):
    """Lays chains of arcs over a scan of heights and colours, and says what lies there.

    Args:
        spaces: Sizes and layout; the layout must have a "scan" with colours and a "state".
        members: Number of members of the ensemble.

    Raises:
        ValueError: If the environment's observation has no scan with colours.
    """

    arcs: ClassVar[Sequence[Arc]]
    """The links of the chains."""
    point_m: ClassVar[float]
    """Distance of neighbouring points [m]."""
    ground_terms: ClassVar[Sequence[str]]
    """What `_ground` tells of each point: the last of them block the way."""
    hardness_terms: ClassVar[int] = 0
    """How many factors `_ground` gives by which colours count, too."""
    edge_cells: ClassVar[int]
    """Distance kept from the edge of the map, in cells of the scan."""
    arrived_m: ClassVar[float]
    """Nearer to the goal than this a chain is at its end [m]."""
    colour_unit: ClassVar[float]
    """Logits of a weight of 1 for a metre of a colour; a correction has to say enough."""
    smooth: ClassVar[bool] = False
    """Whether colours count as means over neighbouring cells."""

    usual: Tensor
    point_x: Tensor
    point_y: Tensor
    point_cos: Tensor
    point_sin: Tensor
    end_x: Tensor
    end_y: Tensor
    end_headings: Tensor
    turns: Tensor
    cell_x: Tensor
    cell_y: Tensor
    end_points: Tensor
    cells_of_points: Tensor
    cells_under_robot: Tensor
    first_turns: Tensor

    def __init__(self, spaces: Spaces, *, members: int) -> None:
        super().__init__(spaces, members=members)
        layout = spaces.layout
        if not layout.get("scan", {}).get("colours") or "state" not in layout:
            raise ValueError(
                "this policy needs an observation with a scan of heights and colours; "
                "use policy trajectory or mlp"
            )
        self._colours = len(layout["scan"]["colours"])
        self._start = int(layout["scan"]["start"])
        state = layout["state"]
        self._state = {n: state["start"] + i for i, n in enumerate(state["names"])}
        self._grid = Grid(layout["scan"])
        kept = constants(lay_chains(self.arcs, self.point_m), self._grid, under_m=UNDER_M)
        chains = np.cumprod([len(arc.turns) for arc in self.arcs]).tolist()
        self._links = [(n, a.points) for n, a in zip(chains, self.arcs, strict=True)]
        kept["first_turns"] = torch.tensor(list(self.arcs[0].turns), dtype=torch.float32)
        for name, value in kept.items():
            self.register_buffer(name, value, persistent=False)
        self.register_buffer("usual", torch.full((self._colours,), UNUSUAL))

    @abstractmethod
    def _ground(self, heights: Tensor) -> tuple[Tensor, Tensor]:
        """Return what lies at the points, whatever its colour.

        Args:
            heights: Of the scan [m], shape (B, rows, columns).

        Returns:
            The ground terms, (B, terms, U), and factors by which colours count, too,
            (B, hardness terms, U).
        """

    @property
    def normaliser_fitted(self) -> bool:
        """False while it is not known which colours are usual."""
        return bool((self.usual != UNUSUAL).any())

    def fit_normaliser(self, observations: Tensor) -> None:
        """Note which colours are usual, from data of shape (N, observation_size)."""
        planes = self._planes(observations)[:, 1:]
        self.usual.copy_(usual_shares(planes.flatten(2)))

    def _planes(self, observations: Tensor) -> Tensor:
        """Return heights and colours of the scan, (B, 1 + C, rows, columns)."""
        rows, columns = self._grid.shape
        cells = (1 + self._colours) * rows * columns
        scan = observations[:, self._start : self._start + cells]
        return scan.reshape(len(observations), 1 + self._colours, rows, columns)

    def _look(self, observations: Tensor) -> Look:
        """Return what an observation says of the chains."""
        planes = self._planes(observations)
        heights, colours = planes[:, 0], planes[:, 1:]
        edge = beyond_the_map(colours, self.edge_cells).flatten(2)
        if self.smooth:
            colours = smoothed(colours)
        colours = colours.flatten(2)
        differences = contrast(self.usual.clamp(min=0))
        here = colours[..., self.cells_under_robot].amax(-1) @ differences
        raw = colours[..., self.cells_of_points]
        shown = (raw.transpose(1, 2) @ differences).transpose(1, 2)
        ground, hardness = self._ground(heights)
        harder = (shown[:, None] * hardness[:, :, None]).flatten(1, 2)
        points = torch.cat([edge[..., self.cells_of_points], ground, shown, harder], 1)
        turns, near = len(self.first_turns), self.arcs[0].points
        first = _parted(points[..., : turns * near], turns, near)
        showing = _parted(raw[..., : turns * near], turns, near).amax(-1)
        showing = showing.transpose(1, 2) @ differences
        last = len(self.ground_terms)
        close, blocked = first[:, last - 1 : last + 1, :, :NEAR_POINTS].amax(-1).unbind(1)
        shape = self.first_turns.abs().expand_as(blocked)
        ahead = torch.stack([torch.ones_like(blocked), shape, close, blocked], -1)
        around = here[:, None].expand_as(showing)
        return Look(
            self._terms(observations, points, here),
            torch.cat([ahead, around, showing], -1),
            blocked,
            here,
            first.mean(-1).transpose(1, 2),
        )

    def _terms(self, observations: Tensor, points: Tensor, here: Tensor) -> Tensor:
        """Return the terms of each chain, (B, N, terms).

        Args:
            observations: Shape (B, observation_size).
            points: What lies at each point, shape (B, terms, U).
            here: Colours under the robot, shape (B, C).
        """
        x, y = self._goal(observations)
        away = length(self.point_x - x, self.point_y - y)
        # What lies behind the goal does not matter.
        arrived, last = self._running((away < self.arrived_m).to(points.dtype))
        before = self.point_m * (1 - arrived)
        blocked, _ = self._running(points[:, len(self.ground_terms)])
        along = torch.cat([torch.ones_like(blocked)[:, None], blocked[:, None], points], 1)
        way, *sums = self._sums(along * before[:, None]).unbind(1)
        missing = 1 - last
        off = torch.atan2(y - self.end_y, x - self.end_x) - self.end_headings
        off = torch.atan2(off.sin(), off.cos()).abs() * missing
        first = self.turns[:, 0]
        sharp = first.abs().expand_as(off)
        terms = [
            away[:, self.end_points] * missing - length(x, y),
            way,
            off,
            sharp,
            self.turns[:, 1:].abs().sum(-1).expand_as(off),
            (first - self._of(observations, "yaw_rate")[:, None]).abs(),
        ]
        turning = sharp[..., None] * here[:, None]
        return torch.cat([torch.stack([*terms, *sums], -1), turning], -1)

    def _running(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the largest value so far along chains, at points and at their ends.

        Args:
            values: At the points, shape (B, U).

        Returns:
            Shapes (B, U) and (B, N).
        """
        parts: list[Tensor] = []
        carried = values[:, :1] * 0
        for (chains, count), arc in zip(self._links, self.arcs, strict=True):
            start = sum(part.shape[1] for part in parts)
            part = _parted(values[:, start : start + chains * count], chains, count)
            before = _repeated(carried, len(arc.turns))
            largest = torch.maximum(torch.cummax(part, -1).values, before[..., None])
            carried = largest[..., -1]
            parts.append(largest.flatten(1))
        return torch.cat(parts, 1), carried

    def _sums(self, values: Tensor) -> Tensor:
        """Return sums along chains, (B, F, N), of values at the points, (B, F, U)."""
        total, start = values[..., :1] * 0, 0
        for (chains, count), arc in zip(self._links, self.arcs, strict=True):
            part = _parted(values[..., start : start + chains * count], chains, count)
            total = _repeated(total, len(arc.turns)) + part.sum(-1)
            start += chains * count
        return total

    def _of(self, observations: Tensor, name: str) -> Tensor:
        """Return a part of the state, (B,)."""
        return observations[:, self._state[name]]

    def _goal(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return the goal in the robot's frame [m], forward and left, each (B, 1)."""
        distance = 20 * self._of(observations, "goal_distance")[:, None]
        forward, left = (
            self._of(observations, name)[:, None] for name in ("goal_forward", "goal_left")
        )
        return distance * forward, distance * left

    def _slip(self, observations: Tensor) -> Tensor:
        """Return how much faster the rims are than the robot [m/s], (B,)."""
        speed = self._of(observations, "speed")
        wheels = [i for n, i in self._state.items() if n.startswith("wheel")]
        if not wheels:
            return torch.zeros_like(speed)
        return observations[:, wheels].mean(-1) - speed


def _parted(values: Tensor, parts: int, size: int) -> Tensor:
    """Return values with their last axis taken apart, (..., parts, size)."""
    return values.reshape(*values.shape[:-1], parts, size)


def _repeated(values: Tensor, times: int) -> Tensor:
    """Return values with each entry of their last axis so many times in a row."""
    wide = values[..., None].expand(*values.shape, times)
    return wide.reshape(*values.shape[:-1], -1)


def length(x: Tensor, y: Tensor) -> Tensor:
    """Return the lengths of vectors; ONNX has no operator for it."""
    return torch.sqrt(x * x + y * y)
