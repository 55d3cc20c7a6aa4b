"""What robots offer beyond Gymnasium."""

from __future__ import annotations

from typing import Any


def extra(env: Any, name: str, default: Any = None) -> Any:
    """Return an attribute that robots offer beyond Gymnasium, or the default."""
    try:
        return env.get_wrapper_attr(name)
    except AttributeError:
        return default
