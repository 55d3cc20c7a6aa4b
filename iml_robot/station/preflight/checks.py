"""What must be fine before a robot moves, and what a person takes on themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class State(Enum):
    """How a check stands."""

    PASSED = "passed"
    OPEN = "open"
    FAILED = "failed"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at.

    Attributes:
        key: Its name.
        label: What it is called.
        state: How it stands.
        found: What was found, in few words.
        note: What it means, and what to do.
        waivable: Whether a person can go on without it.
    """

    key: str
    label: str
    state: State
    found: str
    note: str = ""
    waivable: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked before a session.

    Attributes:
        passed: Keys of the checks that passed.
        waived: Keys of those that the person went on without.
        alias: What the operator is called; "" if they did not say.
        latency_ms: Median time from a sign on the screen to the press [ms]; None: not
            measured.
        policy_sha256: The SHA-256 of the policy's file; "" if there is none.
    """

    passed: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    alias: str = ""
    latency_ms: float | None = None
    policy_sha256: str = ""

    def detail(self) -> dict[str, Any]:
        """Return it as JSON values, for the record of the session."""
        return {
            "passed": list(self.passed),
            "waived": list(self.waived),
            "alias": self.alias,
            "latency_ms": self.latency_ms,
            "policy_sha256": self.policy_sha256,
        }


class Waivers:
    """Remembers what the person goes on without."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def has(self, check: Check) -> bool:
        """Return whether a check is waived; one that passed needs no waiver."""
        needed = check.state in (State.OPEN, State.FAILED)
        return needed and check.waivable and check.key in self._keys

    def turn(self, check: Check) -> str:
        """Waive a check, or take that back; return what to say about it."""
        if check.state in (State.PASSED, State.OPTIONAL):
            return f"{check.label}: there is nothing to leave out."
        if not check.waivable:
            return f"{check.label}: cannot be left out. {check.note}"
        self._keys ^= {check.key}
        if check.key in self._keys:
            return f"{check.label}: left out, which is recorded."
        return f"{check.label}: not left out any more."

    def missing(self, checks: Sequence[Check]) -> list[Check]:
        """Return the checks without which nothing starts."""
        fine = (State.PASSED, State.OPTIONAL)
        return [c for c in checks if c.state not in fine and not self.has(c)]

    def result(
        self,
        checks: Sequence[Check],
        *,
        alias: str,
        latency_ms: float | None,
        policy_sha256: str,
    ) -> Checked:
        """Return what was checked.

        Args:
            checks: All checks as they stand.
            alias: What the operator is called.
            latency_ms: What the latency test found [ms].
            policy_sha256: The SHA-256 of the policy's file.
        """
        return Checked(
            tuple(c.key for c in checks if c.state is State.PASSED),
            tuple(c.key for c in checks if self.has(c)),
            alias,
            latency_ms,
            policy_sha256,
        )
