"""What a session came to, for the person who drove it."""

from __future__ import annotations

from collections.abc import Mapping

from iml_robot.data.judgements import Review
from iml_robot.session.results import Count, RunResult
from iml_robot.session.session import Session
from iml_robot.station.summary.figures import (
    Learned,
    SessionFigures,
    SuccessFigures,
)
from iml_robot.station.summary.gathering import episode_figures, folder_bytes
from iml_robot.station.workload.workload import Workload


def figures_of(
    result: RunResult,
    session: Session,
    workload: Workload,
    reviews: Mapping[int, Review],
) -> SessionFigures:
    """Return what the summary of a session tells.

    Args:
        result: What was measured and driven.
        session: The session.
        workload: How the person worked.
        reviews: What the person said about episodes, by their numbers.
    """
    return SessionFigures(
        name=result.name,
        episodes=episode_figures(
            session.episodes,
            session.control_dt_s,
            reviews=reviews,
            discarded=session.discarded,
        ),
        evaluations=[
            SuccessFigures(e.name, _pair(e.before), _pair(e.after))
            for e in result.evaluations
        ],
        to_asks_s=workload.reacting.to_asks_s,
        to_signs_s=workload.reacting.to_signs_s,
        unanswered=workload.reacting.unanswered,
        learned=[_learned(text) for row in result.episodes for text in row.decisions],
        folder=session.folder,
        data_bytes=folder_bytes(session.folder),
        watched_s=workload.watched_s,
        breaks=workload.breaks,
        notes=result.notes,
    )


def _pair(count: Count | None) -> tuple[int, int] | None:
    return None if count is None else (count.successes, count.maps)


def _learned(text: str) -> Learned:
    accepted = {"accepted": True, "refused": False}
    return Learned(text, next((v for word, v in accepted.items() if word in text), None))
