"""Reads recorded episodes back, bit for bit, and says where the disk changed them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from iml_robot.core.errors import ArtifactError
from iml_robot.core.types import Episode, EpisodeInfo, FloatArray
from iml_robot.data.rows import (
    StepRow,
    build_episode,
    build_interrupted,
    checksum,
    episode_checksum,
)
from iml_robot.data.schema import select

_EPISODE_COLUMNS = (
    *("episode_id", "phase", "env_id", "seed", "options", "policy_version"),
    *("continues", "begins_at", "rewound_to"),
    *("outcome", "terminated", "steps", "last_observation", "crc32"),
)
_STEP_COLUMNS = (*StepRow._fields, "crc32")


def read_episodes(
    connection: sqlite3.Connection, path: Path, *, first: int = 0
) -> Iterator[Episode]:
    """Yield the recorded episodes in order, those that lost their end included.

    An interrupted episode has the outcome "interrupted" and ends with the last step
    whose result is known; one with fewer than two steps is left out.

    Args:
        connection: An open session.
        path: The file, for error messages.
        first: Number of the first episode to read.

    Raises:
        ArtifactError: If a step differs from what was recorded.
    """
    # What was driven since the reset, by episode; a continuation needs that of another.
    driven: dict[int, FloatArray] = {}
    sql = select(connection, "episodes", _EPISODE_COLUMNS)
    for values in connection.execute(f"{sql} ORDER BY episode_id").fetchall():
        number, continues, rewound_to = values[0], values[6], values[8]
        if number < first and rewound_to is None:
            continue
        try:
            episode = _episode(connection, path, values)
        except (TypeError, ValueError) as error:
            raise ArtifactError(f"{path}: episode {number}: damaged: {error}") from error
        if episode is None:
            continue
        if continues in driven and episode.info.begins_at:
            prelude = driven[continues][: episode.info.begins_at]
            episode = replace(episode, prelude=prelude)
        if rewound_to is not None and episode.knows_prelude:
            driven[number] = episode.driven
        if number >= first:
            yield episode


def _episode(
    connection: sqlite3.Connection, path: Path, values: tuple[Any, ...]
) -> Episode | None:
    *_, outcome, terminated, count, last, crc = values
    info = EpisodeInfo(
        episode_id=values[0],
        phase=values[1],
        env_id=values[2],
        seed=values[3],
        options=json.loads(values[4]),
        policy_version=values[5],
        continues=values[6],
        begins_at=values[7],
        rewound_to=values[8],
        outcome=outcome,
        terminated=bool(terminated),
    )
    where = f"{path}: episode {info.episode_id}"
    if last is None and outcome not in ("", "interrupted"):
        raise ArtifactError(f"{where}: damaged: it ended, but its last observation is gone")
    if last is not None and crc != episode_checksum(
        info, options=values[4], steps=count, last=last
    ):
        raise ArtifactError(f"{where}: damaged: the row does not match its checksum")
    rows = _steps(connection, path, info.episode_id)
    if last is not None and len(rows) == count:
        return build_episode(info, rows, last)
    return build_interrupted(info, rows) if len(rows) > 1 else None


def _steps(connection: sqlite3.Connection, path: Path, episode_id: int) -> list[StepRow]:
    """Return the steps of an episode up to the first that is missing."""
    rows: list[StepRow] = []
    steps = select(connection, "steps", _STEP_COLUMNS)
    found = connection.execute(f"{steps} WHERE episode_id = ? ORDER BY step", (episode_id,))
    for *values, crc in found:
        row = StepRow(*values)
        if row.step != len(rows):
            break
        if not _sound(row, crc):
            raise ArtifactError(
                f"{path}: episode {episode_id}, step {row.step}: the stored values do not "
                "match their checksum; the file is damaged"
            )
        rows.append(row)
    return rows


def _sound(row: StepRow, crc: int) -> bool:
    try:
        return checksum(row) == crc
    except Exception:  # a value of another type, which no program stored
        return False
