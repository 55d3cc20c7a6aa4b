"""A map as a MuJoCo scene to look at: height field, posts, beams, goal, sky."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from iml_robot_envs.first_person_air import HORIZON, ZENITH
from iml_robot_envs.first_person_relief import (
    SUN_AZIMUTH_RAD,
    SUN_ELEVATION_RAD,
    bare_ground,
)
from iml_robot_envs.first_person_scene import BEAM, POST, Scene
from iml_robot_envs.rendering_marks import GOAL, PAPER

_LEAST_RISE_M = 1e-3
_BASE_M = 1.0
_FLAG_M = 2.4


def compiled(scene: Scene, range_m: float) -> Any:
    """Return the model of a scene, with one camera on a body that is placed by hand.

    Args:
        scene: What there is to see.
        range_m: Distance beyond which nothing is drawn [m].
    """
    spec = mujoco.MjSpec()
    # Distances of clipping are given in units of the extent.
    spec.stat.extent = 1.0
    spec.visual.map.znear = 0.03
    spec.visual.map.zfar = 2.5 * range_m
    spec.visual.headlight.ambient = [0.42, 0.42, 0.44]
    spec.visual.headlight.diffuse = [0.1, 0.1, 0.1]
    spec.visual.headlight.specular = [0, 0, 0]
    spec.visual.quality.shadowsize = 4096
    _add_sky_and_sun(spec)
    _add_ground(spec, scene)
    for x, y, radius, top in scene.posts.tolist():
        foot = float(scene.heights.min()) - _BASE_M
        _add_cylinder(spec, (x, y, foot), (x, y, max(top, foot + 1e-3)), radius, POST)
    for beam in scene.beams.tolist():
        _add_cylinder(spec, beam[:3], beam[3:6], beam[6], BEAM)
    _add_goal(spec, scene)
    body = spec.worldbody.add_body(name="camera", mocap=True)
    body.add_camera(name="camera")
    return spec.compile()


def _add_sky_and_sun(spec: Any) -> None:
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=ZENITH / 255,
        rgb2=HORIZON / 255,
        width=256,
        height=256 * 6,
    )
    level = np.cos(SUN_ELEVATION_RAD)
    towards = np.array(
        [
            level * np.cos(SUN_AZIMUTH_RAD),
            level * np.sin(SUN_AZIMUTH_RAD),
            np.sin(SUN_ELEVATION_RAD),
        ]
    )
    spec.worldbody.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=towards * 50,
        dir=-towards,
        diffuse=[0.75, 0.74, 0.7],
        specular=[0, 0, 0],
        ambient=[0, 0, 0],
        castshadow=True,
    )


def _add_ground(spec: Any, scene: Scene) -> None:
    rows, cols = scene.heights.shape
    low = float(scene.heights.min())
    rise = max(float(np.ptp(scene.heights)), _LEAST_RISE_M)
    half = [(cols - 1) * scene.cell_m / 2, (rows - 1) * scene.cell_m / 2]
    spec.add_hfield(
        name="ground",
        size=[*half, rise, _BASE_M],
        nrow=rows,
        ncol=cols,
        userdata=((scene.heights - low) / rise).astype(np.float32).ravel(),
    )
    colours = bare_ground(scene.heights, scene.cell_m, scene.soil_colours)
    texture = spec.add_texture(
        name="ground",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=colours.shape[1],
        height=colours.shape[0],
        nchannel=3,
    )
    # Pictures begin at the top, the ground begins at its least y.
    texture.data = np.ascontiguousarray(colours[::-1]).tobytes()
    material = spec.add_material(name="ground", specular=0, reflectance=0)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "ground"
    spec.worldbody.add_geom(
        name="ground",
        type=mujoco.mjtGeom.mjGEOM_HFIELD,
        hfieldname="ground",
        material="ground",
        pos=[scene.origin[0] + half[0], scene.origin[1] + half[1], low],
    )


def _add_goal(spec: Any, scene: Scene) -> None:
    x, y = scene.goal
    rows, cols = scene.heights.shape
    row = round((y - scene.origin[1]) / scene.cell_m)
    col = round((x - scene.origin[0]) / scene.cell_m)
    z = float(scene.heights[np.clip(row, 0, rows - 1), np.clip(col, 0, cols - 1)])
    top = z + _FLAG_M
    _add_cylinder(spec, (x, y, z - 0.3), (x, y, top), 0.045, PAPER)
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.5, 0.02, 0.3],
        pos=[x + 0.5, y, top - 0.3],
        rgba=[*np.array(GOAL) / 255, 1],
    )
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[scene.goal_radius_m, 0.6, 0],
        pos=[x, y, z],
        rgba=[*np.array(GOAL) / 255, 0.3],
    )


def _add_cylinder(
    spec: Any, start: Any, end: Any, radius: float, colour: tuple[int, int, int]
) -> None:
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        fromto=[*start, *end],
        size=[radius, 0, 0],
        rgba=[*np.array(colour) / 255, 1],
    )
