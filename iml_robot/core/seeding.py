"""Independent random streams by name, so that adding one never shifts another."""

from __future__ import annotations

import hashlib

import numpy as np


def named_seed(root: int, *names: str | int) -> int:
    """Return a 32-bit seed that depends on the root and every name.

    Args:
        root: Seed of the whole run.
        *names: Path of the stream, for example "episode", 7.

    Returns:
        A seed in [0, 2**32).
    """
    text = "/".join(str(part) for part in (root, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def named_stream(root: int, *names: str | int) -> np.random.Generator:
    """Return the generator of the stream with this name."""
    return np.random.default_rng(named_seed(root, *names))
