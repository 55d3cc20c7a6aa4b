"""The pinhole of the first-person view: poses to rays, points to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

# Rays steeper than this have no place in an upright picture plane, on which the ground
# is searched; a camera that is tilted further is drawn as far as this allows.
_STEEPEST_RAY_RAD = np.deg2rad(78.0)


def checked_view_angle(field_of_view_deg: float, range_m: float) -> float:
    """Return the angle across a picture [rad], after a look at how far it reaches.

    Args:
        field_of_view_deg: The angle, from 10 to 120 [degrees].
        range_m: Distance beyond which nothing is drawn, more than 1 [m].

    Raises:
        ValueError: If one of them is out of range.
    """
    if not 10 <= field_of_view_deg <= 120:
        raise ValueError(
            f"field_of_view_deg must be from 10 to 120, got {field_of_view_deg}"
        )
    if not 1 < range_m < np.inf:
        raise ValueError(f"range_m must be finite and greater than 1, got {range_m}")
    return float(np.deg2rad(field_of_view_deg))


@dataclass(frozen=True)
class Lens:
    """A pinhole camera at one pose.

    Axes: `ahead` and `right` are level, `up` is vertical. A ray that goes 1 along the
    optical axis is `axis + across * to_right + down * to_bottom`, where across and down
    are pixels from the middle of the picture divided by the focal length.

    Attributes:
        place: Position of the pinhole x, y, z [m].
        heading: Direction of view seen from above [rad], counter-clockwise from +x.
        pitch: Tilt of the optical axis [rad], nose down positive.
        roll: Turn about the optical axis [rad], right side down positive.
        size: Width and height of the picture [pixels].
        focal_px: Focal length [pixels].
    """

    place: tuple[float, float, float]
    heading: float
    pitch: float
    roll: float
    size: tuple[int, int]
    focal_px: float

    @classmethod
    def at(
        cls,
        pose6: npt.ArrayLike,
        size: tuple[int, int],
        field_of_view_rad: float,
        *,
        any_pitch: bool = False,
    ) -> Lens:
        """Return the camera at a pose.

        Args:
            pose6: x, y, z [m], heading, pitch (nose down positive), roll [rad].
            size: Width and height of the picture [pixels].
            field_of_view_rad: Angle across the width of the picture [rad].
            any_pitch: Whether to leave pitches as they are at which no ground can be
                searched; else they are limited.

        Raises:
            ValueError: If the pose is not six finite numbers or the size has no pixel.
        """
        pose = np.asarray(pose6, dtype=np.float64)
        if pose.shape != (6,) or not np.isfinite(pose).all():
            raise ValueError(
                "the pose must be six finite numbers x, y, z, heading, pitch, roll, "
                f"got {pose6!r}"
            )
        if min(size) < 1:
            raise ValueError(f"the size must be at least 1 x 1 pixel, got {size!r}")
        x, y, z, heading, pitch, roll = pose.tolist()
        focal = size[0] / 2 / float(np.tan(field_of_view_rad / 2))
        pitch = float(np.arctan2(np.sin(pitch), np.cos(pitch)))
        if any_pitch:
            return cls((x, y, z), heading, pitch, roll, size, focal)
        # Half of the picture's extent along the vertical.
        half = (abs(np.sin(roll)) * size[0] + abs(np.cos(roll)) * size[1]) / 2 / focal
        most = max(float(_STEEPEST_RAY_RAD - np.arctan(half)), 0.0)
        pitch = min(max(pitch, -most), most)
        return cls((x, y, z), heading, pitch, roll, size, focal)

    @cached_property
    def axes(self) -> Points:
        """Optical axis, to_right and to_bottom, along (ahead, right, up), shape (3, 3)."""
        sin_p, cos_p = np.sin(self.pitch), np.cos(self.pitch)
        sin_r, cos_r = np.sin(self.roll), np.cos(self.roll)
        return np.array(
            [
                [cos_p, 0.0, -sin_p],
                [-sin_r * sin_p, cos_r, -sin_r * cos_p],
                [-cos_r * sin_p, -sin_r, -cos_r * cos_p],
            ]
        )

    def levelled(self, points: npt.NDArray[np.floating]) -> Points:
        """Return world points (n, 3) [m] along (ahead, right, up) from the pinhole."""
        x, y, z = (np.asarray(points, dtype=np.float64) - self.place).T
        sin_h, cos_h = np.sin(self.heading), np.cos(self.heading)
        parts = [x * cos_h + y * sin_h, x * sin_h - y * cos_h, z]
        return np.stack(parts, axis=-1)

    def in_camera(self, points: npt.NDArray[np.floating]) -> Points:
        """Return world points (n, 3) [m] as depth, to the right, downwards [m], (n, 3)."""
        camera = np.einsum("nk,ck->nc", self.levelled(points), self.axes)
        return np.asarray(camera, dtype=np.float64)

    def to_pixels(self, camera_points: Points) -> Points:
        """Return pixels (n, 2) of points in camera axes (n, 3); nan where not ahead."""
        depth = camera_points[:, 0]
        ahead = np.where(depth > 1e-6, depth, np.nan)
        middle = np.array(self.size) / 2
        pixels = middle + self.focal_px * camera_points[:, 1:] / ahead[:, None]
        return np.asarray(pixels, dtype=np.float64)

    def project(self, points: npt.NDArray[np.floating]) -> Points:
        """Return pixels (column, row) of world points (n, 3), nan where not ahead."""
        return self.to_pixels(self.in_camera(np.reshape(points, (-1, 3))))

    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the least and the greatest right/ahead and up/ahead of all rays."""
        width, height = self.size
        across = np.array([-1, 1, -1, 1]) * width / 2 / self.focal_px
        down = np.array([-1, -1, 1, 1]) * height / 2 / self.focal_px
        rays = self.axes[0] + across[:, None] * self.axes[1] + down[:, None] * self.axes[2]
        sides, slopes = rays[:, 1] / rays[:, 0], rays[:, 2] / rays[:, 0]
        return (
            (float(sides.min()), float(sides.max())),
            (float(slopes.min()), float(slopes.max())),
        )
