"""Recorders: steps go into memory at once, and to the disk behind the loop's back."""

from __future__ import annotations

import enum
import time
from dataclasses import replace

from iml_robot.core.types import Episode, EpisodeInfo, FloatArray, Step
from iml_robot.data.rows import StepRow, array_bytes, build_episode, pack_step
from iml_robot.data.store import SessionStore


class Recording(enum.Enum):
    """What becomes of the steps that are driven now.

    Attributes:
        OFF: No episode is open, so that nothing is kept.
        ON: They are on the disk, or will be.
        FAILED: The disk refuses; they are in memory only.
    """

    OFF = "off"
    ON = "on"
    FAILED = "failed"


class MemoryRecorder:
    """Keeps one episode in memory and stores nothing; for evaluations and tests."""

    def __init__(self) -> None:
        self._info: EpisodeInfo | None = None
        self._rows: list[StepRow] = []

    @property
    def is_open(self) -> bool:
        """Whether an episode is open."""
        return self._info is not None

    @property
    def frames(self) -> int:
        """Steps of the open episode so far."""
        return len(self._rows)

    def begin(self, info: EpisodeInfo) -> None:
        """Open an episode.

        Raises:
            RuntimeError: If the last one is still open.
        """
        if self._info is not None:
            raise RuntimeError(
                f"episode {self._info.episode_id} is still open; call finish first"
            )
        self._info = info
        self._rows = []

    def add(self, step: Step) -> None:
        """Keep one step; its arrays are copied."""
        self.append(step)

    def append(self, step: Step) -> StepRow:
        """Keep one step and return it as a row.

        Raises:
            RuntimeError: If no episode is open.
        """
        info = self._open()
        row = pack_step(
            step,
            episode_id=info.episode_id,
            number=len(self._rows),
            time_s=time.monotonic(),
        )
        self._rows.append(row)
        return row

    def finish(
        self,
        last_observation: FloatArray,
        *,
        outcome: str,
        terminated: bool,
        rewound_to: int | None = None,
    ) -> Episode:
        """Close the episode and return it as arrays.

        Args:
            last_observation: What followed the last action, shape (obs_dim,).
            outcome: How it ended, for example "success".
            terminated: True if the task ended the episode.
            rewound_to: Where its continuation begins; see `EpisodeInfo`.

        Raises:
            RuntimeError: If no episode is open.
            ValueError: If the outcome is empty, which marks a running episode.
        """
        if not outcome:
            raise ValueError("the outcome must not be empty; give for example 'time_limit'")
        info = replace(
            self._open(), outcome=outcome, terminated=terminated, rewound_to=rewound_to
        )
        episode = build_episode(info, self._rows, array_bytes(last_observation))
        self._info = None
        self._rows = []
        return episode

    def _open(self) -> EpisodeInfo:
        if self._info is None:
            raise RuntimeError("no episode is open; call begin first")
        return self._info


class SessionRecorder:
    """Records every step of a session.

    `add` copies the arrays and puts the row into a queue; a thread writes it. An episode
    that never reaches `finish` stays in the file as interrupted.

    Args:
        store: The session, open for writing.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._memory = MemoryRecorder()

    @property
    def healthy(self) -> bool:
        """True while everything recorded is, or will be, on the disk."""
        return self._store.healthy

    @property
    def state(self) -> Recording:
        """What becomes of the steps that are driven now."""
        if not self._store.healthy:
            return Recording.FAILED
        return Recording.ON if self._memory.is_open else Recording.OFF

    @property
    def frames(self) -> int:
        """Steps of the open episode so far."""
        return self._memory.frames

    def begin(self, info: EpisodeInfo) -> None:
        """Open an episode.

        Raises:
            RuntimeError: If the last one is still open, or the number is taken.
        """
        self._memory.begin(info)
        self._store.put_episode(info)

    def add(self, step: Step) -> None:
        """Store one step without blocking the control loop."""
        self._store.put_step(self._memory.append(step))

    def finish(
        self,
        last_observation: FloatArray,
        *,
        outcome: str,
        terminated: bool,
        rewound_to: int | None = None,
    ) -> Episode:
        """Close the episode, wait until it is on the disk, and return it as arrays.

        A disk that refuses makes `healthy` False and raises nothing: the episode is in
        memory, and the learner can still use it.

        Args:
            last_observation: What followed the last action, shape (obs_dim,).
            outcome: How it ended, for example "success".
            terminated: True if the task ended the episode.
            rewound_to: Where its continuation begins; see `EpisodeInfo`.
        """
        episode = self._memory.finish(
            last_observation,
            outcome=outcome,
            terminated=terminated,
            rewound_to=rewound_to,
        )
        self._store.finish_episode(episode)
        self._store.flush()
        return episode
