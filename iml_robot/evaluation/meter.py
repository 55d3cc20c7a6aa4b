"""Measures how robots get on while they are driven, beyond success."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import BoolArray, FloatArray
from iml_robot.evaluation.rollouts import NONFINITE_ACTION, MapResult
from iml_robot.robots.environment import control_period_s, extra, make_env
from iml_robot.robots.fleet import Fleet

Array = npt.NDArray[np.float64]

NEAR = 0.8
"""Closeness from which a robot is said to be near things: within a fifth of the free way
that counts (closeness is 1 at touching and falls evenly to 0). A judgement, not a
measurement."""
KEPT_OBSERVATIONS = 50
"""Observations kept of the first robot, to time the policy on."""


@dataclass(frozen=True)
class Abilities:
    """What an environment tells beyond Gymnasium.

    Attributes:
        period_s: Control period [s].
        features: Names of its reward features, in order; may be empty.
        speeds: Places of the sensed speeds in the observation [m/s]; may be empty.
        observation_size: Size of an observation.
        action_size: Size of an action.
    """

    period_s: float
    features: tuple[str, ...]
    speeds: tuple[int, ...]
    observation_size: int
    action_size: int

    @classmethod
    def of(cls, env_id: str) -> Abilities:
        """Return what an environment tells.

        Raises:
            UsageError: If there is no such environment.
        """
        env = make_env(env_id)
        try:
            return cls(
                control_period_s(env),
                tuple(extra(env, "reward_features", {})),
                _speed_places(extra(env, "observation_layout", {})),
                env.observation_space.shape[0],
                env.action_space.shape[0],
            )
        finally:
            env.close()


@dataclass(frozen=True)
class MapRecord:
    """How one map went, in full.

    Attributes:
        index: Number of the map.
        outcome: How the episode ended.
        steps: Control steps it took.
        total_reward: Sum of the environment's reward.
        time_s: Simulated time it took [s].
        progress: Share of the way to the goal that was covered, 0 to 1; None: no goal.
        path_m: Length of the way driven, from the speeds that the robot senses [m]; None:
            it senses none.
        path_efficiency: Way covered over way driven, at most 1; None: not known.
        action_change: Mean change of the actions [full scales/s].
        nonfinite_actions: 1 if the policy answered NaN or infinity, else 0.
        near_share: Share of the steps near things; None: not told.
        features: Mean of each reward feature over the steps, by name.
        trace: SHA-256 over everything seen and done.
        prints: CRC-32 of what was seen at the start, then of each action and of what was
            seen after it, shape (1 + 2 steps,), by which two ways can be told apart.
    """

    index: int
    outcome: str
    steps: int
    total_reward: float
    time_s: float
    progress: float | None
    path_m: float | None
    path_efficiency: float | None
    action_change: float
    nonfinite_actions: int
    near_share: float | None
    features: Mapping[str, float]
    trace: str
    prints: tuple[int, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the map was mastered."""
        return self.outcome == "success"

    def told(self) -> dict[str, Any]:
        """Return it as JSON values, without `prints`, which nobody reads."""
        told = {**asdict(self), "features": dict(self.features)}
        del told["prints"]
        return told


class Meter:
    """A witness of one fleet.

    Args:
        abilities: What the environment tells.
        size: Number of robots.

    Attributes:
        seen: What the first robot saw at some of its steps.
    """

    def __init__(self, abilities: Abilities, size: int) -> None:
        self._abilities = abilities
        self._path_m = np.zeros(size)
        self._change = np.zeros(size)
        self._near = np.zeros(size)
        self._features = np.zeros((size, len(abilities.features)))
        self._hashes = [hashlib.sha256() for _ in range(size)]
        self._prints: list[list[int]] = [[] for _ in range(size)]
        self._began: Array | None = None
        self._now: Array | None = None
        self._last: FloatArray | None = None
        self.seen: list[FloatArray] = []

    def begin(self, fleet: Fleet) -> None:
        """Note where the robots start."""
        if fleet.goal_distances is not None:
            self._began = np.array(fleet.goal_distances, np.float64)
            self._now = self._began.copy()
        for place in range(len(self._hashes)):
            self._print(place, fleet.observations[place])

    def note(self, fleet: Fleet, actions: FloatArray, moved: BoolArray) -> None:
        """Add up a step."""
        told = self._abilities
        if moved[0] and len(self.seen) < KEPT_OBSERVATIONS:
            self.seen.append(fleet.observations[0].copy())
        if self._last is not None:
            change = np.linalg.norm(actions - self._last, axis=1) / told.period_s
            self._change += np.where(moved, change, 0.0)
        self._last = actions.copy()
        if told.speeds:
            speed = np.linalg.norm(fleet.observations[:, list(told.speeds)], axis=1)
            self._path_m += np.where(moved, speed * told.period_s, 0.0)
        if self._now is not None and fleet.goal_distances is not None:
            self._now[moved] = fleet.goal_distances[moved]
        self._note_features(fleet.features, moved)
        for place in np.flatnonzero(moved).tolist():
            self._print(place, actions[place])
            self._print(place, fleet.observations[place])

    def records(self, results: Sequence[MapResult]) -> list[MapRecord]:
        """Return what was measured, one record a robot.

        Args:
            results: How the same robots' maps went.
        """
        return [self._record(place, result) for place, result in enumerate(results)]

    def _print(self, place: int, values: FloatArray) -> None:
        content = values.tobytes()
        self._hashes[place].update(content)
        self._prints[place].append(zlib.crc32(content))

    def _note_features(self, features: FloatArray, moved: BoolArray) -> None:
        names = self._abilities.features
        if features.shape[1] != len(names):
            return
        self._features += np.where(moved[:, None], features, 0.0)
        if "closeness" in names:
            self._near += moved & (features[:, names.index("closeness")] >= NEAR)

    def _record(self, place: int, result: MapResult) -> MapRecord:
        told, steps = self._abilities, max(result.steps, 1)
        progress, gained_m = None, 0.0
        if self._began is not None and self._now is not None and self._began[place] > 0:
            began_m, left_m = float(self._began[place]), float(self._now[place])
            gained_m = began_m - left_m
            # Within the radius of the goal nothing is left to cover.
            progress = 1.0 if result.outcome == "success" else gained_m / began_m
            progress = min(max(progress, 0.0), 1.0)
        path_m = float(self._path_m[place]) if told.speeds else None
        efficiency = None
        if path_m and progress is not None:
            efficiency = min(max(gained_m / path_m, 0.0), 1.0)
        means = self._features[place] / steps
        return MapRecord(
            index=result.index,
            outcome=result.outcome,
            steps=result.steps,
            total_reward=result.total_reward,
            time_s=result.steps * told.period_s,
            progress=progress,
            path_m=path_m,
            path_efficiency=efficiency,
            action_change=float(self._change[place]) / steps,
            nonfinite_actions=int(result.outcome == NONFINITE_ACTION),
            near_share=(
                float(self._near[place]) / steps if "closeness" in told.features else None
            ),
            features=dict(zip(told.features, means.tolist(), strict=True)),
            trace=self._hashes[place].hexdigest(),
            prints=tuple(self._prints[place]),
        )


def _speed_places(layout: Mapping[str, Any]) -> tuple[int, ...]:
    """Return where in the observation the parts of the velocity lie."""
    state = layout.get("state", {})
    first, names = state.get("start", 0), state.get("names", ())
    return tuple(
        first + place
        for place, name in enumerate(names)
        if name.startswith("speed") or name.endswith("_speed")
    )
