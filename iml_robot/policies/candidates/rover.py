"""What policies that steer a rover along arcs have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from iml_robot.policies.candidates.arcs import (
    FULL_CURVATURE,
    LEAST_SPEED,
    Arcs,
    described,
)
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.policies.ensemble.taste import SPEED_FACTORS

GOAL_RANGE_M = 20
"""Distance of the goal that an observation shows as 1 [m]."""
MOVING = ("speed", "yaw_rate", "roll", "pitch")
MOTION_SCALE = 2.0
"""Makes what moves as large a feature as directions are."""


class RoverNetwork(EnsembleNetwork):
    """Reads a rover's state by name, and tells a taste what lies on its first arcs."""

    first_turns: Tensor
    """Turns of the first arcs, shape (K,)."""
    first_m: float
    """Length of the first arcs [m]."""
    _state: Mapping[str, int]
    """Places of the state's parts in an observation."""

    @abstractmethod
    def _outlook(self, observations: Tensor) -> Tensor:
        """Return what lies under each first turn and how the robot stands, (B, K, n)."""

    def describe(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return what a taste may know of actions, (B, F); see the base class."""
        speed = actions[:, :1]
        turn = actions[:, 1:] / speed.abs().clamp(min=LEAST_SPEED)
        nearest = (turn - self.first_turns).abs().argmin(-1)
        known = self._outlook(observations)[torch.arange(len(actions)), nearest]
        arcs = self._arcs(observations, speed[..., None], turn)
        return described(known[:, None], arcs)[:, 0, 0]

    def _tried(self, observations: Tensor, known: Tensor, speeds: Tensor) -> Tensor:
        """Return what a taste may know of each first turn at each speed, (B, K, S, F).

        Args:
            observations: Shape (B, observation_size).
            known: The outlook of these.
            speeds: That go with the turns, shape (B, K).
        """
        factors = torch.tensor(SPEED_FACTORS, dtype=speeds.dtype)
        tried = (speeds[..., None] * factors).clamp(-1, 1)
        arcs = self._arcs(observations, tried, self.first_turns.expand(len(tried), -1))
        return described(known, arcs)

    def _arcs(self, observations: Tensor, speeds: Tensor, turns: Tensor) -> Arcs:
        now = [self._of(observations, name) for name in ("speed", "yaw_rate")]
        yaw = turns[..., None] * speeds.abs().clamp(min=LEAST_SPEED)
        heading = 0.5 * self.first_m * FULL_CURVATURE * turns
        return Arcs(speeds, yaw, heading, self._goal(observations), *now)

    def _of(self, observations: Tensor, name: str) -> Tensor:
        """Return a part of the state, (B,)."""
        return observations[:, self._state[name]]

    def _goal(self, observations: Tensor) -> Tensor:
        """Return the goal in the robot's frame [m], forward and left, shape (B, 2)."""
        distance = GOAL_RANGE_M * self._of(observations, "goal_distance")
        forward, left = (self._of(observations, f"goal_{n}") for n in ("forward", "left"))
        return torch.stack([distance * forward, distance * left], dim=-1)

    def _motion(self, observations: Tensor) -> Tensor:
        """Return how the robot moves and where the goal is, as features, (B, 6)."""
        moving = [MOTION_SCALE * self._of(observations, name) for name in MOVING]
        goal = [self._of(observations, name) for name in ("goal_forward", "goal_left")]
        return torch.stack([*moving, *goal], dim=-1)

    def _stand(self, observations: Tensor) -> Tensor:
        """Return how the robot stands: tilted to the side, forward, slipping, (B, 3)."""
        tilt = [self._of(observations, name).abs() for name in ("roll", "pitch")]
        return torch.stack([*tilt, self._slip(observations)], dim=-1)

    def _slip(self, observations: Tensor) -> Tensor:
        """Return how much faster the rims are than the robot [m/s], (B,)."""
        speed = self._of(observations, "speed")
        wheels = [i for n, i in self._state.items() if n.startswith("wheel")]
        if not wheels:
            return torch.zeros_like(speed)
        return observations[:, wheels].mean(-1) - speed
