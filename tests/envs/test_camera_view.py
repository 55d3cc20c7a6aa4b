"""MuJoCo's camera: the scene is where the inputs say, and missing OpenGL is explained."""

import subprocess
import sys

import mujoco
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from scipy.ndimage import gaussian_filter

from iml_robot_envs.camera_view import CameraView
from iml_robot_envs.first_person import FirstPersonView

POSE = (0.0, 0.0, 2.0, 0.4, 0.2, 0.3)


def scene(kind=CameraView, relief=1.0, **more):
    """A map of 30 rows (y) and 50 columns (x), its first sample at (-4, 2)."""
    rng = np.random.default_rng(0)
    heights = gaussian_filter(rng.standard_normal((30, 50)), 3) * relief
    contents = {"goal": (3.0, 5.0), "goal_radius_m": 0.8, **more}
    return kind(heights, 0.25, (-4.0, 2.0), **contents), heights


def hit(view, start, way):
    """Distance along a ray to the first thing it meets, and that thing's kind."""
    data = mujoco.MjData(view.model)
    mujoco.mj_forward(view.model, data)
    geom = np.zeros(1, dtype=np.int32)
    way = np.asarray(way, dtype=float)
    start = np.asarray(start, dtype=float)
    distance = mujoco.mj_ray(view.model, data, start, way, None, 1, -1, geom, None)
    return distance, mujoco.mjtGeom(view.model.geom_type[geom[0]])


def test_the_ground_is_as_high_as_the_height_field_at_its_samples():
    view, heights = scene()
    for row, col in [(1, 1), (28, 48), (10, 40), (20, 5)]:
        x, y = -4 + 0.25 * col, 2 + 0.25 * row
        distance, kind = hit(view, (x, y, 20.0), (0, 0, -1))
        assert kind == mujoco.mjtGeom.mjGEOM_HFIELD
        assert 20 - distance == pytest.approx(heights[row, col], abs=1e-4)


def test_posts_and_beams_stand_where_they_are_given():
    view, _ = scene(posts=[(0, 4, 0.3, 5)], beams=[(2, 8, 6, 4, 8, 7, 0.2)])
    distance, kind = hit(view, (-3, 4, 4.5), (1, 0, 0))
    assert kind == mujoco.mjtGeom.mjGEOM_CYLINDER
    assert distance == pytest.approx(3 - 0.3)
    assert hit(view, (0, 4, 9), (0, 0, -1))[0] == pytest.approx(9 - 5)
    # The beam rises 1 in 2: over its middle its upper side lies r / cos(slope) higher.
    upper = 6.5 + 0.2 * np.hypot(2, 1) / 2
    assert hit(view, (3, 8, 9), (0, 0, -1))[0] == pytest.approx(9 - upper)


def test_the_soil_colours_lie_under_the_samples_they_belong_to():
    soil = np.full((30, 50, 3), 100, dtype=np.uint8)
    soil[0:10, 0:10] = (200, 0, 0)
    # On level ground, as stones and holes have colours of their own.
    view, _ = scene(soil_colours=soil, relief=0.0)
    texture = view.model.mat_texid[view.model.geom_matid[0]].max()
    high, wide = view.model.tex_height[texture], view.model.tex_width[texture]
    begin = view.model.tex_adr[texture]
    colours = view.model.tex_data[begin : begin + 3 * high * wide].reshape(high, wide, 3)
    red = (colours[..., 0] > 120) & (colours[..., 1] < 90)
    # The texture's last rows belong to the least y.
    assert red[int(0.75 * high) :, : int(0.15 * wide)].all()
    assert not red[: int(0.6 * high)].any()
    assert not red[:, int(0.25 * wide) :].any()


def test_the_camera_looks_along_heading_pitch_and_roll():
    view, _ = scene()
    x, y, z, heading, pitch, roll = POSE
    view._place_camera(view._lens_at(POSE, (640, 360)))
    mujoco.mj_kinematics(view.model, view._data)
    mujoco.mj_camlight(view.model, view._data)
    right, up, back = view._data.cam_xmat[0].reshape(3, 3).T
    level = np.array([np.cos(heading), np.sin(heading), 0])
    np.testing.assert_allclose(view._data.cam_xpos[0], (x, y, z))
    np.testing.assert_allclose(
        -back, np.cos(pitch) * level - [0, 0, np.sin(pitch)], atol=1e-12
    )
    # Right side down: the right side of the picture points below the horizon.
    assert right[2] == pytest.approx(-np.sin(roll) * np.cos(pitch))
    assert up[2] == pytest.approx(np.cos(roll) * np.cos(pitch))
    assert view.model.cam_fovy[0] == pytest.approx(np.rad2deg(2 * np.arctan(180 / 320)))


def test_without_opengl_drawing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mujoco.egl", None)
    monkeypatch.setenv("MUJOCO_GL", "egl")
    view, _ = scene()
    with pytest.raises(DependencyNotInstalled, match="PyOpenGL"):
        view.draw(POSE)


def test_importing_the_view_loads_neither_pygame_nor_the_learning_side():
    code = (
        "import sys; import iml_robot_envs.camera_view; "
        "names = ('pygame', 'torch', 'iml_robot'); "
        "assert not [n for n in names if n in sys.modules]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "change", [{"field_of_view_deg": 5}, {"range_m": 0}, {"posts": [1]}]
)
def test_wrong_input_is_named(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        scene(**change)


def test_both_views_show_the_same_things_in_the_same_places():
    soil = np.full((30, 50, 3), (90, 120, 60), dtype=np.uint8)
    soil[8:18, 16:32] = (200, 20, 20)
    contents = {"soil_colours": soil, "posts": [(4, 3, 0.3, 3)], "goal": (-50.0, 0.0)}
    camera, _ = scene(**contents)
    drawn, _ = scene(FirstPersonView, **contents)
    pose = (-3.0, 3.5, 3.0, 0.2, 0.35, 0.2)
    try:
        picture = camera.draw(pose)
    except DependencyNotInstalled:
        pytest.skip("no OpenGL here; pip install PyOpenGL and a GL library to run this")
    places = []
    for shown in (picture, drawn.draw(pose)):
        red, green, blue = np.moveaxis(shown.astype(int), -1, 0)
        places.append(np.argwhere((red > 1.8 * green) & (red > 1.8 * blue)))
    assert len(places[0]) > 500
    np.testing.assert_allclose(places[0].mean(axis=0), places[1].mean(axis=0), atol=4)
    point = np.array([(1.0, 4.0, 1.0)])
    np.testing.assert_allclose(camera.project(point), drawn.project(point))
    again = camera.draw(pose, size=(97, 41))
    assert again.shape == (41, 97, 3)
    camera.close()
    camera.close()
