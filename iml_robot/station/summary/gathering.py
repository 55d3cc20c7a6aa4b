"""Makes the figures of a summary from what a session recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iml_robot.core.types import Episode
from iml_robot.data.judgements import Review
from iml_robot.data.records import EventRecord
from iml_robot.station.summary.figures import EpisodeFigures, Learned
from iml_robot.station.workload.events import BREAK_TAKEN, REACTION, UNANSWERED

ACCEPTED, REFUSED, TAKEN_BACK = "policy_accepted", "policy_refused", "policy_rolled_back"
"""Kinds of events about policies, as the session writes them."""


@dataclass(frozen=True, slots=True)
class ReactionFigures:
    """How a person reacted in a session.

    Attributes:
        to_asks_s: Times from a request of the robot to the reaction [s].
        to_signs_s: Times from the first sign of trouble to the takeover [s].
        unanswered: Requests that nobody answered.
        breaks: How many breaks there were.
    """

    to_asks_s: tuple[float, ...] = ()
    to_signs_s: tuple[float, ...] = ()
    unanswered: int = 0
    breaks: int = 0


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
    """Return the reactions and breaks among the events of a session."""
    times: dict[str, list[float]] = {"ask": [], "sign": []}
    unanswered = breaks = 0
    for event in events:
        if event.kind == REACTION:
            times.setdefault(event.detail["to"], []).append(float(event.detail["seconds"]))
        unanswered += event.kind == UNANSWERED
        breaks += event.kind == BREAK_TAKEN
    return ReactionFigures(tuple(times["ask"]), tuple(times["sign"]), unanswered, breaks)


def learned_lines(events: Iterable[EventRecord]) -> list[Learned]:
    """Return what became of each update, in order, from the events of a session."""
    lines = []
    for event in events:
        detail = event.detail
        if event.kind == ACCEPTED:
            text = f"policy {detail['version']} accepted: {detail['reason']}"
            lines.append(Learned(text, accepted=True))
        elif event.kind == REFUSED:
            text = f"policy {detail['version']} stays, its successor refused: "
            lines.append(Learned(text + str(detail["reason"]), accepted=False))
        elif event.kind == TAKEN_BACK:
            text = f"policy {detail['from']} taken back; policy {detail['to']} drives on"
            lines.append(Learned(text))
    return lines


def folder_bytes(folder: Path) -> int:
    """Return how much a folder holds; what goes away meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
