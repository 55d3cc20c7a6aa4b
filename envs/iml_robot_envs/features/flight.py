"""How a drone keeps its height: how far it is from a band, and how fast it changes."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot_envs.altitude import ground_under
from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Flight:
    """Height and climbing.

    Attributes:
        lowest_m: Least comfortable height above the ground [m].
        highest_m: Greatest [m].
    """

    lowest_m: float
    highest_m: float

    @property
    def features(self) -> tuple[Feature, ...]:
        """The error of the height, and climbing."""
        band = f"{self.lowest_m:g} to {self.highest_m:g} m"
        return (
            Feature("height_error", f"how far its height is from {band}", "m", -0.3),
            Feature("climbing", "how fast it goes up or down", "m/s", -0.2),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        position = passage.now.position
        ground = ground_under(passage.grounds, position)
        band = self.lowest_m, self.highest_m
        _write(rows, position, ground, passage.now.velocity, band)


@compiled
def _write(
    rows: Rows,
    position: Array,
    ground: Array,
    velocity: Array,
    band: tuple[float, float],
) -> None:
    """Write the features of the flight.

    Args:
        rows: Where, shape (2, N).
        position: World x, y, z [m], shape (N, 3).
        ground: Height of the ground under the drones [m], shape (N,).
        velocity: Forward, left and up [m/s], shape (N, 3).
        band: Least and greatest comfortable height above the ground [m].
    """
    for robot in range(rows.shape[-1]):
        height = position[robot, 2] - ground[robot]
        rows[0, robot] = max(band[0] - height, height - band[1], 0.0)
        rows[1, robot] = abs(velocity[robot, 2])
