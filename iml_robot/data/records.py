"""What a session keeps beside its episodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A policy version and where it came from.

    Attributes:
        version: Number of the policy in its session, from 0 for the initial one.
        path: Its file, relative to the session folder.
        sha256: Hash of the file, in hexadecimal digits.
        episodes: Numbers of the episodes that it was trained on.
        figures: What the learner and the acceptance said about it.
    """

    version: int
    path: str
    sha256: str
    episodes: tuple[int, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened and is no step.

    Attributes:
        time_unix_s: When [s since 1970, UTC].
        kind: What, for example "device_removed".
        episode_id: During which episode; None: between two.
        detail: More, as plain values.
    """

    time_unix_s: float
    kind: str
    episode_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
