"""Numbers of the policies of a session, and which of them were good."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Versions:
    """The accepted policies that lead to the present one.

    A number is never given twice, so that each episode can name what drove it, also
    after a policy was taken back.

    Attributes:
        good: Numbers of the policies, each trained from the one before it; the last one
            is the present one.
        highest: The highest number given so far.
    """

    good: tuple[int, ...] = (0,)
    highest: int = 0

    @classmethod
    def up_to(cls, version: int) -> Versions:
        """Return the versions of a session in which all were accepted."""
        return cls(tuple(range(version + 1)), version)

    @property
    def current(self) -> int:
        """Number of the present policy."""
        return self.good[-1]

    @property
    def following(self) -> int:
        """Number of the next policy that is accepted."""
        return self.highest + 1

    def with_accepted(self, version: int) -> Versions:
        """Return the versions after a policy was accepted."""
        return Versions((*self.good, version), max(version, self.highest))

    def rolled_back(self) -> Versions:
        """Return the versions without the last accepted one; the first policy stays."""
        return Versions(self.good[:-1] or self.good, self.highest)


FIRST = Versions()
"""A session that begins."""
