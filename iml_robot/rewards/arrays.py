"""Arrays of numbers that can be reckoned with: finite, of a known shape, unchangeable."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]


def finite(values: npt.ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """Return a read-only copy in double precision.

    Args:
        values: Numbers.
        name: What they are, for the error.
        shape: What their shape must be; -1: any length.

    Raises:
        ValueError: If the shape is another, or something is NaN or infinite.
    """
    array = np.array(values, np.float64)
    fits = array.ndim == len(shape) and all(
        want in (-1, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n == -1 else str(n) for n in shape)
        raise ValueError(f"{name} must have the shape ({wanted}), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, got NaN or infinity")
    array.setflags(write=False)
    return array


def dots(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Array:
    """Return the products of all rows of two matrices: (I, N), (J, N) -> (I, J).

    Plain loops: threads of a linear algebra library would wait for cores that are busy
    with driving and learning, many times as long as these small sums take.
    """
    return np.asarray(
        np.einsum("in,jn->ij", np.ascontiguousarray(first), np.ascontiguousarray(second))
    )
