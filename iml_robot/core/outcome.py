"""How an episode ended, in one word, for our environments and foreign ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def outcome_of(info: Mapping[str, Any], *, terminated: bool, truncated: bool) -> str:
    """Return the outcome of a step; "" if the episode goes on.

    Args:
        info: What `env.step` returned. `outcome` names the end; foreign environments may
            give `is_success` or `success` instead.
        terminated: True if the task ended the episode.
        truncated: True if the time limit did.
    """
    if not (terminated or truncated):
        return ""
    named = str(info.get("outcome", ""))
    if named:
        return named
    if info.get("is_success", info.get("success", False)):
        return "success"
    return "terminated" if terminated else "time_limit"
