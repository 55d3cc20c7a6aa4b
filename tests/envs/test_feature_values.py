"""What reward features say in known situations: formulas, and robots on maps for them."""

import numpy as np
import pytest
from feature_scenes import (
    CELL_M,
    DT_S,
    ICE_GRIP,
    ROCK,
    SAMPLES,
    Scene,
    passage,
    rover,
    rover_ground,
    still,
    written,
)
from lidar_scenes import flat_map, ground_of, random_forest, stacked

from iml_robot_envs.features.closeness import Closeness
from iml_robot_envs.features.driving import Driving
from iml_robot_envs.features.flight import Flight
from iml_robot_envs.features.mishaps import Mishaps
from iml_robot_envs.features.steep_ground import SteepGround
from iml_robot_envs.features.walls import near_walls
from iml_robot_envs.features.wheel_grip import WheelGrip
from iml_robot_envs.rover_model import TRACK_M, WHEELBASE_M
from iml_robot_envs.tasks.drone_forest import TASK as FOREST
from iml_robot_envs.tasks.rover_rocks import TASK as ROCKS

AXIS = (np.arange(SAMPLES) - (SAMPLES - 1) / 2) * CELL_M
X, Y = np.meshgrid(AXIS, AXIS)
BODY_M, REACH_M = 0.25, 1.0


def closeness(grounds, places, *, ground=near_walls):
    """Return the closeness of robots at these places."""
    now = still(len(places), position=np.array(places, float))
    family = Closeness(BODY_M, REACH_M, ground, "something")
    return written(family, passage(len(places), grounds=grounds, now=now))[0]


def of_room(room_m):
    """Return the closeness of what is so far from the robot's side [m]."""
    return np.clip(1 - np.asarray(room_m) / REACH_M, 0, 1)


# Formulas


