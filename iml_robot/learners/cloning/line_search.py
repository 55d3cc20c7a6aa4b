"""How far to go on the way to trained weights, by what the policies there can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

STEPS = (1.0, 0.5, 0.25)
"""Shares of the way at which a policy is tried, until one is better."""
FARTHER = (2.0, 4.0)
"""Shares that are tried then, as long as it gets better still: gradient steps of one size
find the direction of a weight that must grow sooner than its length."""


@dataclass(frozen=True)
class Found:
    """The best policy on the way.

    Attributes:
        share: How far along it lies; 1 is where training ended.
        coped: With how many moments it copes.
    """

    share: float
    coped: int


def best_step(
    tried: Callable[[float, int], int],
    *,
    before: int,
    enough: float,
    on_progress: Callable[[float], None],
) -> Found:
    """Return the longest step that is better than no step at all, else the best.

    Args:
        tried: Returns with how many moments the policy at a share of the way copes. It
            is also told how many it has to beat, and need not try on one that cannot.
        before: With how many the present policy copes.
        enough: With how many a policy copes that need not become better.
        on_progress: Called with the finished fraction in [0, 1].
    """
    best = Found(STEPS[0], -1)
    for number, share in enumerate(STEPS):
        on_progress(number / len(STEPS))
        coped = tried(share, before)
        if coped > best.coped:
            best = Found(share, coped)
        if coped > before:
            break
    for share in FARTHER:
        if best.share < STEPS[0] or not before < best.coped < enough:
            break
        coped = tried(share, best.coped)
        if coped <= best.coped:
            break
        best = Found(share, coped)
    return best
