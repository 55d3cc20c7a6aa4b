"""What ends an episode, what pays, and where a robot has been."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot_envs.outcomes import GoalReached, OutOfBounds, RolledOver, Situation, Stuck
from iml_robot_envs.reward_terms import AtTheEnd, Change, EveryStep, Progress
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.trail import Trail

GROUND = Terrain(np.zeros((21, 41)), 0.5, np.zeros(3), np.array([3.0, 4.0]))


def situation(points=((0.0, 0.0),), *, roll=0.0, pitch=0.0, distance=5.0, trying=999):
    x, y = points[-1]
    motion = Motion((x, y, 0.0), roll, pitch, 0.0, 0.0, (0.0, 0.0, 0.0), 0.0)
    return Situation(GROUND, motion, Trail(np.array(points)), distance, trying)


@pytest.mark.parametrize(("distance", "there"), [(1.01, False), (1.0, True), (0.0, True)])
def test_the_goal_is_reached_within_its_radius(distance, there):
    assert GoalReached(1.0)(situation(distance=distance)) is there


@pytest.mark.parametrize(
    ("x", "y", "out"),
    [(0, 0, False), (9.3, 0, False), (9.5, 0, True), (0, -4.3, False), (0, -4.5, True)],
)
def test_the_edge_of_the_map_is_out_of_bounds(x, y, out):
    # Samples end at 10 m along x and 5 m along y; the margin is 0.6 m.
    assert OutOfBounds(0.6)(situation([(x, y)])) is out


@pytest.mark.parametrize(
    ("roll", "pitch", "over"),
    [(0, 0, False), (1.2, 0, False), (0, -1.2, False), (1.3, 0, True), (0, 1.3, True),
     (0.9, 0.9, False), (1.0, 1.0, True), (np.pi, 0, True)],
)  # fmt: skip
def test_leaning_more_than_72_degrees_is_rolled_over(roll, pitch, over):
    assert RolledOver(least_cosine=0.3)(situation(roll=roll, pitch=pitch)) is over


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
    assert Stuck(steps=80, radius_m=0.25)(situation(points)) is stuck


def test_reward_terms_are_what_they_say():
    going, won, lost = Change(0.3, ""), Change(0.3, "success"), Change(-0.1, "stuck")
    end = AtTheEnd({"success": 10.0}, otherwise=-10.0)
    assert [Progress()(c) for c in (going, won, lost)] == [0.3, 0.3, -0.1]
    assert [EveryStep(-0.02)(c) for c in (going, lost)] == [-0.02, -0.02]
    assert [end(c) for c in (going, won, lost)] == [0.0, 10.0, -10.0]


def test_a_trail_keeps_every_position_beyond_its_first_buffer():
    trail = Trail(np.array([[0.0, 0.0]]))
    early = trail.points
    for k in range(1, 5000):
        trail.append(float(k), -float(k))
    np.testing.assert_array_equal(trail.points[:, 0], np.arange(5000))
    np.testing.assert_array_equal(trail.points[:, 1], -np.arange(5000))
    np.testing.assert_array_equal(early, [[0, 0]])


def outcome_of(action, place):
    """Return how an episode ends that begins at a place on a map of rocks."""
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 0, "split": "val", "index": 2})
    place(env.robot.data)
    for _ in range(200):
        *_, terminated, _, info = env.step(np.array(action, np.float32))
        if terminated:
            return info["outcome"], info["reward_terms"]["end"], info["success"]
    return None


def test_a_rover_that_turns_on_the_spot_is_stuck():
    assert outcome_of([0.0, 1.0], lambda data: None) == ("stuck", -10.0, False)


def test_a_rover_told_to_stand_still_is_not_stuck():
    assert outcome_of([0.0, 0.0], lambda data: None) is None


def test_patience_begins_anew_after_a_deliberate_stop():
    rule = Stuck(steps=80, radius_m=0.25)
    assert not rule(situation(np.zeros((200, 2)), trying=79))
    assert rule(situation(np.zeros((200, 2)), trying=80))


def test_a_rover_on_its_back_has_rolled_over():
    def turn_over(data):
        data.qpos[2] += 0.3
        data.qpos[3:7] = 0, 1, 0, 0

    assert outcome_of([0.0, 0.0], turn_over) == ("rolled_over", -10.0, False)


def test_a_rover_that_backs_off_the_map_is_out_of_bounds():
    assert outcome_of([-1.0, 0.0], lambda data: None) == ("out_of_bounds", -10.0, False)


def test_a_rover_at_the_goal_has_success():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 0, "split": "val", "index": 2})
    goal = env.get_wrapper_attr("_terrain").goal

    def near(data):
        data.qpos[:2] = goal - (0.9, 0)
        data.qpos[2] += 0.2

    assert outcome_of([0.2, 0.0], near) == ("success", 10.0, True)
