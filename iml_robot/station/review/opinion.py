"""What a person makes of an episode, line by line; no pixels in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iml_robot.data.judgements import TAGS, Review

VERDICTS: Mapping[str, bool | None] = {"success": True, "failure": False, "unsure": None}
VERDICT_WORDS: Mapping[str, str] = {
    "success": "it was a success",
    "failure": "it was a failure",
    "unsure": "I am not sure",
}
DISCARD, REWIND, DONE = "discard", "rewind", "done"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the review.

    Attributes:
        key: Its name in the program.
        label: What it says.
        kind: "one" of several, "mark" on or off, or "do".
        on: Whether it is marked.
    """

    key: str
    label: str
    kind: str
    on: bool = False


class Opinion:
    """What holds now, and which line is under the cursor.

    Args:
        success: What the environment said.

    Attributes:
        cursor: Key of the line under the cursor.
    """

    def __init__(self, success: bool) -> None:
        self.cursor = DONE
        self._told = success
        self._success: bool | None = success
        self._tags: set[str] = set()
        self._discard = False

    @property
    def lines(self) -> list[Line]:
        """All lines from top to bottom."""
        verdicts = [
            Line(key, VERDICT_WORDS[key], "one", on=VERDICTS[key] is self._success)
            for key in VERDICTS
        ]
        tags = [
            Line(tag, words, "mark", on=tag in self._tags) for tag, words in TAGS.items()
        ]
        return [
            *verdicts,
            *tags,
            Line(DISCARD, "do not learn from it", "mark", on=self._discard),
            Line(REWIND, "rewind to here and drive", "do"),
            Line(DONE, "go on", "do"),
        ]

    def move(self, lines: int) -> None:
        """Move the cursor down, or up if negative; it goes round at the ends."""
        keys = [line.key for line in self.lines]
        self.cursor = keys[(keys.index(self.cursor) + lines) % len(keys)]

    def press(self, key: str) -> None:
        """Choose or mark a line; lines that do something change nothing here."""
        if key in VERDICTS:
            self._success = VERDICTS[key]
        elif key in TAGS:
            self._tags ^= {key}
        elif key == DISCARD:
            self._discard = not self._discard

    def review(self, seconds_spent: float, *, rewind_to_step: int | None = None) -> Review:
        """Return what holds now."""
        return Review(
            success=self._success,
            tags=tuple(tag for tag in TAGS if tag in self._tags),
            discard=self._discard,
            rewind_to_step=rewind_to_step,
            seconds_spent=seconds_spent,
            changed=self._success is not self._told,
        )
