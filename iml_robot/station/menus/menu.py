"""A list of lines with a cursor; no pixels in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu.

    Attributes:
        key: Its name in the program.
        label: What it is called.
        value: What is set now; "" if there is nothing to set.
        note: One line about it, shown while the cursor is on it.
        adjustable: Whether left and right change it.
        refused: Why it cannot be chosen now; "" if it can.
    """

    key: str
    label: str
    value: str = ""
    note: str = ""
    adjustable: bool = False
    refused: str = ""


class Menu:
    """Items and the one under the cursor, which stays where it is when items change.

    Args:
        items: The lines; at least one.
        start: Key of the line under the cursor at first; "": the first.
    """

    def __init__(self, items: Sequence[Item], start: str = "") -> None:
        self._items = tuple(items)
        self._place = 0
        self.point(start)

    @property
    def items(self) -> tuple[Item, ...]:
        """The lines."""
        return self._items

    @property
    def place(self) -> int:
        """Number of the line under the cursor, from 0."""
        return self._place

    @property
    def current(self) -> Item:
        """The line under the cursor."""
        return self._items[self._place]

    def replace(self, items: Sequence[Item]) -> None:
        """Show other lines; the cursor stays on the line with the same key."""
        key = self.current.key
        self._items = tuple(items)
        self._place = min(self._place, len(self._items) - 1)
        self.point(key)

    def move(self, lines: int) -> None:
        """Move the cursor down, or up if negative; it goes round at the ends."""
        self._place = (self._place + lines) % len(self._items)

    def point(self, key: str) -> None:
        """Move the cursor to a line; an unknown key changes nothing."""
        for place, item in enumerate(self._items):
            if item.key == key:
                self._place = place
