"""What the workload rules tell the session, to be kept among its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REACTION, UNANSWERED = "reaction", "ask_unanswered"
PRESENCE_ASKED = "presence_asked"
PRESENCE_ANSWERED, PRESENCE_MISSED = "presence_answered", "presence_missed"
BREAK_SUGGESTED, BREAK_TAKEN = "break_suggested", "break_taken"
FIGURES = "workload_figures"


@dataclass(frozen=True, slots=True)
class WorkloadEvent:
    """Something about the person that the session keeps.

    Attributes:
        kind: What, one of the names in this module.
        detail: More, as plain values.
    """

    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)
