"""What simulated bodies offer to the environment around them, N robots at a time."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array, Bools, Indices


class Motion(NamedTuple):
    """Where N robots are and how they move, measured once a control step.

    Attributes:
        position: World x, y, z [m], shape (N, 3).
        roll: Rotation about the forward axis [rad], shape (N,).
        pitch: Rotation about the left axis [rad], nose down positive, shape (N,).
        heading: About the vertical [rad], counter-clockwise from +x, shape (N,).
        speed: What a speedometer shows: forward for what drives, else the magnitude
            [m/s], shape (N,).
        velocity: Forward, left and up in the robot's frame [m/s], shape (N, 3); of
            drones, whose frame tilts all the time, in the frame that only heads.
        yaw_rate: About the robot's own up axis [rad/s], shape (N,).
        wheel_speeds: Speeds of the rims [m/s], shape (N, wheels); (N, 0) without wheels.
        upright: Cosine of the tilt: 1 when upright, shape (N,).
    """

    position: Array
    roll: Array
    pitch: Array
    heading: Array
    speed: Array
    velocity: Array
    yaw_rate: Array
    wheel_speeds: Array
    upright: Array


class Robots(Protocol):
    """N simulated bodies of one kind.

    Attributes:
        motion: After the last `place`, `drive` or `set_state`; always finite.
        stable: False where the simulation has diverged in the last `drive`, shape (N,).
    """

    motion: Motion
    stable: Bools

    def place(self, which: Indices, grounds: Grounds) -> None:
        """Put some robots at rest on the start of their maps."""

    def drive(self, actions: Array, grounds: Grounds, which: Indices | None) -> None:
        """Advance one control period.

        Args:
            actions: In [-1, 1], finite, shape (N, act_dim); rows of others are ignored.
            grounds: The maps.
            which: Robots that move; None for all.
        """

    def preview(self, robot: int, action: Array, seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m]."""

    def get_state(self, robot: int) -> Array:
        """Return everything the robot's future depends on, shape (n,)."""

    def set_state(self, robot: int, state: Array, grounds: Grounds) -> None:
        """Put a robot on its map in a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body or not finite.
        """