def test_pace_is_gain_over_time_and_distance_from_the_comfortable_speed():
    step = passage(
        3, gained_m=np.array([0.05, -0.1, 0]), now=still(3, speed=np.array([0.7, -0.2, 2]))
    )
    progress, error, *_ = written(Driving(0.7), step)
    np.testing.assert_allclose(progress, [1.0, -2.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(error, [0, 0.9, 1.3], atol=1e-6)


def test_tilt_is_the_angle_to_the_vertical_and_turning_has_no_side():
    angles = np.radians([0, 12, 90, 180])
    now = still(4, upright=np.cos(angles), yaw_rate=np.array([0, -0.4, 0.4, 1]))
    *_, tilt, turning = written(Driving(0.7), passage(4, now=now))
    np.testing.assert_allclose(tilt, angles, atol=1e-6)
    np.testing.assert_allclose(turning, [0, 0.4, 0.4, 1], atol=1e-6)


def test_a_cosine_beyond_1_by_rounding_is_no_tilt():
    now = still(1, upright=np.array([1 + 1e-12]))
    assert written(Driving(0.7), passage(1, now=now))[4].tolist() == [0]


def test_jerkiness_is_the_change_of_commands_and_effort_their_mean_square():
    actions, last = np.array([[0.6, 0.0], [1, -1]]), np.array([[0.0, 0.8], [1, -1]])
    step = passage(2, actions=actions, last_actions=last)
    _, _, jerkiness, effort = written(Driving(0.7, leans=False), step)
    np.testing.assert_allclose(jerkiness, [1.0 / DT_S, 0], rtol=1e-6)
    np.testing.assert_allclose(effort, [0.18, 1.0], rtol=1e-6)


def test_wheels_that_roll_do_not_slip():
    now = still(
        1, velocity=np.array([[0.8, 0, 0]]), wheel_speeds=np.array([[0.8, 0.8, 0.8, 0.8]])
    )
    assert written(WheelGrip(), passage(1, now=now))[0] == pytest.approx(0)


def test_wheels_that_spin_slip_by_their_excess_and_sliding_rovers_by_their_speed():
    now = still(
        3,
        velocity=np.array([[0.3, 0, 0], [0, -0.4, 0], [0.3, 0.4, 0]]),
        wheel_speeds=np.array([[1.0] * 4, [0.0] * 4, [0.0] * 4]),
    )
    slip = written(WheelGrip(), passage(3, now=now))[0]
    np.testing.assert_allclose(slip, [0.7, 0.4, 0.5], rtol=1e-6)


def test_a_rover_that_turns_on_rolling_wheels_slides_sideways_only():
    turn = 0.5
    rim = turn * TRACK_M / 2
    now = still(
        1, yaw_rate=np.array([turn]), wheel_speeds=np.array([[-rim, rim, -rim, rim]])
    )
    slip = written(WheelGrip(), passage(1, now=now))[0]
    assert slip == pytest.approx(turn * WHEELBASE_M / 2, rel=1e-6)


def test_bumps_are_changes_of_velocity_to_the_side_and_up_but_not_ahead():
    before = still(2, velocity=np.array([[0.2, 0, 0], [0, 0.03, -0.04]]))
    now = still(2, velocity=np.array([[0.9, 0, 0], [0, 0, 0]]))
    bumps = written(WheelGrip(), passage(2, before=before, now=now))[1]
    np.testing.assert_allclose(bumps, [0, 0.05 / DT_S], rtol=1e-6)


def test_flying_too_low_or_too_high_counts_from_the_ground_under_the_drone():
    hills = stacked(*[ground_of(lambda x, y: 0.5 + 0 * x)] * 4)
    heights = np.array([0.5 + 0.7, 0.5 + 1.3, 0.5 + 2.8, 0.5 + 2.0])
    now = still(
        4,
        position=np.column_stack([np.zeros((4, 2)), heights]),
        velocity=np.column_stack([np.zeros((4, 2)), [0.3, -0.3, 0, 0]]),
    )
    error, climbing = written(Flight(1.0, 2.0), passage(4, grounds=hills, now=now))
    np.testing.assert_allclose(error, [0.3, 0, 0.8, 0], atol=1e-5)
    np.testing.assert_allclose(climbing, [0.3, 0.3, 0, 0], atol=1e-6)


def test_a_bad_end_is_a_mishap_and_is_forgotten_in_the_next_step():
    ended = {0: "collision", 2: "success", 3: "simulation_unstable"}
    rows = np.full((1, 4), np.nan, np.float32)
    Mishaps().write(passage(4, ended=ended), rows)
    assert rows[0].tolist() == [1, 0, 0, 1]
    Mishaps().write(passage(4), rows)
    assert rows[0].tolist() == [0, 0, 0, 0]


# Closeness


def test_a_post_is_close_by_the_free_way_to_its_side():
    grounds = stacked(*[flat_map(posts=[[1, 2, 0.4, 3]])] * 5)
    ways = np.array([0.65, 0.9, 1.4, 1.64, 1.7])
    places = [[1 + way, 2, 1] for way in ways]
    np.testing.assert_allclose(
        closeness(grounds, places), of_room(ways - 0.4 - BODY_M), atol=1e-5
    )


def test_inside_a_post_nothing_can_be_closer_and_above_it_nothing_is_close():
    grounds = stacked(*[flat_map(posts=[[0, 0, 0.4, 3]])] * 3)
    places = [[0, 0, 1], [0, 0, 3.24], [0, 0, 3.26]]
    assert closeness(grounds, places).tolist() == [1, 1, 0]


def test_of_many_posts_and_beams_the_nearest_counts():
    rng = np.random.default_rng(5)
    terrain = random_forest(rng, 40, beams=30)
    places = rng.uniform([-9, -9, 0.3], [9, 9, 4], (150, 3))
    rooms = []
    for post in terrain.posts:
        away = np.hypot(*(places[:, :2] - post[:2]).T) - post[2]
        rooms.append(np.where(post[3] > places[:, 2] - BODY_M, away, np.inf))
    share = np.linspace(0, 1, 2001)[:, None]
    for beam in terrain.beams:
        points = beam[:3] + share * (beam[3:6] - beam[:3])
        away = np.linalg.norm(places[:, None] - points, axis=2).min(axis=1)
        rooms.append(away - beam[6])
    expected = of_room(np.min(rooms, axis=0) - BODY_M)
    found = closeness(stacked(*[terrain] * len(places)), places)
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert np.count_nonzero((found > 0) & (found < 1)) > 20


def test_the_edge_of_the_map_is_close_and_beyond_it_nothing_is_closer():
    grounds = stacked(*[flat_map(side_m=20.0)] * 4)
    places = [[10 - 0.75, 0, 1], [0, -9.5, 1], [10 + 3, 0, 1], [10 + 500, 0, 1]]
    np.testing.assert_allclose(
        closeness(grounds, places), [*of_room([0.5, 0.25]), 1, 1], atol=1e-5
    )


def test_a_wall_is_close_where_it_is_as_high_as_the_drone():
    wall = ground_of(lambda x, y: np.where(x > 2.9, 3.0, 0.0))
    grounds = stacked(*[wall] * 3)
    # The first samples of the wall lie at 3 m.
    places = [[3 - 0.75, 0, 1], [3 - 0.75, 0, 3.24], [3 - 0.75, 0, 3.26]]
    np.testing.assert_allclose(closeness(grounds, places), [0.5, 0.5, 0], atol=1e-5)


def test_steep_ground_is_close_by_the_way_to_the_nearest_step():
    ramp = ground_of(lambda x, y: np.clip(x - 2, 0, 1) * 0.5, cell_m=0.25)
    cliff = ground_of(lambda x, y: np.where(x > 2.1, 0.5, 0.0), cell_m=0.25)
    steep = SteepGround(0.6)
    places = [[1.5, 0.3, 0], [2.4, 1.1, 0]]
    assert closeness(stacked(ramp, ramp), places, ground=steep).tolist() == [0, 0]
    # The cliff stands between the samples at 2 m and 2.25 m, a row every 0.25 m.
    expected = of_room(np.hypot([0.625, 0.275], [0.05, 0.1]) - BODY_M)
    found = closeness(stacked(cliff, cliff), places, ground=steep)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_ditch_is_as_close_as_a_rock():
    found = []
    for depth in (0.5, -0.5):
        step = ground_of(lambda x, y, d=depth: np.where(x > 2.1, d, 0.0))
        found += closeness(stacked(step), [[1.5, 0, 0]], ground=SteepGround(0.6)).tolist()
    assert found[0] == found[1] > 0


# Robots


def test_a_rover_that_stands_still_makes_no_progress_and_no_effort():
    features = rover(rover_ground()).drive((0.0, 0.0), 10)
    assert abs(features["progress"]).max() < 0.01
    assert features["effort"].max() == 0
    assert features["jerkiness"].max() == 0
    assert features["slip"].max() < 0.01
    np.testing.assert_allclose(features["speed_error"], 0.7, atol=0.01)


def test_a_rover_that_drives_to_its_goal_makes_the_progress_of_its_speed():
    scene = rover(rover_ground())
    features = scene.drive((1.0, 0.0), 60)
    assert features["progress"][-1] == pytest.approx(scene.motion.speed, abs=0.01)
    assert features["jerkiness"].tolist() == pytest.approx([1 / DT_S] + [0] * 59)
    assert features["bumps"][20:].max() < 0.3


@pytest.mark.parametrize("degrees", [5, 10])
def test_on_a_slope_the_tilt_is_its_angle(degrees):
    scene = rover(rover_ground(np.tan(np.radians(degrees)) * X))
    tilt = scene.drive((0.0, 0.0), 10)["tilt"]
    np.testing.assert_allclose(np.degrees(tilt[-1]), degrees, atol=0.5)


def test_wheels_slip_more_on_ice_than_on_rock():
    slips = [
        rover(rover_ground(grip=grip)).drive((1.0, 0.0), 20)["slip"].mean()
        for grip in (ICE_GRIP, ROCK)
    ]
    assert slips[0] > 3 * slips[1]


def test_a_step_in_the_ground_shakes_a_rover():
    flat, stepped = (
        rover(rover_ground(np.where(X > -6, height, 0.0))).drive((1.0, 0.0), 60)["bumps"]
        for height in (0.0, 0.06)
    )
    assert stepped[20:].max() > 5 * flat[20:].max()


def test_a_rover_comes_close_to_a_rock_and_leaves_it_behind():
    rock = np.where(np.hypot(X + 5, Y - 0.9) < 0.4, 0.5, 0.0)
    features = Scene(ROCKS, rover_ground(rock)).drive((1.0, 0.0), 130)
    nearest = int(features["closeness"].argmax())
    assert features["closeness"][0] == 0
    assert 0.5 < features["closeness"][nearest] < 1
    assert (np.diff(features["closeness"][:nearest]) >= -0.02).all()
    assert features["closeness"][-1] == 0


def forest(*posts):
    """Return a forest of these trunks, for a drone that starts at the middle."""
    return flat_map(posts=posts, side_m=50.0)


def test_a_drone_that_flies_at_a_trunk_comes_ever_closer_until_it_hits_it():
    scene = Scene(FOREST, forest([5, 0, 0.3, 8]))
    features = scene.drive((0.6, 0, 0, 0), 80)
    assert scene.simulation.outcomes == ["collision"]
    end = int(features["mishaps"].argmax())
    closeness = features["closeness"][: end + 1]
    assert closeness[0] == 0
    assert (np.diff(closeness) >= 0).all()
    assert closeness[-1] > 0.9
    assert features["mishaps"][:end].max() == 0


def test_a_drone_that_climbs_leaves_the_heights_that_people_like():
    features = Scene(FOREST, forest()).drive((0, 0, 1.0, 0), 25)
    assert features["climbing"][-1] == pytest.approx(1.5, abs=0.3)
    assert features["height_error"][0] == 0
    assert features["height_error"][-1] > 0.3


def test_a_drone_that_reaches_its_goal_has_no_mishap():
    scene = Scene(FOREST, forest())
    features = scene.drive((1.0, 0, 0, 0), 160)
    assert scene.simulation.outcomes == ["success"]
    assert features["mishaps"].max() == 0
