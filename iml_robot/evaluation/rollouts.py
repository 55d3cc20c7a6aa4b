"""Drives maps without help, many at once, and counts the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from iml_robot.core.errors import ArtifactError
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import BoolArray, FloatArray
from iml_robot.robots.fleet import Fleet, make_fleet

NONFINITE_ACTION = "nonfinite_action"
"""Outcome of an episode whose policy answered NaN or infinity; the robot gets no action."""
LONGEST_STEPS = 100_000
"""An episode that no environment ends is out of time after so many steps: 83 minutes at
20 Hz."""
NONFINITE_WORLD = "nonfinite_world"
"""Outcome of an episode whose environment returned NaN or infinity."""


@dataclass(frozen=True)
class MapResult:
    """How one map went.

    Attributes:
        index: Number of the map.
        outcome: How the episode ended, for example "success".
        steps: Control steps it took.
        total_reward: Sum of the environment's reward.
    """

    index: int
    outcome: str
    steps: int
    total_reward: float


class Witness(Protocol):
    """Looks on while maps are driven."""

    def begin(self, fleet: Fleet) -> None:
        """Look at the robots before their first step."""

    def note(self, fleet: Fleet, actions: FloatArray, moved: BoolArray) -> None:
        """Look at a step.

        Args:
            fleet: The robots after it.
            actions: Shape (N, act_dim); of robots that did not move: what they did last.
            moved: Which robots made it, shape (N,).
        """


def drive_maps(
    policy: Policy,
    env_id: str,
    options: Mapping[str, Any],
    indices: Sequence[int],
    *,
    seed: int,
    on_done: Callable[[int], None] = lambda done: None,
    witness: Witness | None = None,
) -> list[MapResult]:
    """Drive each map once with the policy alone, in lockstep, and return the results.

    All maps step together, so that the policy answers for all of them in one call. The
    result does not depend on how fast the machine is.

    Args:
        policy: The policy.
        env_id: Gymnasium id.
        options: Options of `env.reset`; "index" is added if they name a "split".
        indices: Numbers of the maps; also the seeds of the episodes, with `seed`.
        seed: First seed.
        on_done: Called with the number of finished maps.
        witness: Looks on.

    Raises:
        ArtifactError: If the policy's actions have the wrong shape.
    """
    fleet = make_fleet(env_id, len(indices))
    try:
        seeds = [seed + index for index in indices]
        fleet.start(seeds, [map_options(options, index) for index in indices])
        if witness is not None:
            witness.begin(fleet)
        drive = _Drive(policy, len(indices))
        while drive.running.any():
            drive.step(fleet, witness)
            on_done(int(len(indices) - drive.running.sum()))
    finally:
        fleet.close()
    rows = zip(
        indices, drive.outcomes, drive.steps.tolist(), drive.rewards.tolist(), strict=True
    )
    return [MapResult(*row) for row in rows]


class _Drive:
    """Where the episodes of a fleet stand."""

    def __init__(self, policy: Policy, size: int) -> None:
        self._policy = policy
        self._actions: FloatArray | None = None
        self.running = np.ones(size, np.bool_)
        self.outcomes = [""] * size
        self.steps = np.zeros(size, np.int64)
        self.rewards = np.zeros(size)

    def step(self, fleet: Fleet, witness: Witness | None) -> None:
        """Ask the policy and drive one step."""
        actions, moving = self._ask(fleet.observations)
        if not moving.any():
            return
        fleet.step(actions, moving)
        self.steps += moving
        gained = np.where(moving, fleet.rewards, 0.0)
        sound = np.isfinite(gained) & np.isfinite(fleet.observations).all(axis=1)
        self.rewards += np.where(np.isfinite(gained), gained, 0.0)
        if witness is not None:
            witness.note(fleet, actions, moving)
        for place in np.flatnonzero(moving).tolist():
            if not sound[place]:
                self._end(place, NONFINITE_WORLD)
            elif fleet.outcomes[place]:
                self._end(place, fleet.outcomes[place])
            elif self.steps[place] >= LONGEST_STEPS:
                self._end(place, "time_limit")

    def _ask(self, observations: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Return all actions and who follows them; who is told nonsense ends there."""
        chosen = np.asarray(self._policy.act_batch(observations[self.running]), np.float32)
        places = np.flatnonzero(self.running)
        if chosen.ndim != 2 or len(chosen) != len(places):
            raise ArtifactError(
                f"the policy's actions have the shape {chosen.shape} for {len(places)} "
                "observations; it must be (n, act_dim) for n of them"
            )
        if self._actions is None:
            self._actions = np.zeros((len(self.running), chosen.shape[1]), np.float32)
        finite = np.isfinite(chosen).all(axis=1)
        self._actions[places[finite]] = chosen[finite]
        for place in places[~finite].tolist():
            self._end(place, NONFINITE_ACTION)
        return self._actions, self.running.copy()

    def _end(self, place: int, outcome: str) -> None:
        self.outcomes[place] = outcome
        self.running[place] = False


def map_options(options: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return reset options for one map; foreign environments get theirs unchanged."""
    return {**options, "index": index} if "split" in options else dict(options)
