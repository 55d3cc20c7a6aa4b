"""What a robot's body offers to the environment around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from iml_robot_envs.terrain import Array, Terrain


class Motion(NamedTuple):
    """Where a robot is and how it moves, measured once a control step.

    Attributes:
        position: World x, y, z [m].
        roll: Rotation about the forward axis [rad].
        pitch: Rotation about the left axis [rad], nose down positive.
        heading: Rotation about the vertical [rad], counter-clockwise from +x.
        speed: What a speedometer shows: forward for what drives, else the magnitude [m/s].
        velocity: Forward, left and up in the robot's frame [m/s].
        yaw_rate: About the robot's own up axis [rad/s].
        wheel_speeds: Speeds of the rims [m/s]; empty for robots without wheels.
    """

    position: tuple[float, float, float]
    roll: float
    pitch: float
    heading: float
    speed: float
    velocity: tuple[float, float, float]
    yaw_rate: float
    wheel_speeds: tuple[float, ...] = ()


class Robot(Protocol):
    """A simulated body.

    Attributes:
        motion: Of the last `place`, `drive` or `set_state`; always finite.
        stable: False once the simulation has diverged in the last `drive`.
    """

    motion: Motion
    stable: bool

    def place(self, terrain: Terrain) -> None:
        """Put the robot at rest on the start of a map."""

    def load_ground(self, terrain: Terrain) -> None:
        """Put the robot on a map without moving it; `set_state` follows."""

    def drive(self, action: Sequence[float]) -> None:
        """Advance one control period under an action in [-1, 1], finite."""

    def preview(self, action: Sequence[float], seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m]."""

    def get_state(self) -> Array:
        """Return everything the future depends on, shape (n,)."""

    def set_state(self, state: Array) -> None:
        """Go back to a state of `get_state`."""
