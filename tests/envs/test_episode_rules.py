"""What ends an episode, what pays, and where a robot has been."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.outcomes import GoalReached, OutOfBounds, RolledOver, Situation, Stuck
from iml_robot_envs.reward_terms import AtTheEnd, Change, EveryStep, Progress
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.trail import Trails
from iml_robot_envs.weather import still_air

GROUND = Terrain(np.zeros((21, 41)), 0.5, np.zeros(3), np.array([3.0, 4.0]))
WIDE = Terrain(np.zeros((21, 41)), 0.5, np.zeros(3), np.array([-3.0, 4.0]))


def judge(rule, points=((0.0, 0.0),), *, roll=0.0, pitch=0.0, distance=5.0, trying=999):
    """Return what a rule says of the middle one of three robots; the others are well."""
    trails, grounds = Trails(3), Grounds(3, margin_m=1.0)
    for robot, terrain in enumerate((WIDE, GROUND, WIDE)):
        grounds.put(robot, terrain, still_air())
        trails.begin(robot, np.zeros((1, 2)))
    trails.begin(1, np.array(points, float))

    def middle(value):
        return np.array([0.0, value, 0.0])

    x, y = points[-1]
    still = np.zeros(3)
    motion = Motion(
        position=np.array([(0, 0, 0), (x, y, 0), (0, 0, 0)], float),
        roll=middle(roll),
        pitch=middle(pitch),
        heading=still,
        speed=still,
        velocity=np.zeros((3, 3)),
        yaw_rate=still,
        wheel_speeds=np.zeros((3, 4)),
        upright=np.cos(middle(roll)) * np.cos(middle(pitch)),
    )
    now = Situation(
        grounds, motion, trails, np.array([5.0, distance, 5.0]), np.array([0, trying, 0])
    )
    verdict = rule(now)
    assert verdict.dtype == np.bool_
    assert not verdict[0]
    assert not verdict[2]
    return bool(verdict[1])


@pytest.mark.parametrize(("distance", "there"), [(1.01, False), (1.0, True), (0.0, True)])
def test_the_goal_is_reached_within_its_radius(distance, there):
    assert judge(GoalReached(1.0), distance=distance) is there


@pytest.mark.parametrize(
    ("x", "y", "out"),
    [(0, 0, False), (9.3, 0, False), (9.5, 0, True), (0, -4.3, False), (0, -4.5, True)],
)
def test_the_edge_of_the_map_is_out_of_bounds(x, y, out):
    # Samples end at 10 m along x and 5 m along y; the margin is 0.6 m.
    assert judge(OutOfBounds(0.6), [(x, y)]) is out


@pytest.mark.parametrize(
    ("roll", "pitch", "over"),
    [(0, 0, False), (1.2, 0, False), (0, -1.2, False), (1.3, 0, True), (0, 1.3, True),
     (0.9, 0.9, False), (1.0, 1.0, True), (np.pi, 0, True)],
)  # fmt: skip
def test_leaning_more_than_72_degrees_is_rolled_over(roll, pitch, over):
    assert judge(RolledOver(least_cosine=0.3), roll=roll, pitch=pitch) is over


def circle(count, radius):
    angles = np.linspace(0, 2 * np.pi, count)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)


@pytest.mark.parametrize(
    ("points", "stuck"),
    [
        (np.zeros((80, 2)), False),
        (np.zeros((81, 2)), True),
        (np.linspace((0, 0), (0.3, 0), 81), False),
        (np.linspace((0, 0), (0.2, 0), 81), True),
        # A round trip ends where it began: only the way between tells.
        (circle(81, 0.5), False),
        (circle(81, 0.1), True),
        (np.concatenate([np.linspace((0, 0), (5, 0), 40), np.full((81, 2), 5.0)]), True),
    ],
)
def test_staying_within_a_quarter_metre_for_80_steps_is_stuck(points, stuck):
    assert judge(Stuck(steps=80, radius_m=0.25), points) is stuck


def test_reward_terms_are_what_they_say():
    # The first robot goes on, the second has won, the third is lost.
    change = Change(np.array([0.3, 0.3, -0.1]), {1: "success", 2: "stuck"})
    end = AtTheEnd({"success": 10.0}, otherwise=-10.0)
    assert Progress()(change).tolist() == [0.3, 0.3, -0.1]
    assert Progress(per_m=2.0)(change).tolist() == [0.6, 0.6, -0.2]
    assert EveryStep(-0.02)(change).tolist() == [-0.02, -0.02, -0.02]
    assert end(change).tolist() == [0.0, 10.0, -10.0]


def test_a_trail_keeps_every_position_beyond_its_first_buffer():
    trails = Trails(2)
    for robot in range(2):
        trails.begin(robot, np.zeros((1, 2)))
    early = trails.points(0)
    for k in range(1, 5000):
        trails.append(np.array([(k, -k), (0.5, 2.0 * k)]), np.ones(2, np.bool_))
    np.testing.assert_array_equal(trails.points(0)[:, 0], np.arange(5000))
    np.testing.assert_array_equal(trails.points(0)[:, 1], -np.arange(5000))
    np.testing.assert_array_equal(trails.points(1)[:, 1], 2 * np.arange(5000))
    np.testing.assert_array_equal(early, [[0, 0]])


def test_only_the_trails_of_robots_that_move_grow():
    trails = Trails(3)
    for robot in range(3):
        trails.begin(robot, np.zeros((1, 2)))
    trails.append(np.ones((3, 2)), np.array([False, False, True]))
    assert trails.counts.tolist() == [1, 1, 2]
    np.testing.assert_array_equal(trails.points(2), [(0, 0), (1, 1)])


def test_a_trail_can_begin_with_more_positions_than_the_first_buffer_holds():
    trails = Trails(1)
    points = np.arange(6000.0).reshape(3000, 2)
    trails.begin(0, points)
    trails.append(np.array([(-1.0, -2.0)]), np.ones(1, np.bool_))
    np.testing.assert_array_equal(trails.points(0), [*points, (-1, -2)])


def state_of(env):
    """Return the live positions and velocities of the only rover."""
    batch = env.simulation.robots.batch
    return batch.bind("qpos")[0], batch.bind("qvel")[0]


def outcome_of(action, place):
    """Return how an episode ends that begins at a place on a map of rocks."""
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 0, "split": "val", "index": 2})
    place(*state_of(env))
    for _ in range(200):
        *_, terminated, _, info = env.step(np.array(action, np.float32))
        if terminated:
            return info["outcome"], info["reward_terms"]["end"], info["success"]
    return None


def test_a_rover_that_turns_on_the_spot_is_stuck():
    assert outcome_of([0.0, 1.0], lambda qpos, qvel: None) == ("stuck", -10.0, False)


def test_a_rover_told_to_stand_still_is_not_stuck():
    assert outcome_of([0.0, 0.0], lambda qpos, qvel: None) is None


def test_patience_begins_anew_after_a_deliberate_stop():
    rule = Stuck(steps=80, radius_m=0.25)
    assert not judge(rule, np.zeros((200, 2)), trying=79)
    assert judge(rule, np.zeros((200, 2)), trying=80)


def test_a_rover_on_its_back_has_rolled_over():
    def turn_over(qpos, qvel):
        qpos[2] += 0.3
        qpos[3:7] = 0, 1, 0, 0

    assert outcome_of([0.0, 0.0], turn_over) == ("rolled_over", -10.0, False)


def test_a_rover_that_backs_off_the_map_is_out_of_bounds():
    assert outcome_of([-1.0, 0.0], lambda qpos, qvel: None) == (
        "out_of_bounds",
        -10.0,
        False,
    )


def test_a_rover_at_the_goal_has_success():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 0, "split": "val", "index": 2})
    goal = env.simulation.grounds.terrains[0].goal

    def near(qpos, qvel):
        qpos[:2] = goal - (0.9, 0)
        qpos[2] += 0.2

    assert outcome_of([0.2, 0.0], near) == ("success", 10.0, True)
