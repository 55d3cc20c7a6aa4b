"""One step as a row: the bridge between the loop's types, the database and arrays."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import Episode, EpisodeInfo, FloatArray, Step


class StepRow(NamedTuple):
    """One control step in the form of the table `steps`, without its checksum.

    Arrays are the bytes of float32 values, least significant byte first; None means that
    there was no such thing.
    """

    episode_id: int
    step: int
    observation: bytes
    policy_action: bytes
    operator_action: bytes | None
    executed_action: bytes
    source: int
    authority: float
    mode: str
    moving: bool
    gripping: bool
    link: str
    reward: float | None
    evaluation: float | None
    input_age_s: float
    time_s: float
    p_help: float | None = None
    asked: bool = False
    features: bytes | None = None


_NUMBERS = struct.Struct("<qqqdddddd??")
_ASK = struct.Struct("<d?")


def pack_step(step: Step, *, episode_id: int, number: int, time_s: float) -> StepRow:
    """Return a step as a row; its arrays are copied.

    Args:
        step: What happened.
        episode_id: Episode of the step.
        number: Number of the step in its episode, from 0.
        time_s: Monotonic time [s].
    """
    signal, decision = step.signal, step.decision
    return StepRow(
        episode_id,
        number,
        array_bytes(step.observation),
        array_bytes(step.policy_action),
        None if signal.action is None else array_bytes(signal.action),
        array_bytes(decision.executed),
        int(decision.source),
        float(decision.authority),
        decision.mode.value,
        bool(signal.moving),
        bool(signal.gripping),
        signal.link.value,
        # SQLite keeps no NaN: it would come back as None anyway.
        None if math.isnan(step.reward) else float(step.reward),
        None if signal.evaluation is None else float(signal.evaluation),
        float(signal.age_s),
        time_s,
        None if math.isnan(step.ask.p_help) else float(step.ask.p_help),
        bool(step.ask.asking),
        array_bytes(step.features) or None,
    )


def array_bytes(values: npt.ArrayLike) -> bytes:
    """Return the values as little-endian float32, in C order."""
    return np.asarray(values, dtype="<f4").tobytes()


def checksum(row: StepRow) -> int:
    """Return the CRC-32 of everything in a row, which finds flipped bits on the disk."""
    numbers = _NUMBERS.pack(
        row.episode_id,
        row.step,
        row.source,
        row.authority,
        math.nan if row.reward is None else row.reward,
        math.nan if row.evaluation is None else row.evaluation,
        row.input_age_s,
        row.time_s,
        float(row.operator_action is None),
        bool(row.moving),
        bool(row.gripping),
    )
    parts = (row.observation, row.policy_action, row.operator_action or b"")
    texts = f"{row.mode}/{row.link}".encode()
    # Nothing about features where there are none, as in rows of the first schemas.
    late = (_ask(row), row.features or b"")
    return zlib.crc32(b"".join((numbers, *parts, row.executed_action, texts, *late)))


def _ask(row: StepRow) -> bytes:
    """Return what was asked; nothing where nothing was, as in rows of the first schema."""
    if row.p_help is None and not row.asked:
        return b""
    return _ASK.pack(math.nan if row.p_help is None else row.p_help, bool(row.asked))


def episode_checksum(info: EpisodeInfo, *, options: str, steps: int, last: bytes) -> int:
    """Return the CRC-32 of a complete row of the table `episodes`.

    Args:
        info: Where the episode came from and how it ended.
        options: Options of the reset as stored, in JSON.
        steps: Number of steps.
        last: The observation after the last action, as float32 bytes.
    """
    numbers = (info.episode_id, info.seed, info.policy_version, info.terminated, steps)
    texts = (info.phase, info.env_id, options, info.outcome)
    # Nothing about rewinds where there was none, as in rows of the first schemas.
    rewinds = (info.continues, info.begins_at, info.rewound_to)
    known = () if rewinds == (None, 0, None) else rewinds
    parts = (*map(int, numbers), *texts, *known)
    return zlib.crc32("/".join(map(str, parts)).encode() + last)


def build_episode(
    info: EpisodeInfo, rows: Sequence[StepRow], last_observation: bytes
) -> Episode:
    """Return the episode that the rows tell.

    Args:
        info: Where it came from and how it ended.
        rows: Its steps in order.
        last_observation: What followed the last action, as float32 bytes.

    Raises:
        ValueError: If the arrays of the rows differ in size.
    """
    act_bytes = len(rows[0].executed_action) if rows else 0
    nothing = np.full(act_bytes // 4, np.nan, dtype="<f4").tobytes()
    observations = [*(row.observation for row in rows), last_observation]
    return Episode(
        info=info,
        observations=_stack(observations, "observation"),
        policy_actions=_stack([row.policy_action for row in rows], "policy action"),
        operator_actions=_stack(
            [row.operator_action or nothing for row in rows], "operator action"
        ),
        executed_actions=_stack([row.executed_action for row in rows], "executed action"),
        sources=np.array([row.source for row in rows], dtype=np.int64),
        authorities=np.array([row.authority for row in rows], dtype=np.float32),
        rewards=_column([row.reward for row in rows]),
        evaluations=_column([row.evaluation for row in rows]),
        p_help=_column([row.p_help for row in rows]),
        asked=np.array([row.asked for row in rows], dtype=np.bool_),
        features=_stack([row.features or b"" for row in rows], "feature vector"),
    )


def build_interrupted(info: EpisodeInfo, rows: Sequence[StepRow]) -> Episode:
    """Return an episode that lost its end, without the step whose result is unknown.

    The observation after the last recorded action was never stored, so the last recorded
    observation becomes the end of the episode.

    Args:
        info: Where it came from.
        rows: At least one step.
    """
    ended = replace(info, outcome="interrupted", terminated=False)
    return build_episode(ended, rows[:-1], rows[-1].observation)


def _stack(rows: Sequence[bytes], what: str) -> FloatArray:
    sizes = {len(row) for row in rows}
    if len(sizes) > 1:
        counts = ", ".join(str(size // 4) for size in sorted(sizes))
        raise ValueError(f"every {what} must have the same size, got {counts} values")
    width = sizes.pop() // 4 if sizes else 0
    # A bytearray makes the array writable, which torch asks of what it wraps.
    flat = np.frombuffer(bytearray(b"".join(rows)), dtype="<f4")
    return flat.astype(np.float32, copy=False).reshape(len(rows), width)


def _column(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float32)
