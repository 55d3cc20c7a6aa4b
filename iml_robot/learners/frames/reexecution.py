"""Corrections driven again from disturbed states: more labels for no human time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.seeding import named_stream
from iml_robot.core.types import Episode, FloatArray
from iml_robot.learners.frames.selection import (
    SKIP_STEPS,
    Frames,
    helpful,
    join_frames,
    usable_rows,
)
from iml_robot.robots.replays import Moment, Replays

DISTURBED_STEPS = 6
"""For so many steps before the operator's actions others are driven: 0.3 s."""
DISTURBANCE = 0.5
"""Standard deviation of what is added to the operator's first action meanwhile."""
LEAST_APPROACH = 0.5
"""Share of the operator's own approach to the goal that must be reached again."""


class Reexecutions:
    """Repeats takeovers that helped from states beside theirs; keeps what succeeds.

    Args:
        replays: Simulators.
        copies: Repetitions of each takeover.
        seed: Root of the disturbances.

    Source: the idea of multiplying interventions is from IntervenGen (2024, arXiv
    2405.01472).
    """

    def __init__(self, replays: Replays, *, copies: int, seed: int) -> None:
        self._replays, self._copies, self._seed = replays, copies, seed
        self._known: dict[tuple[int, int, int], list[tuple[FloatArray, FloatArray]]] = {}

    def frames(self, episodes: Sequence[Episode]) -> Frames:
        """Return what the operator's actions look like there, one group a takeover."""
        groups: list[tuple[FloatArray, FloatArray]] = []
        for episode in episodes:
            for takeover, helped in zip(episode.takeovers(), helpful(episode), strict=True):
                if not helped or takeover.stop - takeover.start <= SKIP_STEPS:
                    continue
                key = episode.info.seed, episode.info.begins_at, takeover.start
                if key not in self._known:
                    self._known[key] = self._repeat(episode, takeover)
                copies = self._known[key]
                if copies:
                    seen, labels = zip(*copies, strict=True)
                    groups.append((np.concatenate(seen), np.concatenate(labels)))
        return join_frames(groups, episodes)

    def _repeat(
        self, episode: Episode, takeover: slice
    ) -> list[tuple[FloatArray, FloatArray]]:
        """Return observations and labels of the repetitions that went well."""
        start = takeover.start + SKIP_STEPS
        commands = episode.executed_actions[start : takeover.stop]
        rng = named_stream(self._seed, "reexecution", episode.info.seed)
        drivers = [_Playback(np.zeros((0, commands.shape[1]), np.float32), commands)]
        for _ in range(self._copies):
            way = DISTURBANCE * rng.standard_normal(commands.shape[1])
            first = np.clip(commands[0] + way, -1, 1).astype(np.float32)
            disturbed = np.repeat(first[None], DISTURBED_STEPS, axis=0)
            drivers.append(_Playback(disturbed, commands))
        moments = [Moment(episode, start)] * len(drivers)
        steps = DISTURBED_STEPS + len(commands)
        own, *others = self._replays.futures(moments, drivers, steps=steps)
        if own is None:
            return []
        kept = []
        for future in others:
            assert future is not None
            good = future.outcome in ("", "success")
            if good and future.approach_m >= LEAST_APPROACH * own.approach_m:
                seen = future.observations[DISTURBED_STEPS:-1]
                labels = commands[: len(seen)]
                usable = usable_rows(seen, labels)
                kept.append((seen[usable], labels[usable]))
        return kept


class _Playback:
    """Plays back a disturbance, then an operator's actions, then stands still."""

    def __init__(self, disturbance: FloatArray, commands: FloatArray) -> None:
        last = np.zeros((1, commands.shape[1]), np.float32)
        self._actions = np.concatenate([disturbance, commands, last])
        self._step = 0

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the next action; the observation does not matter."""
        action: FloatArray = self._actions[min(self._step, len(self._actions) - 1)]
        self._step += 1
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the next action for the only robot."""
        return self.act(observations[0])[None]
