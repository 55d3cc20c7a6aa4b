"""Maps that are kept for judging policies, and that nobody may learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HELD_OUT = "test"
"""Split whose maps nobody may learn from."""


def is_held_out(options: Mapping[str, Any]) -> bool:
    """Return whether options of `env.reset` lead to maps that are kept for judging."""
    return options.get("split") == HELD_OUT


def refuse_held_out(options: Mapping[str, Any]) -> None:
    """Refuse to learn from maps on which policies are judged.

    Raises:
        ValueError: If the options lead to such maps.
    """
    if is_held_out(options):
        raise ValueError(
            f"split {HELD_OUT!r} is kept for judging policies and nobody may learn from "
            "it; use 'train', 'correction' or 'practice'"
        )
