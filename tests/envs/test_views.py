"""The views of every robot: from above, and from the robot."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401

IDS = sorted(name for name in gym.registry if name.startswith("iml/"))


def started(env_id, view, size=(160, 120)):
    env = gym.make(
        env_id,
        render_mode="rgb_array",
        render_size=size,
        view=view,
        disable_env_checker=True,
    )
    env.reset(options={"level": 1, "split": "val", "index": 2, "noise": 0})
    return env


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("view", ["map", "first_person"])
def test_every_robot_can_be_seen_from_above_and_looks_around(env_id, view):
    env = started(env_id, view)
    picture = env.render()
    assert picture.shape == (120, 160, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5


def test_the_view_can_be_changed_while_the_robot_drives():
    env = started("iml/RoverRocks-v0", "map")
    above = env.render()
    env.unwrapped.view = "first_person"
    ahead = env.render()
    assert not np.array_equal(above, ahead)
    env.unwrapped.view = "map"
    np.testing.assert_array_equal(env.render(), above)


def test_what_lies_ahead_is_in_the_middle_and_what_lies_behind_is_nowhere():
    env = started("iml/RoverRocks-v0", "first_person", size=(321, 181))
    _, info = env.reset(options={"level": 0, "split": "val", "index": 2})
    env.render()
    x, y = info["position"]
    ahead = np.array([np.cos(info["heading"]), np.sin(info["heading"])])
    points = np.array([x, y]) + np.array([[4.0], [-4.0]]) * ahead
    seen, unseen = env.get_wrapper_attr("project")(points)
    # The rover stands nearly level: a point straight ahead is in the middle column.
    assert seen[0] == pytest.approx(160, abs=25)
    assert seen[1] > 90
    assert np.isnan(unseen).all()


def test_an_unknown_view_is_refused_with_what_is_allowed():
    with pytest.raises(ValueError, match="map, first_person, camera, got 'side'"):
        gym.make("iml/Point-v0", view="side", disable_env_checker=True)
