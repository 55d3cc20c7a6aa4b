"""Frames that count by their number, as in published learners, not by their takeover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from iml_robot.learners.frames.selection import Frames


def each_the_same(frames: Frames) -> Frames:
    """Return the frames, every one with the same sampling mass."""
    return replace(frames, masses=np.ones(len(frames), np.float32))


def shares_by_number(*kinds: Frames, of: float = 1.0) -> tuple[float, ...]:
    """Return shares of the sampling mass that go by the numbers of frames.

    Args:
        *kinds: Frames of each kind.
        of: What the shares add up to.
    """
    total = max(1, sum(map(len, kinds)))
    return tuple(of * len(frames) / total for frames in kinds)
