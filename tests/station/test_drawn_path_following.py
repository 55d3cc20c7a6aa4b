"""A drawn line becomes a path, and robots are driven along it."""

import math

import numpy as np
import pytest

from iml_robot.core.errors import UsageError
from iml_robot.operators.drawing.follower import STUCK_S, PathFollower
from iml_robot.operators.drawing.path import DrawnPath
from iml_robot.operators.drawing.reach import Reach
from iml_robot.robots.environment import control_period_s, extra, make_env

SHARE = np.linspace(0, 1, 60)
SHAPES = {
    "straight": np.column_stack([5 * SHARE, 0 * SHARE]),
    "bend": 3 * np.column_stack([np.sin(SHARE * np.pi / 2), 1 - np.cos(SHARE * np.pi / 2)]),
    "about turn": 1.5 * np.column_stack([np.sin(SHARE * np.pi), 1 - np.cos(SHARE * np.pi)]),
    "corner": np.vstack(
        [
            np.column_stack([3 * SHARE, 0 * SHARE]),
            np.column_stack([3 + 0 * SHARE, 2 * SHARE]),
        ]
    ),
}


def ahead_of(info, line):
    """Return a line in the world that is given in the frame of the robot."""
    cosine, sine = math.cos(info["heading"]), math.sin(info["heading"])
    return np.array(info["position"])[:2] + line @ [[cosine, sine], [-sine, cosine]]


# Measured: at most 0.09 m and 0.37 m, at the corner; the drone goes at 1.8 m/s.
@pytest.mark.parametrize(("name", "limit_m"), [("RoverRocks", 0.25), ("DroneForest", 0.6)])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_robot_keeps_to_the_path_and_arrives_at_its_end(name, limit_m, shape):
    env = make_env(f"iml_robot_envs:iml/{name}-v0")
    options = {"level": 0, "split": "train", "index": 0}
    _, info = env.reset(seed=0, options=options)
    path = DrawnPath.of(ahead_of(info, SHAPES[shape]))
    reach = Reach.measure(
        extra(env, "preview_path"), env.action_space.shape[0], info["heading"]
    )
    follower = PathFollower(path, reach, period_s=control_period_s(env))
    errors, height = [0.0], []
    for _ in range(500):
        action = follower.act(info)
        if action is None:
            break
        assert action in env.action_space
        info = env.step(action)[-1]
        assert info["outcome"] == ""
        errors.append(path.off_track_m(np.array(info["position"])[:2]))
        height.append(action[2] if len(action) == 4 else 0.0)
    assert follower.ended == "arrived"
    assert max(errors) < limit_m
    # Nobody can draw a height, so that the robot keeps its own.
    assert not np.any(height)
    here = np.array(info["position"])[:2]
    assert np.hypot(*(path.points[-1] - here)) < 0.35
    env.close()


def test_what_an_action_does_is_measured_on_what_the_robot_foresees():
    rover = make_env("iml_robot_envs:iml/RoverRocks-v0")
    _, info = rover.reset(seed=0, options={"level": 0, "split": "train", "index": 1})
    reach = Reach.measure(extra(rover, "preview_path"), 2, info["heading"])
    # 1 m/s and 1.5 rad/s, as the description of the robot says.
    assert reach.speed == pytest.approx(1.0, rel=0.01)
    assert reach.turn == pytest.approx(1.5, rel=0.01)
    assert not reach.sideways
    np.testing.assert_allclose(reach.action([0.5, 0], 0.75), [0.5, 0.5], atol=0.01)
    drone = make_env("iml_robot_envs:iml/DroneForest-v0")
    _, info = drone.reset(seed=0, options={"level": 0, "split": "train", "index": 1})
    reach = Reach.measure(extra(drone, "preview_path"), 4, info["heading"])
    assert reach.sideways
    # 3 m/s forward and left, and a quarter turn in a second.
    np.testing.assert_allclose(
        reach.action([1.5, -3], -math.pi / 2), [0.5, -1, 0, -1], atol=0.02
    )


def test_a_robot_that_foresees_no_movement_cannot_be_driven_along_a_path():
    with pytest.raises(UsageError, match="no part of its action alone moves the robot"):
        Reach.measure(lambda action, seconds: np.zeros((10, 2)), 2, 0.0)


def test_the_trembling_of_a_hand_is_smoothed_and_the_ends_stay():
    rng = np.random.default_rng(0)
    straight = np.column_stack([np.linspace(0, 6, 80), np.zeros(80)])
    shaky = straight + rng.normal(0, 0.05, straight.shape) * (straight[:, :1] % 6 > 0)
    path = DrawnPath.of(shaky)
    np.testing.assert_allclose(path.points[[0, -1]], shaky[[0, -1]])
    assert np.abs(path.points[:, 1]).max() < np.abs(shaky[:, 1]).max() / 2
    assert path.bend(3.0, within_m=1.0) < 2.0


@pytest.mark.parametrize(
    "line", [[], [[1, 2]], [[0, 0], [0.2, 0.2]], [[0, 0], [math.nan, 1]], [[3, 3]] * 9]
)
def test_a_slip_of_the_mouse_is_no_path(line):
    assert DrawnPath.of(np.reshape(line, (-1, 2))) is None


def test_where_a_path_crosses_itself_the_robot_does_not_jump_ahead():
    turn = np.linspace(0, 2 * math.pi, 200)
    eight = np.column_stack([4 * np.sin(turn), 4 * np.sin(turn) * np.cos(turn)])
    path = DrawnPath.of(eight)
    assert path.nearest([0, 0], after=0.0, before=2.0) < 0.3
    middle = path.nearest([0, 0], after=path.length_m / 2 - 2, before=path.length_m - 2)
    assert middle == pytest.approx(path.length_m / 2, abs=0.3)


def unicycle():
    return Reach(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([0.0, 1.5]))


def test_a_robot_that_does_not_move_is_stuck_after_a_while():
    path = DrawnPath.of([[0, 0], [5, 0]])
    follower = PathFollower(path, unicycle(), period_s=0.05)
    info = {"position": (0.0, 0.0), "heading": 0.0}
    steps = 0
    while follower.act(info) is not None:
        steps += 1
    assert follower.ended == "stuck"
    assert steps * 0.05 == pytest.approx(STUCK_S, abs=0.11)


def test_a_robot_that_was_carried_away_does_not_drive_back_across_the_land():
    follower = PathFollower(DrawnPath.of([[0, 0], [5, 0]]), unicycle(), period_s=0.05)
    assert follower.act({"position": (1.0, 0.0), "heading": 0.0}) is not None
    assert follower.act({"position": (1.0, 4.0), "heading": 0.0}) is None
    assert follower.ended == "too far from the path"


def test_a_path_behind_is_turned_to_on_the_spot():
    follower = PathFollower(DrawnPath.of([[0, 0], [-5, 0.1]]), unicycle(), period_s=0.05)
    speed, turn = follower.act({"position": (0.0, 0.0), "heading": 0.0})
    assert speed == 0.0
    assert turn > 0.5
