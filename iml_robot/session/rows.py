"""What a session notes about an episode and what was learned from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from iml_robot.core.types import Episode
from iml_robot.session.results import EpisodeRow
from iml_robot.training.trainer import TrainingResult


def row_of(
    episode: Episode,
    result: TrainingResult,
    dt_s: float,
    *,
    wait_s: float | None,
    notes: Sequence[str],
) -> EpisodeRow:
    """Return what happened in an episode and after it.

    Args:
        episode: The episode.
        result: Where learning stands after it.
        dt_s: Control period [s].
        wait_s: Time that the operator waited for the episode [s]; None: not known.
        notes: What was decided otherwise, in whole sentences.
    """
    asks = {"asks": float(episode.asks)} if episode.asked.any() else {}
    return EpisodeRow(
        episode_id=episode.info.episode_id,
        outcome=episode.info.outcome,
        takeovers=len(episode.takeovers()),
        human_controlled_s=float(episode.human_controlled.sum()) * dt_s,
        duration_s=len(episode) * dt_s,
        policy_version=episode.info.policy_version,
        rewound_s=episode.rewound_steps * dt_s,
        update_s=result.seconds,
        wait_s=wait_s,
        figures={**result.figures, **asks, "version": float(result.version)},
        decisions=(*notes, *decisions_of(result)),
    )


def with_more(row: EpisodeRow, result: TrainingResult) -> EpisodeRow:
    """Return a row that also tells what was learned after it.

    Args:
        row: What happened in the episode.
        result: Where learning stands later.
    """
    return replace(
        row,
        update_s=(row.update_s or 0.0) + (result.seconds or 0.0),
        figures={**row.figures, **result.figures, "version": float(result.version)},
        decisions=(*row.decisions, *decisions_of(result)),
    )


def decisions_of(result: TrainingResult) -> tuple[str, ...]:
    """Return what was decided about policies, and what went wrong, for the report."""
    decisions = (improvement.decision for improvement in result.improvements)
    return (*filter(None, decisions), *result.incidents)


def plain(row: EpisodeRow) -> dict[str, Any]:
    """Return a row as plain values that build it again."""
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name in EpisodeRow.__dataclass_fields__
        if name != "success"
        for value in [getattr(row, name)]
    }
