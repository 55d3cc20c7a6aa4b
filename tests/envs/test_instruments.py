"""What the dials show follows from where the robot is, and changes nothing."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401

ROBOTS = [
    "iml/RoverHills-v0",
    "iml/RoverIce-v0",
    "iml/RoverRocks-v0",
    "iml/DroneCanyon-v0",
    "iml/DroneForest-v0",
]


def started(env_id, level=4):
    env = gym.make(env_id, disable_env_checker=True)
    _, info = env.reset(options={"level": level, "split": "val", "index": 1, "noise": 0})
    return env, info


def shown(env):
    return env.get_wrapper_attr("instruments")()


def ahead(env, share=1.0):
    action = np.zeros(env.action_space.shape, np.float32)
    action[0] = share
    return action


def test_before_a_reset_there_is_nothing_to_show():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    with pytest.raises(ValueError, match="instruments before reset"):
        shown(env)


@pytest.mark.parametrize("env_id", ROBOTS)
def test_the_goal_lies_where_bearing_and_distance_say(env_id):
    env, _ = started(env_id)
    for _ in range(5):
        *_, info = env.step(ahead(env))
    towards = info["heading"] + shown(env)["goal_bearing"]
    there = np.array(info["position"]) + info["distance_to_goal"] * np.array(
        [np.cos(towards), np.sin(towards)]
    )
    goal = env.unwrapped.simulation.grounds.terrains[0].goal
    np.testing.assert_allclose(there, goal, atol=1e-6)


def test_the_edge_is_nought_metres_away_where_the_episode_ends():
    env, info = started("iml/RoverIce-v0", level=0)
    ended, before = False, shown(env)["edge_distance"]
    turn = np.array([0.0, 1.0], np.float32)
    while abs(abs(info["heading"]) - np.pi) > 0.2:
        *_, info = env.step(turn)
    while not ended:
        before = shown(env)["edge_distance"]
        *_, ended, _, info = env.step(ahead(env))
    assert info["outcome"] == "out_of_bounds"
    assert shown(env)["edge_distance"] == 0.0
    # One step of 1 m/s at most before.
    assert 0.0 <= before <= 0.05


def test_who_lets_go_after_a_second_stops_within_the_stopping_distance():
    env, _ = started("iml/RoverIce-v0", level=0)
    for _ in range(40):
        *_, info = env.step(ahead(env))
    promised, start = shown(env)["stopping_distance"], np.array(info["position"])
    for _ in range(20):
        *_, info = env.step(ahead(env))
    for _ in range(20):
        *_, info = env.step(ahead(env, 0.0))
    assert abs(info["speed"]) < 0.05
    way = np.hypot(*(np.array(info["position"]) - start))
    assert way == pytest.approx(promised, rel=0.1)


def test_wheels_are_faster_than_a_rover_that_slips():
    env, _ = started("iml/RoverIce-v0", level=0)
    simulation = env.unwrapped.simulation
    *_, info = env.step(ahead(env))
    rims = simulation.robots.motion.wheel_speeds[0]
    assert shown(env)["wheel_speed"] == pytest.approx(rims.mean())
    # At the first step wheels already turn and the rover hardly moves.
    assert shown(env)["wheel_speed"] > info["speed"]
    assert not {"height", "ceiling", "wind"} & set(shown(env))


def test_a_drone_knows_its_height_its_ceiling_and_the_wind():
    env, info = started("iml/DroneForest-v0")
    told = shown(env)
    terrain = env.unwrapped.simulation.grounds.terrains[0]
    under = float(terrain.height_at(*map(np.array, info["position"])))
    assert told["height"] == pytest.approx(info["altitude"] - under, abs=1e-5)
    assert told["ceiling"] > told["height"]
    weather = env.unwrapped.simulation.grounds.weather[0]
    # Without shelter, mean wind and the first gust add up.
    assert told["wind"][:2] == pytest.approx(
        (np.array(terrain.wind.mean) + weather.gusts[0, :2]).tolist(), abs=1e-5
    )
    assert "wheel_speed" not in told


def test_the_ceiling_of_a_canyon_is_6_m_above_its_floor():
    env, info = started("iml/DroneCanyon-v0", level=2)
    told = shown(env)
    assert told["ceiling"] - told["height"] == pytest.approx(6.0 - info["altitude"])


@pytest.mark.parametrize("env_id", ["iml/RoverIce-v0", "iml/DroneForest-v0"])
def test_looking_at_the_dials_changes_nothing(env_id):
    (watched, _), (alone, _) = started(env_id), started(env_id)
    for _ in range(20):
        shown(watched)
        seen, *_ = watched.step(ahead(watched))
        unseen, *_ = alone.step(ahead(alone))
        np.testing.assert_array_equal(seen, unseen)
    assert watched.get_wrapper_attr("get_state")() == alone.get_wrapper_attr("get_state")()


def test_what_flies_leaves_its_path_in_the_air_and_what_drives_on_the_ground():
    env = gym.make(
        "iml/DroneCanyon-v0",
        render_mode="rgb_array",
        view="first_person",
        render_size=(320, 180),
        disable_env_checker=True,
    )
    _, info = env.reset(options={"level": 2, "split": "val", "index": 1, "noise": 0})
    env.render()
    along = np.array([np.cos(info["heading"]), np.sin(info["heading"])])
    points = np.array(info["position"]) + np.array([[2.0], [4.0]]) * along
    rows = env.get_wrapper_attr("project")(points)[:, 1]
    # The camera is 0.9 m above the path and 160 pixels are as long as its distance from
    # the lens: 72 and 36 rows below the horizon of a drone that hovers level.
    np.testing.assert_allclose(rows, 90 + np.array([72.0, 36.0]), atol=3)
