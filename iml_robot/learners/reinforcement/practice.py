"""Robots that try things out, headless, for a policy that learns from what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.types import BoolArray, FloatArray
from iml_robot.learners.reinforcement.decisions import Decisions
from iml_robot.learners.reinforcement.replay import check_features
from iml_robot.learners.reinforcement.reward import Bounds
from iml_robot.robots.fleet import Fleet

SEEDS = 2**31


@dataclass(frozen=True)
class Ground:
    """Where and how robots practise.

    Attributes:
        env_id: Gymnasium id.
        options: Options of `env.reset`; maps are drawn where they name none.
        hold_steps: Control steps between two decisions.
        horizon_steps: Control steps after which robots begin anew.
        robots: How many drive side by side.
    """

    env_id: str
    options: Mapping[str, Any]
    hold_steps: int = 4
    horizon_steps: int = 400
    robots: int = 16


class Practice:
    """Drives robots decision by decision, and begins anew when most have come to an end.

    Args:
        fleet: As many robots as the ground says; without a time limit of its own.
        ground: Where they practise.
        bounds: Of the reward features.
        rng: Draws seeds of episodes.

    Attributes:
        bounds: As given.
        robots: How many drive.
        steps: Control steps driven so far, of all robots.
    """

    def __init__(
        self, fleet: Fleet, ground: Ground, *, bounds: Bounds, rng: np.random.Generator
    ) -> None:
        self.bounds = bounds
        self._fleet, self._ground, self._rng = fleet, ground, rng
        self.robots = ground.robots
        self._driven = ground.horizon_steps
        self.steps = 0

    def decide(
        self,
        choose: Callable[[FloatArray], FloatArray],
        summarise: Callable[[FloatArray], FloatArray],
    ) -> Decisions:
        """Let all robots that still drive take one decision.

        Args:
            choose: Maps summaries (n, size) to actions (n, act_dim).
            summarise: Maps observations to summaries.

        Returns:
            One transition for each of them.
        """
        if not self._enough_drive():
            self._begin()
        driving = self._moving()
        seen = summarise(self._fleet.observations[driving])
        actions = choose(seen)
        features = self._hold(driving, actions)
        self._driven += self._ground.hold_steps
        # Whoever came to an end begins anew; whoever had no time left would have gone on.
        going_on = self._moving()[:, None]
        following = np.where(going_on, self._fleet.observations, self._starts)
        return Decisions(seen, summarise(following[driving]), actions, features)

    def _hold(self, driving: BoolArray, actions: FloatArray) -> FloatArray:
        """Drive with the same actions for some steps; return the mean features."""
        hold, bounds = self._ground.hold_steps, self.bounds
        given = np.zeros((self._ground.robots, actions.shape[1]), np.float32)
        given[driving] = actions
        steps = np.tile(bounds.usual, (hold, len(driving), 1))
        for step in range(hold):
            moving = self._moving()
            if not moving.any():
                break
            self._fleet.step(given, moving)
            check_features(self._fleet.features, len(bounds))
            steps[step, moving] = self._fleet.features[moving]
            self.steps += int(moving.sum())
        result: FloatArray = bounds.clipped(steps[:, driving]).mean(axis=0)
        return result

    def _begin(self) -> None:
        ground = self._ground
        seeds = self._rng.integers(SEEDS, size=ground.robots).tolist()
        self._fleet.start(seeds, [dict(ground.options)] * ground.robots)
        self._starts = self._fleet.observations.copy()
        self._driven = 0

    def _enough_drive(self) -> bool:
        if self._driven + self._ground.hold_steps > self._ground.horizon_steps:
            return False
        return int(self._moving().sum()) > self._ground.robots // 4

    def _moving(self) -> BoolArray:
        return np.array([not outcome for outcome in self._fleet.outcomes], np.bool_)
