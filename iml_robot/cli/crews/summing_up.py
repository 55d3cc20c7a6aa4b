"""What a session came to, for the person who drove it."""

from __future__ import annotations

from collections.abc import Mapping

from iml_robot.data.judgements import Judgements, Review
from iml_robot.session.results import Count, RunResult
from iml_robot.session.session import Session
from iml_robot.station.summary.figures import (
    Learned,
    SessionFigures,
    SuccessFigures,
)
from iml_robot.station.summary.gathering import (
    ReactionFigures,
    episode_figures,
    folder_bytes,
    reaction_figures,
)
from iml_robot.station.workload.workload import Workload


def figures_of(
    result: RunResult,
    session: Session,
    workload: Workload,
    reviews: Mapping[int, Review],
    *,
    demonstrated: bool = False,
) -> SessionFigures:
    """Return what the summary of a session tells, with all that came before a resume.

    Args:
        result: What was measured and driven.
        session: The session.
        workload: How the person worked since it was started or resumed.
        reviews: What the person said since then, by the numbers of the episodes.
        demonstrated: Whether the person was to drive whole episodes.
    """
    reactions = _reactions(session, workload)
    if session.store.healthy:
        reviews = {**Judgements(session.store).reviews(), **reviews}
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
        demonstrated=demonstrated,
        to_asks_s=reactions.to_asks_s,
        to_signs_s=reactions.to_signs_s,
        unanswered=reactions.unanswered,
        learned=[_learned(text) for row in result.episodes for text in row.decisions],
        folder=session.folder,
        data_bytes=folder_bytes(session.folder),
        watched_s=reactions.watched_s,
        breaks=reactions.breaks,
        notes=result.notes,
    )


def _reactions(session: Session, workload: Workload) -> ReactionFigures:
    """Return the reactions of the whole session; of this part where the disk refuses."""
    if session.store.healthy:
        return reaction_figures(session.store.events())
    reacting = workload.reacting
    return ReactionFigures(
        tuple(reacting.to_asks_s),
        tuple(reacting.to_signs_s),
        reacting.unanswered,
        workload.breaks,
        workload.watched_s,
    )


def _pair(count: Count | None) -> tuple[int, int] | None:
    return None if count is None else (count.successes, count.maps)


def _learned(text: str) -> Learned:
    accepted = {"accepted": True, "refused": False}
    return Learned(text, next((v for word, v in accepted.items() if word in text), None))
