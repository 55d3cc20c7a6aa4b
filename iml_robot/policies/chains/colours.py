"""Colours of the ground, so that one that was never shown counts as those that were."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.policies.candidates.paths import widened


def usual_shares(planes: Tensor) -> Tensor:
    """Return how much of the ground shows each colour, (C,), adding up to 1 or 0.

    Args:
        planes: 1 where a colour shows, shape (B, C, cells).
    """
    shares = planes.double().clamp(0, 1).mean((0, 2)).float()
    return shares / shares.sum().clamp(min=1e-9)


def contrast(usual: Tensor) -> Tensor:
    """Return what colours are multiplied by so that only differences count, (C, C).

    Where demonstrations show few colours, a cost of the way and a cost of all of them
    are the same. A network that shares it out between both would take a new colour, on
    which only one of them lies, for better or worse ground. So of a known colour counts
    how it differs from the usual ground; a new one counts as itself.

    Args:
        usual: Shares of the colours in the first data, shape (C,).
    """
    known = (usual > 0).to(usual.dtype)
    return torch.eye(len(usual), dtype=usual.dtype) - known[:, None] * usual[None]


def beyond_the_map(planes: Tensor, cells: int) -> Tensor:
    """Return where the ground near shows no colour, shape (B, 1, rows, columns).

    Args:
        planes: Of the colours, shape (B, C, rows, columns).
        cells: How near, in cells.
    """
    beyond = (1 - planes.sum(1, keepdim=True)).clamp(0, 1)
    for _ in range(cells):
        beyond = widened(beyond)
    return beyond


def smoothed(planes: Tensor) -> Tensor:
    """Return means over each cell and its eight neighbours, of the same shape."""
    padded = functional.pad(planes, (1, 1, 1, 1), mode="replicate")
    return functional.avg_pool2d(padded, 3, 1)
