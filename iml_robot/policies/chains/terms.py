"""What an observation says of chains of arcs, before any weight counts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from iml_robot.policies.candidates.rover import RoverNetwork
from iml_robot.policies.chains.colours import (
    beyond_the_map,
    contrast,
    smoothed,
    usual_shares,
)
from iml_robot.policies.chains.geometry import Arc, Grid, constants, lay_chains
from iml_robot.policies.ensemble.network import Spaces

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
        terms: Of each chain, shape (terms, N, B).
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


class ChainTerms(RoverNetwork):
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
    new_colours: ClassVar[float] = 1.0
    """The unit of a colour that no demonstration showed is so many times as large."""
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
        self.first_m = self.arcs[0].points * self.point_m
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
            The ground terms, (terms, U, B), and factors by which colours count, too,
            (hardness terms, U, B).
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
        edge = last_batch(beyond_the_map(colours, self.edge_cells))
        colours = last_batch(smoothed(colours) if self.smooth else colours)
        differences = contrast(self.usual.clamp(min=0)).T
        here = differences @ colours.index_select(1, self.cells_under_robot).amax(1)
        fields = torch.cat([edge, (differences @ colours.flatten(1)).view_as(colours)])
        fields = fields.index_select(1, self.cells_of_points)
        ground, hardness = self._ground(heights)
        harder = (fields[1:] * hardness[:, None]).flatten(0, 1)
        points = [fields[:1], ground, fields[1:], harder]
        turns, near = len(self.first_turns), self.arcs[0].points
        first = _parted(torch.cat([part[:, : turns * near] for part in points]), near)
        showing = colours.index_select(1, self.cells_of_points[: turns * near])
        showing = differences @ _parted(showing, near).amax(1).flatten(1)
        last = len(self.ground_terms)
        close, blocked = first[last - 1 : last + 1, :NEAR_POINTS].amax(1).unbind()
        shape = self.first_turns.abs()[:, None].expand_as(blocked)
        ahead = torch.stack([torch.ones_like(blocked), shape, close, blocked])
        around = here[:, None].expand(-1, turns, -1)
        ahead = torch.cat([ahead, around, showing.view_as(around)])
        return Look(
            self._terms(observations, here, points, ground[-1]),
            ahead.permute(2, 1, 0),
            blocked.T,
            here.T,
            first.mean(1).permute(2, 1, 0),
        )

    def _terms(
        self,
        observations: Tensor,
        here: Tensor,
        points: Sequence[Tensor],
        blocks: Tensor,
    ) -> Tensor:
        """Return the terms of each chain, (terms, N, B).

        Args:
            observations: Shape (B, observation_size).
            here: Colours under the robot, shape (C, B).
            points: What lies at each point, several times (some terms, U, B).
            blocks: How much each point blocks the way, shape (U, B).
        """
        x, y = self._goal(observations).T
        away = length(self.point_x[:, None] - x, self.point_y[:, None] - y)
        # What lies behind the goal does not matter.
        arrived, last = self._running((away < self.arrived_m).to(blocks.dtype))
        before = self.point_m * (1 - arrived)
        behind, _ = self._running(blocks)
        along = [before[None], (before * behind)[None], *(before * p for p in points)]
        way, *sums = torch.cat([self._sums(part) for part in along]).unbind()
        missing = 1 - last
        off = torch.atan2(y - self.end_y[:, None], x - self.end_x[:, None])
        off = off - self.end_headings[:, None]
        off = torch.atan2(off.sin(), off.cos()).abs() * missing
        first = self.turns[:, :1]
        sharp = first.abs().expand_as(off)
        terms = [
            away.index_select(0, self.end_points) * missing - length(x, y),
            way,
            off,
            sharp,
            self.turns[:, 1:].abs().sum(-1, keepdim=True).expand_as(off),
            (first - self._of(observations, "yaw_rate")).abs(),
        ]
        return torch.cat([torch.stack([*terms, *sums]), sharp * here[:, None]])

    def _running(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the largest value so far along chains, at points and at their ends.

        Args:
            values: At the points, shape (U, B).

        Returns:
            Shapes (U, B) and (N, B).
        """
        largest: list[Tensor] = []
        carried, start = values[:1] * 0, 0
        for (chains, count), arc in zip(self._links, self.arcs, strict=True):
            carried = _repeated(carried, len(arc.turns))
            for _ in range(count):
                carried = torch.maximum(carried, values[start : start + chains])
                largest.append(carried)
                start += chains
        return torch.cat(largest), carried

    def _sums(self, values: Tensor) -> Tensor:
        """Return sums along chains, (F, N, B), of values at the points, (F, U, B)."""
        total, start = values[:, :1] * 0, 0
        for (chains, count), arc in zip(self._links, self.arcs, strict=True):
            part = _parted(values[:, start : start + chains * count], count)
            total = _repeated(total, len(arc.turns)) + part.sum(1)
            start += chains * count
        return total


def last_batch(planes: Tensor) -> Tensor:
    """Return fields of cells, (F, cells, B), from planes (B, F, rows, columns).

    With the batch last, cells are gathered and chains summed up a whole batch at a time:
    six times as fast for 26 robots.
    """
    return planes.flatten(2).permute(1, 2, 0).contiguous()


def _parted(values: Tensor, parts: int) -> Tensor:
    """Return values (F, parts x n, B) as (F, parts, n, B)."""
    fields, size, batch = values.shape
    return values.reshape(fields, parts, size // parts, batch)


def _repeated(values: Tensor, times: int) -> Tensor:
    """Return values (..., n, B) with each of the n so many times in a row."""
    wide = values[..., None, :].expand(*values.shape[:-1], times, values.shape[-1])
    return wide.flatten(-3, -2)


def length(x: Tensor, y: Tensor) -> Tensor:
    """Return the lengths of vectors; ONNX has no operator for it."""
    return torch.sqrt(x * x + y * y)
