"""Snapshots of a simulation as bytes: a line of JSON, then the numbers as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from iml_robot_envs.terrain import Array

_MAGIC = b"iml-snapshot-1 "


def pack(facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Return facts (whatever JSON holds) and float64 arrays as bytes."""
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    head = json.dumps({"facts": dict(facts), "shapes": shapes}).encode()
    numbers = [np.ascontiguousarray(a, dtype="<f8").tobytes() for a in arrays.values()]
    return b"".join([_MAGIC, head, b"\n", *numbers])


def unpack(snapshot: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the facts and the arrays of `pack`.

    Raises:
        ValueError: If the bytes are no snapshot, or not a whole one.
    """
    head, newline, body = snapshot.partition(b"\n")
    if not head.startswith(_MAGIC) or not newline:
        raise ValueError("not a snapshot: pass the bytes that get_state() returned")
    content = json.loads(head[len(_MAGIC) :])
    numbers = np.frombuffer(body[: len(body) // 8 * 8], dtype="<f8")
    shapes: dict[str, list[int]] = content["shapes"]
    needed = sum(int(np.prod(shape)) for shape in shapes.values())
    if len(body) != 8 * needed:
        raise ValueError(
            f"a damaged snapshot: {len(body)} bytes of numbers instead of {8 * needed}"
        )
    arrays, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        arrays[name] = numbers[start : start + size].reshape(shape).astype(np.float64)
        start += size
    return dict(content["facts"]), arrays
