"""What a person says about episodes and about the work, kept among the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iml_robot.data.records import EventRecord
from iml_robot.data.store import SessionStore

REVIEW, DISCARDED, RESTORED = "episode_review", "episode_discarded", "episode_restored"
LOAD = "workload_answers"

TAGS: Mapping[str, str] = {
    "stuck": "got stuck",
    "hit": "hit something",
    "slow": "too slow",
    "unsafe": "unsafe",
    "other": "something else",
}
"""Reasons that a person can give for what they think of an episode, and their words."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person thinks of an episode that has ended.

    Attributes:
        success: Whether it was a success; None: the person is not sure.
        tags: Reasons, keys of `TAGS`.
        discard: Whether nothing may be learned from it.
        rewind_to_step: Step of the episode that it shall be driven on from; None: it ended
            where it ended.
        seconds_spent: How long the person looked at it [s].
        changed: Whether the person said something else than the environment.
    """

    success: bool | None
    tags: tuple[str, ...] = ()
    discard: bool = False
    rewind_to_step: int | None = None
    seconds_spent: float = 0.0
    changed: bool = False

    def __post_init__(self) -> None:
        """Refuse reasons that nobody can mean.

        Raises:
            ValueError: If a tag is unknown or a step or time negative.
        """
        unknown = [tag for tag in self.tags if tag not in TAGS]
        if unknown:
            raise ValueError(f"no reason is called {unknown[0]!r}; use {', '.join(TAGS)}")
        if self.seconds_spent < 0 or (self.rewind_to_step or 0) < 0:
            raise ValueError("steps and seconds of a review must be at least 0")


@dataclass(frozen=True, slots=True)
class LoadAnswers:
    """Answers to the six questions of the task load index (NASA-TLX, without weights).

    Attributes:
        values: Answers from 0 to 100 in steps of 5 by the name of the scale; a question
            that was left out is missing.
        complete: Whether all six were answered.
        seconds_spent: How long it took [s].
    """

    values: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False
    seconds_spent: float = 0.0

    @property
    def mean(self) -> float | None:
        """Mean of the answers, the "raw" index; None if there is none.

        Source: Hart, "NASA-Task Load Index (NASA-TLX); 20 years later" (2006).
        """
        return sum(self.values.values()) / len(self.values) if self.values else None


class Judgements:
    """Stores what people say, and reads it again; nothing stored is ever changed.

    Args:
        store: The session.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def put_review(self, episode_id: int, review: Review, *, outcome: str) -> None:
        """Store what somebody thinks of an episode, and that it is discarded if it is.

        Args:
            episode_id: Number of the episode.
            review: What was said.
            outcome: How it ended by the environment.
        """
        detail = {
            "success": review.success,
            "tags": list(review.tags),
            "discard": review.discard,
            "rewind_to_step": review.rewind_to_step,
            "seconds_spent": review.seconds_spent,
            "changed": review.changed,
            "outcome": outcome,
        }
        self._store.put_event(REVIEW, episode_id=episode_id, detail=detail)
        if review.discard:
            self.discard(episode_id, why="review")

    def discard(self, episode_id: int, *, why: str) -> None:
        """Note that nothing may be learned from an episode; it stays in the file."""
        self._store.put_event(DISCARDED, episode_id=episode_id, detail={"why": why})

    def restore(self, episode_id: int) -> None:
        """Note that an episode that was discarded counts again."""
        self._store.put_event(RESTORED, episode_id=episode_id)

    def put_load(self, answers: LoadAnswers) -> None:
        """Store how much work it was."""
        detail = {
            "values": dict(answers.values),
            "complete": answers.complete,
            "seconds_spent": answers.seconds_spent,
            "mean": answers.mean,
        }
        self._store.put_event(LOAD, detail=detail)

    def reviews(self) -> dict[int, Review]:
        """Return the last review of each episode, by its number."""
        return {
            event.episode_id: _review(event.detail)
            for event in self._store.events()
            if event.kind == REVIEW and event.episode_id is not None
        }

    def discarded(self) -> frozenset[int]:
        """Return the numbers of the episodes that nothing may be learned from."""
        return discarded_in(self._store.events())

    def loads(self) -> list[LoadAnswers]:
        """Return all answers about the work, in order."""
        return [
            LoadAnswers(
                dict(event.detail["values"]),
                bool(event.detail["complete"]),
                float(event.detail["seconds_spent"]),
            )
            for event in self._store.events()
            if event.kind == LOAD
        ]


def discarded_in(events: Iterable[EventRecord]) -> frozenset[int]:
    """Return the numbers of the episodes that are discarded after all events."""
    found: set[int] = set()
    for event in events:
        if event.episode_id is None:
            continue
        if event.kind == DISCARDED:
            found.add(event.episode_id)
        elif event.kind == RESTORED:
            found.discard(event.episode_id)
    return frozenset(found)


def _review(detail: Mapping[str, Any]) -> Review:
    names = ("success", "discard", "rewind_to_step", "seconds_spent", "changed")
    return Review(tags=tuple(detail["tags"]), **{name: detail[name] for name in names})
