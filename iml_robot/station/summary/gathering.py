"""Makes the figures of a summary from what a session recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iml_robot.core.types import Episode
from iml_robot.data.judgements import Review
from iml_robot.data.records import EventRecord
from iml_robot.station.summary.figures import EpisodeFigures
from iml_robot.station.workload.events import BREAK_TAKEN, FIGURES, REACTION, UNANSWERED


@dataclass(frozen=True, slots=True)
class ReactionFigures:
    """How a person reacted in a session.

    Attributes:
        to_asks_s: Times from a request of the robot to the reaction [s].
        to_signs_s: Times from the first sign of trouble to the takeover [s].
        unanswered: Requests that nobody answered.
        breaks: How many breaks there were.
        watched_s: Time of watching the policy [s], of each part that came to its end.
    """

    to_asks_s: tuple[float, ...] = ()
    to_signs_s: tuple[float, ...] = ()
    unanswered: int = 0
    breaks: int = 0
    watched_s: float = 0.0


def episode_figures(
    episodes: Sequence[Episode],
    dt_s: float,
    *,
    reviews: Mapping[int, Review] | None = None,
    discarded: Collection[int] = (),
) -> list[EpisodeFigures]:
    """Return what happened in each episode.

    Args:
        episodes: The episodes in order.
        dt_s: Control period [s].
        reviews: What people said about them, by number; it goes before what the
            environment said.
        discarded: Numbers of those that nothing is learned from.
    """
    found = []
    for episode in episodes:
        number, outcome = episode.info.episode_id, episode.info.outcome
        review = (reviews or {}).get(number)
        found.append(
            EpisodeFigures(
                outcome=outcome,
                success=outcome == "success" if review is None else review.success,
                takeovers=len(episode.takeovers()),
                human_s=float(episode.human_controlled.sum()) * dt_s,
                duration_s=len(episode) * dt_s,
                discarded=number in discarded,
            )
        )
    return found


def reaction_figures(events: Iterable[EventRecord]) -> ReactionFigures:
    """Return the reactions and breaks among the events of a session.

    Args:
        events: Of all its parts, also of those before it was resumed.
    """
    times: dict[str, list[float]] = {"ask": [], "sign": []}
    unanswered, breaks, watched_s = 0, 0, 0.0
    for event in events:
        if event.kind == REACTION:
            times.setdefault(event.detail["to"], []).append(float(event.detail["seconds"]))
        unanswered += event.kind == UNANSWERED
        breaks += event.kind == BREAK_TAKEN
        watched_s += float(event.detail["watched_s"]) if event.kind == FIGURES else 0.0
    asks, signs = tuple(times["ask"]), tuple(times["sign"])
    return ReactionFigures(asks, signs, unanswered, breaks, watched_s)


def folder_bytes(folder: Path) -> int:
    """Return how much a folder holds; what goes away meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
