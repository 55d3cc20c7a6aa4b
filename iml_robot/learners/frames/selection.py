"""Sorts the steps of episodes: the operator's, the policy's own, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from iml_robot.core.types import BoolArray, Episode, FloatArray, IntArray, Source

if TYPE_CHECKING:
    from iml_robot.policies.ensemble.files import Rehearsal

SKIP_STEPS = 2
"""Steps left out at the beginning of a takeover, while the hand is on its way: 0.1 s."""
AGAIN_STEPS = 20
"""A takeover did not help if the next one, or the end, comes within so many steps: 1 s."""
SAME = 0.3
"""Actions that differ by less in every part are the same to a hand that steers."""
REHEARSAL_GROUP = 50
"""Frames of the rehearsal that are drawn or left out together in the bootstrap."""


@dataclass(frozen=True)
class Frames:
    """Labelled frames of a kind; N is their number.

    Attributes:
        observations: shape (N, obs_dim).
        actions: Labels in [-1, 1], shape (N, act_dim).
        groups: Which takeover or episode a frame belongs to, shape (N,), from 0.
        masses: Sampling mass of each frame against the others, shape (N,); empty: all
            groups have the same, shared out among their frames.
    """

    observations: FloatArray
    actions: FloatArray
    groups: IntArray
    masses: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.actions)


def operator_frames(
    episodes: Sequence[Episode],
    *,
    skip_steps: int,
    worth: Worth | None = None,
) -> Frames:
    """Return the operator's commands in takeovers, one group a takeover.

    Args:
        episodes: Recorded episodes.
        skip_steps: Steps left out at the beginning of a takeover, while the hand is
            still on its way; a takeover that is no longer keeps its last step.
        worth: What frames are worth; None: every takeover the same.
    """
    parts: list[tuple[FloatArray, FloatArray]] = []
    masses: list[FloatArray] = []
    for episode in episodes:
        for takeover, helped in zip(episode.takeovers(), helpful(episode), strict=True):
            steps = _steady(takeover, skip_steps)
            seen, labels = episode.observations[steps], episode.operator_actions[steps]
            usable = usable_rows(seen, labels)
            if usable.any():
                parts.append((seen[usable], labels[usable]))
                if worth is not None:
                    wanted = episode.policy_actions[steps][usable]
                    masses.append(worth.of(labels[usable], wanted, helped=helped))
    frames = join_frames(parts, episodes)
    return replace(frames, masses=np.concatenate(masses)) if masses else frames


@dataclass(frozen=True)
class Worth:
    """What the frames of a takeover are worth to a learner.

    An operator who does what the policy wants anyway corrects nothing; one who has to
    drive for longer corrects more.

    Attributes:
        full_steps: Length from which a takeover has its full mass [steps].
        full_difference: Difference of the two actions from which a frame counts in full.
        least: What a frame counts in which they agree.
        failed: Factor on takeovers that did not help.
    """

    full_steps: int
    full_difference: float
    least: float
    failed: float

    def of(self, labels: FloatArray, wanted: FloatArray, *, helped: bool) -> FloatArray:
        """Return the mass of each frame, shape (n,).

        Args:
            labels: What the operator did, shape (n, act_dim).
            wanted: What the policy wanted, same shape.
            helped: Whether the takeover helped.
        """
        takeover = min(len(labels), self.full_steps) / self.full_steps
        if not helped:
            takeover *= self.failed
        difference = np.nan_to_num(np.abs(labels - wanted).max(axis=1))
        counts = np.clip(difference / self.full_difference, self.least, 1.0)
        return np.asarray(takeover * counts / len(labels), dtype=np.float32)


def teaches(episode: Episode) -> bool:
    """Return whether the operator ever did anything else than the policy wanted."""
    for takeover in episode.takeovers():
        steps = _steady(takeover, SKIP_STEPS)
        difference = episode.operator_actions[steps] - episode.policy_actions[steps]
        # A policy that wanted nothing, which is no number, wanted something else.
        if not (np.abs(difference) < SAME).all():
            return True
    return False


def helpful(episode: Episode) -> list[bool]:
    """Return of each takeover whether it helped.

    One did not if the episode ended without success while the operator drove or just
    after, if the operator had to take over again at once, or if the operator took it back.
    """
    takeovers = episode.takeovers()
    kept = len(episode) - episode.rewound_steps
    ends = [takeover.stop for takeover in takeovers]
    following = [takeover.start for takeover in takeovers[1:]]
    if episode.info.outcome != "success":
        following.append(len(episode))
    return [
        end <= kept and (place >= len(following) or following[place] - end > AGAIN_STEPS)
        for place, end in enumerate(ends)
    ]


def policy_frames(
    episodes: Sequence[Episode],
    *,
    before_takeover_steps: int,
    unaided_only: bool = False,
) -> Frames:
    """Return the policy's own driving in successful episodes, one group an episode.

    The steps just before a takeover are left out: something was already wrong there,
    though nobody had reacted yet.

    Args:
        episodes: Recorded episodes.
        before_takeover_steps: Number of steps left out before a takeover.
        unaided_only: Whether only episodes without any takeover count.
    """
    parts: list[tuple[FloatArray, FloatArray]] = []
    for episode in episodes:
        aided = unaided_only and bool(episode.human_controlled.any())
        if episode.info.outcome == "success" and not aided:
            kept = _own_and_trusted(episode, before_takeover_steps)
            kept &= usable_rows(episode.observations[:-1], episode.executed_actions)
            if kept.any():
                parts.append(
                    (episode.observations[:-1][kept], episode.executed_actions[kept])
                )
    return join_frames(parts, episodes)


def demonstrated_frames(demonstrations: Sequence[Episode]) -> Frames:
    """Return every labelled step of demonstrations, one group an episode."""
    parts: list[tuple[FloatArray, FloatArray]] = []
    for episode in demonstrations:
        seen, labels = episode.observations[:-1], episode.operator_actions
        usable = usable_rows(seen, labels)
        if usable.any():
            parts.append((seen[usable], labels[usable]))
    return join_frames(parts, demonstrations)


def rehearsed_frames(rehearsal: Rehearsal) -> Frames:
    """Return the demonstrations that a policy carries."""
    groups = np.arange(len(rehearsal)) // REHEARSAL_GROUP
    return Frames(rehearsal.observations, rehearsal.actions, groups)


def usable_rows(observations: FloatArray, labels: FloatArray) -> BoolArray:
    """Return which frames have a label and nothing that is not finite, shape (N,).

    One infinite input would turn every weight of a network into NaN.

    Args:
        observations: shape (N, obs_dim).
        labels: shape (N, act_dim); NaN rows: no label.
    """
    seen, labelled = np.isfinite(observations).all(axis=1), np.isfinite(labels).all(axis=1)
    return np.asarray(seen & labelled, dtype=np.bool_)


def _steady(takeover: slice, skip_steps: int) -> slice:
    """Return a takeover without its first steps, but with its last one."""
    return slice(min(takeover.start + skip_steps, takeover.stop - 1), takeover.stop)


def _own_and_trusted(episode: Episode, before_takeover_steps: int) -> BoolArray:
    """Return the steps that the policy drove and nobody was about to correct, (T,)."""
    kept = np.asarray(episode.sources == Source.POLICY, dtype=np.bool_)
    for takeover in episode.takeovers():
        kept[max(0, takeover.start - before_takeover_steps) : takeover.start] = False
    return kept


def join_frames(
    parts: Sequence[tuple[FloatArray, FloatArray]], episodes: Sequence[Episode]
) -> Frames:
    """Return parts as frames, each part a group; none have the width of the episodes."""
    if not parts:
        width = episodes[0].observations.shape[1] if episodes else 0
        depth = episodes[0].executed_actions.shape[1] if episodes else 0
        return Frames(
            np.zeros((0, width), np.float32),
            np.zeros((0, depth), np.float32),
            np.zeros(0, np.int64),
        )
    sizes = [len(actions) for _, actions in parts]
    return Frames(
        np.concatenate([observations for observations, _ in parts]),
        np.concatenate([actions for _, actions in parts]),
        np.repeat(np.arange(len(parts)), sizes),
    )
