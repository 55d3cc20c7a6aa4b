"""Chains of arcs in a robot's frame, and the cells of a scan that lie under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from iml_robot.policies.candidates.arcs import FULL_CURVATURE

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Arc(NamedTuple):
    """A link of all chains.

    Attributes:
        turns: Its possible turns, symmetric about 0; 1 is a full turn at full speed.
        points: Number of points on it.
    """

    turns: Sequence[float]
    points: int


class Chains(NamedTuple):
    """N chains with P points each; U points differ, for chains share their first arcs.

    The first points x K of the U points lie on the first arcs, distance by distance.

    Attributes:
        x: Forward coordinates of the points [m], shape (U,).
        y: Left coordinates [m], shape (U,).
        heading: There [rad], shape (U,).
        passed: Which of the points each chain passes, shape (N, P).
        turns: Of each arc of each chain, shape (N, arcs).
    """

    x: Array
    y: Array
    heading: Array
    passed: Indices
    turns: Array


def lay_chains(arcs: Sequence[Arc], point_m: float) -> Chains:
    """Return all chains of arcs.

    Args:
        arcs: The links, the nearest first.
        point_m: Distance of neighbouring points [m].
    """
    counts = [arc.points for arc in arcs]
    grids = np.meshgrid(*(np.asarray(arc.turns) for arc in arcs), indexing="ij")
    turns = np.stack([grid.ravel() for grid in grids], axis=1)
    bends = np.repeat(turns, counts, axis=1) * FULL_CURVATURE * point_m
    headings = np.cumsum(bends, axis=1)
    middle = headings - bends / 2
    way = [np.cumsum(point_m * f(middle), axis=1) for f in (np.cos, np.sin)]
    index = np.zeros(bends.shape, np.int64)
    parts: list[list[Array]] = [[], [], []]
    first, total, later = 0, 0, len(turns)
    for arc in arcs:
        later //= len(arc.turns)
        places = slice(first, first + arc.points)
        prefix, prefixes = np.arange(len(turns))[:, None] // later, len(turns) // later
        index[:, places] = total + np.arange(arc.points) * prefixes + prefix
        for part, values in zip(parts, (*way, headings), strict=True):
            part.append(values[::later, places].T.ravel())
        first, total = first + arc.points, total + parts[0][-1].size
    x, y, heading = map(np.concatenate, parts)
    return Chains(x, y, heading, index, turns)


class Grid:
    """A scan's cells.

    Args:
        scan: The "scan" entry of an observation layout.

    Attributes:
        shape: Rows (forward) and columns (left).
        cell_m: Distance of neighbouring cells [m].
        x_m: Forward coordinates of the rows [m].
        y_m: Left coordinates of the columns [m].
    """

    def __init__(self, scan: Mapping[str, Any]) -> None:
        rows, columns = scan["shape"]
        self.shape: tuple[int, int] = (rows, columns)
        self.cell_m = float(scan["x_m"][1] - scan["x_m"][0]) / (rows - 1)
        self.x_m = scan["x_m"][0] + self.cell_m * np.arange(rows)
        self.y_m = scan["y_m"][0] + self.cell_m * np.arange(columns)

    def nearest(self, x: Array, y: Array) -> Indices:
        """Return flat indices of the nearest cells; those at the edge stand for beyond."""
        row = np.rint((x - self.x_m[0]) / self.cell_m).clip(0, self.shape[0] - 1)
        column = np.rint((y - self.y_m[0]) / self.cell_m).clip(0, self.shape[1] - 1)
        return np.asarray(row * self.shape[1] + column, np.int64)

    def within(self, radius_m: float) -> Indices:
        """Return flat indices of the cells nearer to the robot than this [m]."""
        distance = np.hypot(self.x_m[:, None], self.y_m[None])
        return np.flatnonzero(distance < radius_m)


def constants(chains: Chains, grid: Grid, *, under_m: float) -> dict[str, Tensor]:
    """Return what a network keeps of chains over a scan, by name.

    Args:
        chains: The chains.
        grid: The scan.
        under_m: What is nearer than this lies under the robot [m].
    """
    ends = chains.passed[:, -1]
    numbers = {
        "point_x": chains.x,
        "point_y": chains.y,
        "point_cos": np.cos(chains.heading),
        "point_sin": np.sin(chains.heading),
        "end_x": chains.x[ends],
        "end_y": chains.y[ends],
        "end_headings": chains.heading[ends],
        "turns": chains.turns,
        "cell_x": grid.x_m,
        "cell_y": grid.y_m,
    }
    places = {
        "end_points": ends,
        "cells_of_points": grid.nearest(chains.x, chains.y),
        "cells_under_robot": grid.within(under_m),
    }
    return {
        **{n: torch.tensor(v, dtype=torch.float32) for n, v in numbers.items()},
        **{n: torch.from_numpy(v) for n, v in places.items()},
    }
