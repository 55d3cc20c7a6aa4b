"""The signs of trouble: numbers that say how a policy is doing, at every step."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from iml_robot.asking.signs.reference import Reference
from iml_robot.asking.signs.surroundings import surroundings
from iml_robot.core.types import FloatArray

Array = npt.NDArray[np.float64]

LEAST = 1e-4
"""Added before a logarithm."""
RECENT_S, LATELY_S, PROGRESS_S, LONG_S = 0.5, 1.0, 2.0, 6.0
DOUBT, NOVELTY, REST, DISTANCE = 0, 1, 2, 3
"""Columns of what a single step shows."""


class Signs:
    """Turns what a policy sees and wants into signs of trouble.

    The logarithm of the ensemble's disagreement; how far what is seen is from what the
    policy was trained on; what the robot says of itself; the room ahead; what is wanted;
    of the last two seconds the worst disagreement, the progress and the change of what is
    seen, and the progress of the last six, which tells a pause from a standstill. Left and
    right are the same.

    Args:
        layout: Meaning of the parts of an observation, or empty.
        dt: Control period [s].
        reference: What the policy was trained on; None: nobody knows.
    """

    def __init__(
        self, layout: Mapping[str, Any], dt: float, reference: Reference | None
    ) -> None:
        self._layout, self._reference = layout, reference
        self._recent = max(1, round(RECENT_S / dt))
        self._lately = max(1, round(LATELY_S / dt))
        self._back = max(1, round(PROGRESS_S / dt))
        self._long = max(1, round(LONG_S / dt))

    @property
    def memory(self) -> int:
        """Number of steps that the signs of one step depend on."""
        return self._long + 1

    def of(
        self, observations: FloatArray, actions: FloatArray, disagreements: FloatArray
    ) -> Array:
        """Return the signs of each step of a drive, shape (T, signs).

        Args:
            observations: shape (T, obs_dim).
            actions: What the policy wanted, shape (T, act_dim).
            disagreements: Of its ensemble, shape (T,).
        """
        return self.with_history(self.of_steps(observations, actions, disagreements))

    def of_steps(
        self, observations: FloatArray, actions: FloatArray, disagreements: FloatArray
    ) -> Array:
        """Return what single steps show, shape (T, columns); see `of`."""
        count = len(observations)
        doubt = np.log(np.maximum(disagreements.astype(np.float64), 0) + LEAST)
        where, novelty, rest = np.zeros((count, 0)), np.zeros(count), np.zeros(count)
        if self._reference is not None:
            where, near, beside = self._reference.look(observations)
            novelty, rest = np.log(near + LEAST), np.log(beside + LEAST)
        state, distance = self._state(observations)
        if not state.shape[1]:
            state = where
        return np.column_stack(
            [
                doubt,
                novelty,
                rest,
                distance,
                *surroundings(observations, self._layout),
                state,
                self._wanted(actions),
                # Kept last, for the change of what is seen.
                where,
            ]
        )

    def with_history(self, steps: Array) -> Array:
        """Return the signs of each step from those of single ones, shape (T, signs).

        Args:
            steps: What `of_steps` returned for consecutive steps.
        """
        count = len(steps)
        places = np.arange(count)
        before = steps[np.maximum(places - self._back, 0)]
        long_before = steps[np.maximum(places - self._long, 0), DISTANCE]
        size = 0 if self._reference is None else self._reference.components
        moved = np.linalg.norm((steps - before)[:, steps.shape[1] - size :], axis=1)
        history = [
            _largest(steps[:, DOUBT], self._lately),
            _mean(steps[:, DOUBT], self._recent),
            _mean(steps[:, NOVELTY], self._recent),
            before[:, DISTANCE] - steps[:, DISTANCE],
            long_before - steps[:, DISTANCE],
            moved,
            np.minimum(places, self._back) / self._back,
            np.minimum(places, self._long) / self._long,
        ]
        return np.column_stack([steps[:, : steps.shape[1] - size], *history])

    def _state(self, observations: FloatArray) -> tuple[Array, Array]:
        """Return what the robot says of itself, and its distance to the goal."""
        state = self._layout.get("state")
        if state is None:
            return np.zeros((len(observations), 0)), np.zeros(len(observations))
        names = list(state["names"])
        values = observations[:, state["start"] :][:, : len(names)].astype(np.float64)
        distance = np.zeros(len(observations))
        if "goal_distance" in names:
            distance = values[:, names.index("goal_distance")].copy()
        return _unsigned(values, names, state.get("mirror_negative", ())), distance

    def _wanted(self, actions: FloatArray) -> Array:
        action = self._layout.get("action", {})
        names = list(action.get("names", ()))
        return _unsigned(
            actions.astype(np.float64), names, action.get("mirror_negative", ())
        )


class SignStream:
    """Signs of steps as they come; the same as of the whole drive at once.

    Args:
        signs: The signs.
    """

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._steps: deque[Array] = deque(maxlen=signs.memory)

    def reset(self) -> None:
        """Forget the steps so far."""
        self._steps.clear()

    def push(
        self, observation: FloatArray, action: FloatArray, disagreement: float
    ) -> Array:
        """Return the signs of the next step, shape (signs,)."""
        doubt = np.array([disagreement], np.float32)
        self._steps.append(self._signs.of_steps(observation[None], action[None], doubt)[0])
        signs: Array = self._signs.with_history(np.stack(self._steps))[-1]
        return signs


def _unsigned(values: Array, names: list[str], negative: Any) -> Array:
    """Return values, those without their sign that a mirror turns round."""
    for name in negative:
        if name in names:
            place = names.index(name)
            values[:, place] = np.abs(values[:, place])
    return values


def _largest(values: Array, window: int) -> Array:
    """Return the largest of the last values at each step, of as many as there are."""
    padded = np.concatenate([np.full(window - 1, -np.inf), values])
    return np.asarray(sliding_window_view(padded, window).max(axis=1))


def _mean(values: Array, window: int) -> Array:
    """Return the mean of the last values at each step, of as many as there are."""
    padded = np.concatenate([np.zeros(window - 1), values])
    sums = sliding_window_view(padded, window).sum(axis=1)
    return np.asarray(sums / np.minimum(np.arange(1, len(values) + 1), window))
