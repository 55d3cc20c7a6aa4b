"""MuJoCo's own camera on a map: an option for machines with an OpenGL library."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Unpack

import mujoco
import numpy as np
import numpy.typing as npt
from gymnasium.error import DependencyNotInstalled

from iml_robot_envs.camera_scene import compiled
from iml_robot_envs.first_person_lens import Lens, Points, checked_view_angle
from iml_robot_envs.first_person_scene import Scene, SceneContents

__all__ = ["CameraView"]

Picture = npt.NDArray[np.uint8]


class CameraView:
    """Draws one map from a camera's pose with MuJoCo's renderer.

    The scene is compiled at once; OpenGL is opened at the first picture. The variable
    MUJOCO_GL chooses how (egl, osmesa, glfw); the default on Linux is egl, which needs no
    display.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x, at
            least 2 x 2.
        cell_m: Distance of neighbouring samples [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        field_of_view_deg: Angle across the width of the picture, 10 to 120.
        range_m: Distance beyond which nothing is drawn [m].
        **contents: As for `FirstPersonView`, see `SceneContents`.

    Attributes:
        model: The compiled scene; it has no moving parts but the camera.

    Raises:
        ValueError: If an array has another shape or an angle or distance is out of range.
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        *,
        field_of_view_deg: float = 90.0,
        range_m: float = 40.0,
        **contents: Unpack[SceneContents],
    ) -> None:
        self._field_of_view_rad = checked_view_angle(field_of_view_deg, range_m)
        scene = Scene.checked(heights, cell_m, origin, **contents)
        self.model: Any = compiled(scene, range_m)
        self._data = mujoco.MjData(self.model)
        self._lens = self._lens_at((0, 0, 0, 0, 0, 0), (640, 360))
        self._window: Any = None
        self._context: Any = None
        self._scene: Any = None

    def draw(self, pose6: npt.ArrayLike, *, size: tuple[int, int] = (640, 360)) -> Picture:
        """Return what the camera sees, shape (height, width, 3), uint8.

        Args:
            pose6: Position of the camera x, y, z [m], heading [rad] counter-clockwise
                from +x, pitch [rad] nose down positive, roll [rad] right side down
                positive.
            size: Width and height of the picture [pixels].

        Raises:
            DependencyNotInstalled: If no OpenGL library can be opened.
            ValueError: If the pose is not six finite numbers, or a side of the picture
                is less than a pixel.
        """
        lens = self._lens_at(pose6, size)
        self._open(size)
        self._lens = lens
        self._place_camera(lens)
        mujoco.mj_kinematics(self.model, self._data)
        mujoco.mj_camlight(self.model, self._data)
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        camera.fixedcamid = 0
        mujoco.mjv_updateScene(
            self.model,
            self._data,
            mujoco.MjvOption(),
            None,
            camera,
            int(mujoco.mjtCatBit.mjCAT_ALL),
            self._scene,
        )
        self._window.make_current()
        area = mujoco.MjrRect(0, 0, *size)
        mujoco.mjr_render(area, self._scene, self._context)
        picture = np.empty((size[1], size[0], 3), dtype=np.uint8)
        mujoco.mjr_readPixels(picture, None, area, self._context)
        return np.ascontiguousarray(picture[::-1])

    def project(self, points: npt.NDArray[np.floating]) -> Points:
        """Return columns and rows (n, 2) of world points (n, 3) in the last picture.

        Points that are not ahead of the camera are nan.
        """
        return self._lens.project(points)

    def close(self) -> None:
        """Give back what OpenGL holds; the next picture opens it again."""
        if self._context is not None:
            self._window.make_current()
            self._context.free()
        if self._window is not None:
            self._window.free()
        self._window = self._context = self._scene = None

    def _lens_at(self, pose6: npt.ArrayLike, size: tuple[int, int]) -> Lens:
        return Lens.at(pose6, size, self._field_of_view_rad, any_pitch=True)

    def _place_camera(self, lens: Lens) -> None:
        axis, right, down = lens.axes * (1, -1, 1)
        # From (ahead, right, up) to (ahead, left, up), then turned to the heading.
        turn = np.array([np.cos(lens.heading / 2), 0, 0, np.sin(lens.heading / 2)])
        tilt = np.empty(4)
        frame = np.stack([right, -down, -axis], axis=1)
        mujoco.mju_mat2Quat(tilt, frame.ravel())
        quaternion = np.empty(4)
        mujoco.mju_mulQuat(quaternion, turn, tilt)
        self._data.mocap_pos[0] = lens.place
        self._data.mocap_quat[0] = quaternion
        self.model.cam_fovy[0] = np.rad2deg(2 * np.arctan(lens.size[1] / 2 / lens.focal_px))

    def _open(self, size: tuple[int, int]) -> None:
        shown = self.model.vis.global_
        if self._context is not None and (shown.offwidth, shown.offheight) == size:
            return
        self.close()
        shown.offwidth, shown.offheight = size
        self._window = _open_gl(size)
        self._window.make_current()
        self._context = mujoco.MjrContext(
            self.model, int(mujoco.mjtFontScale.mjFONTSCALE_100)
        )
        mujoco.mjr_setBuffer(int(mujoco.mjtFramebuffer.mjFB_OFFSCREEN), self._context)
        self._scene = mujoco.MjvScene(self.model, maxgeom=self.model.ngeom + 10)


def _open_gl(size: tuple[int, int]) -> Any:
    """Return an OpenGL context for pictures of a size.

    Raises:
        DependencyNotInstalled: If it cannot be opened.
    """
    usual = {"linux": "egl", "darwin": "cgl"}.get(sys.platform, "glfw")
    backend = os.environ.get("MUJOCO_GL", "").lower().strip() or usual
    try:
        return importlib.import_module(f"mujoco.{backend}").GLContext(*size)
    # Each library fails in a way of its own: missing module, symbol, file or device.
    except Exception as error:
        raise DependencyNotInstalled(
            f"MuJoCo's camera needs OpenGL, which does not open through {backend} "
            f"({type(error).__name__}: {error}); run: pip install 'PyOpenGL>=3.1' and, on "
            "Debian or Ubuntu, apt install libegl1 libgl1-mesa-dri (or libosmesa6 with "
            "MUJOCO_GL=osmesa; or pip install glfw with MUJOCO_GL=glfw and a display); "
            "FirstPersonView draws the same scene without OpenGL"
        ) from error
