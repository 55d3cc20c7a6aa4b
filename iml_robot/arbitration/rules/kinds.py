"""The three ways to take over."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Kind(enum.Enum):
    """What began a takeover, and so what ends it."""

    MOTION = "motion"
    GRIP = "grip"
    REQUEST = "request"


KIND_WORDS: Mapping[Kind, str] = {
    Kind.MOTION: "until the controls rest",
    Kind.GRIP: "until the grip is released",
    Kind.REQUEST: "until you give back",
}
"""How long a takeover lasts, for the display."""
