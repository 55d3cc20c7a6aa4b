"""Recorded corrections in the form that the library imitation reads."""

from __future__ import annotations

import numpy as np
from imitation.data.types import Trajectory

from iml_robot.core.types import Episode, FloatArray
from iml_robot.learners.frames.selection import usable_rows


def takeover_trajectories(episode: Episode) -> list[Trajectory]:
    """Return what the operator did in each takeover: n + 1 observations, n actions.

    A takeover in which a step has no label falls into the parts around that step.
    """
    trajectories: list[Trajectory] = []
    for takeover in episode.takeovers():
        seen, labels = episode.observations[takeover], episode.operator_actions[takeover]
        for run in _runs(usable_rows(seen, labels)):
            first, end = takeover.start + run.start, takeover.start + run.stop
            trajectories.append(
                Trajectory(
                    obs=episode.observations[first : end + 1].copy(),
                    acts=episode.operator_actions[first:end].copy(),
                    infos=None,
                    terminal=end == len(episode) and episode.info.terminated,
                )
            )
    return trajectories


def sample_trajectory(observations: FloatArray, actions: FloatArray) -> Trajectory:
    """Return independent samples as one trajectory.

    Cloning looks at each pair alone, so that their order does not matter; the last
    observation is there twice because a trajectory ends with one.

    Args:
        observations: shape (n, obs_dim), n at least 1.
        actions: shape (n, act_dim).
    """
    return Trajectory(
        obs=np.concatenate([observations, observations[-1:]]),
        acts=actions,
        infos=None,
        terminal=False,
    )


def _runs(marks: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[slice]:
    """Return the runs of consecutive true values."""
    edges = np.flatnonzero(np.diff(np.r_[False, marks, False].astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
