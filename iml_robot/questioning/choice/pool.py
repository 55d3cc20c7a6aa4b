"""The segments that can be asked about, and what is known of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot.core.feedback import Segment
from iml_robot.core.types import BoolArray, Episode
from iml_robot.questioning.choice.segments import LENGTH_S, segments_of

NEWEST = 10
"""So many of the last episodes count as new."""


@dataclass(frozen=True)
class Pool:
    """Segments to ask about; n is their number.

    Attributes:
        segments: The segments.
        newest: Those of the newest episodes, shape (n,).
        corrected: Those in which the operator drove, shape (n,).
        stages: When in its episode each begins, from 0 to 1, shape (n,).
        places: Number of the map that each was driven on, shape (n,).
    """

    segments: tuple[Segment, ...]
    newest: BoolArray
    corrected: BoolArray
    stages: npt.NDArray[np.float64]
    places: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of segments n."""
        return len(self.segments)

    @classmethod
    def of_segments(
        cls,
        segments: Sequence[Segment],
        *,
        corrected: Collection[int] = (),
        newest: int = NEWEST,
    ) -> Pool:
        """Return a pool of segments of which no more is known than they say.

        Stages are reckoned from the segments of an episode that are there, and each episode
        has a map of its own.

        Args:
            segments: The segments.
            corrected: Places in `segments` of those in which the operator drove.
            newest: How many of the last episodes count as new.
        """
        ends: dict[int, int] = {}
        for segment in segments:
            known = ends.get(segment.episode_id, 0)
            ends[segment.episode_id] = max(known, segment.stop)
        recent = set(sorted(ends)[-newest:])
        marked = set(corrected)
        return cls(
            tuple(segments),
            np.array([s.episode_id in recent for s in segments], np.bool_),
            np.array([i in marked for i in range(len(segments))], np.bool_),
            np.array([s.start / ends[s.episode_id] for s in segments], np.float64),
            np.array([s.episode_id for s in segments], np.int64),
        )

    @classmethod
    def of_episodes(
        cls,
        episodes: Sequence[Episode],
        period_s: float,
        *,
        length_s: float = LENGTH_S,
        newest: int = NEWEST,
    ) -> Pool:
        """Return the segments of episodes.

        Args:
            episodes: What was driven, the newest last.
            period_s: Control period [s].
            length_s: How long segments are [s].
            newest: How many of the last episodes count as new.

        Raises:
            ValueError: If a time is not above 0.
        """
        cut = [(e, segments_of([e], period_s, length_s=length_s)) for e in episodes]
        recent = {e.info.episode_id for e, _ in [c for c in cut if c[1]][-newest:]}
        rows = [(episode, segment) for episode, found in cut for segment in found]
        maps: dict[str, int] = {}
        return cls(
            tuple(segment for _, segment in rows),
            np.array([e.info.episode_id in recent for e, _ in rows], np.bool_),
            np.array([_drove(e, segment) for e, segment in rows], np.bool_),
            np.array([_stage(e, segment) for e, segment in rows], np.float64),
            np.array([maps.setdefault(_map(e), len(maps)) for e, _ in rows], np.int64),
        )


def _drove(episode: Episode, segment: Segment) -> bool:
    return bool(episode.human_controlled[segment.start : segment.stop].any())


def _stage(episode: Episode, segment: Segment) -> float:
    """Return the share of an episode, reckoned from its reset, that was over."""
    before = episode.info.begins_at
    return (before + segment.start) / (before + len(episode))


def _map(episode: Episode) -> str:
    """Return what decides where an episode begins."""
    options = dict(episode.info.options)
    # Where the map is chosen by options, the seed does not matter.
    seed = None if "index" in options else episode.info.seed
    return json.dumps([episode.info.env_id, options, seed], sort_keys=True, default=str)
