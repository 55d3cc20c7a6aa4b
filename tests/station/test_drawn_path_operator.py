"""A path is driven as the operator's takeover until anything else is wanted."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.arbitration import ARBITERS
from iml_robot.core.types import Link, Mode, OperatorSignal, Request, Source
from iml_robot.operators.drawing.drawing import DrawingOperator, Stroke, can_follow
from iml_robot.robots.environment import make_env

DT_S = 0.05
POLICY = np.float32([0.3, 0.0])
REST = OperatorSignal(action=np.zeros(2, np.float32), device="keyboard")
STEERS = OperatorSignal(action=np.float32([0, 1]), moving=True, device="keyboard")


class Hands:
    """A person who does what the test says."""

    def __init__(self):
        self.signal = REST
        self.opened = False

    def open(self):
        self.opened = True

    def bindings(self):
        return [("Space", "EMERGENCY STOP")]

    def reset(self, *, seed):
        self.signal = REST

    def advise(self, observation, policy_action, info):
        return self.signal


class Map:
    """Hands out the strokes of the test and remembers what is shown."""

    def __init__(self):
        self.stroke, self.path, self.said = None, None, []

    def take(self):
        stroke, self.stroke = self.stroke, None
        return stroke

    def follow(self, path, along_m, words):
        self.path = path
        self.said += [words] if words else []


class Unforeseeing(gym.Wrapper):
    """A robot that thinks that nothing moves it."""

    def preview_path(self, action, seconds):
        return np.zeros((10, 2))


class Drive:
    """A rover on its first map, from the person to the physics."""

    def __init__(self):
        self.env = make_env("iml_robot_envs:iml/RoverRocks-v0")
        options = {"level": 0, "split": "train", "index": 0}
        _, self.info = self.env.reset(seed=0, options=options)
        self.hands, self.map = Hands(), Map()
        self.operator = DrawingOperator(self.hands, self.env, self.map)
        self.operator.reset(seed=0)
        self.arbiter = ARBITERS.build("takeover", 2)
        self.step(20)

    def draw(self, length_m=4.0, *, gap_m=0.0, paused=False):
        ahead = np.array([np.cos(self.info["heading"]), np.sin(self.info["heading"])])
        way = np.linspace(gap_m, gap_m + length_m, 30)[:, None] * ahead
        here = np.array(self.info["position"])[:2]
        self.map.stroke = Stroke(here + way, paused)

    def step(self, count=1):
        for _ in range(count):
            self.signal = self.operator.advise(np.zeros(1), POLICY, self.info)
            self.decision = self.arbiter.decide(POLICY, self.signal, elapsed_s=DT_S)
            if self.decision.mode is not Mode.PAUSED:
                self.info = self.env.step(self.decision.executed)[-1]
        return self.decision


@pytest.fixture(scope="module")
def made():
    return Drive()


@pytest.fixture
def drive(made):
    made.__init__()
    return made


def test_a_path_takes_over_at_once_as_the_operator_and_hands_back_at_its_end(drive):
    start = np.array(drive.info["position"])[:2]
    drive.draw(2.5)
    decision = drive.step()
    assert (decision.mode, decision.source) == (Mode.HUMAN, Source.OPERATOR)
    assert (drive.signal.device, drive.signal.gripping) == ("drawn path", True)
    end = drive.operator.path.points[-1]
    for _ in range(200):
        if drive.step().mode is not Mode.HUMAN:
            break
        assert drive.decision.source is Source.OPERATOR
    assert np.hypot(*(np.array(drive.info["position"])[:2] - end)) < 0.4
    assert np.hypot(*(end - start)) > 2
    assert drive.map.said[-1] == "The path is done."
    assert drive.step(15).mode is Mode.AUTO
    assert drive.map.path is None


def test_drawn_in_a_pause_the_path_ends_the_pause(drive):
    drive.hands.signal = OperatorSignal(
        action=np.zeros(2, np.float32), requests=frozenset({Request.PAUSE})
    )
    assert drive.step().mode is Mode.PAUSED
    drive.hands.signal = REST
    drive.step(40)
    drive.draw(paused=True)
    drive.step(2)
    assert (drive.decision.mode, drive.signal.device) == (Mode.HUMAN, "drawn path")


def test_a_touched_control_steers_at_once_and_until_it_rests(drive):
    drive.draw()
    drive.step(10)
    drive.hands.signal = STEERS
    decision = drive.step()
    assert decision.mode is Mode.HUMAN
    assert drive.signal.device == "keyboard"
    np.testing.assert_array_equal(drive.signal.action, STEERS.action)
    assert drive.step(30).mode is Mode.HUMAN
    drive.hands.signal = REST
    assert drive.step(8).mode is Mode.HUMAN
    assert drive.step(10).mode is not Mode.HUMAN
    assert drive.step(10).mode is Mode.AUTO
    assert drive.operator.path is None


@pytest.mark.parametrize(
    ("request_", "mode"),
    [
        (Request.PAUSE, Mode.PAUSED),
        (Request.EMERGENCY_STOP, Mode.ESTOP),
        (Request.GIVE_BACK, Mode.RELEASING),
    ],
)
def test_any_request_ends_the_path_and_does_what_it_always_does(drive, request_, mode):
    drive.draw()
    drive.step(5)
    drive.hands.signal = OperatorSignal(
        action=np.zeros(2, np.float32), requests=frozenset({request_})
    )
    assert drive.step().mode is mode
    drive.hands.signal = REST
    drive.step()
    assert drive.operator.path is None
    assert "given up" in drive.map.said[-1]


def test_a_lost_link_ends_the_path_and_holds_the_robot(drive):
    drive.draw()
    drive.step(5)
    drive.hands.signal = OperatorSignal(
        action=np.zeros(2, np.float32), link=Link.FOCUS_LOST
    )
    assert drive.step().mode is Mode.HOLD
    drive.hands.signal = REST
    assert drive.step(10).mode is Mode.HOLD


@pytest.mark.parametrize(
    ("shape", "words"),
    [({"length_m": 0.2}, "too short"), ({"gap_m": 7.0}, "Begin the path at the robot")],
)
def test_a_line_that_cannot_be_meant_changes_nothing_and_says_why(drive, shape, words):
    drive.draw(**shape)
    assert drive.step().mode is Mode.AUTO
    assert words in drive.map.said[-1]


def test_a_path_drawn_while_the_person_steers_is_not_driven(drive):
    drive.hands.signal = STEERS
    drive.step(3)
    drive.draw()
    drive.step(3)
    assert drive.operator.path is None
    assert drive.signal.device == "keyboard"


def test_a_new_episode_forgets_the_path_and_a_line_that_was_not_looked_at(drive):
    drive.draw()
    drive.step(3)
    drive.draw()
    drive.operator.reset(seed=1)
    drive.step()
    assert drive.operator.path is None


def test_what_the_person_offers_besides_is_still_there(drive):
    drive.operator.open()
    assert drive.hands.opened
    first, mouse = drive.operator.bindings()
    assert first == ("Space", "EMERGENCY STOP")
    assert "draw a path" in mouse[1]


def test_a_robot_that_foresees_nothing_is_not_driven_and_the_session_goes_on(drive):
    drive.operator = DrawingOperator(drive.hands, Unforeseeing(drive.env), drive.map)
    drive.operator.reset(seed=0)
    drive.draw()
    assert drive.step().mode is Mode.AUTO
    assert drive.map.said[-1].startswith("Steer instead")


@pytest.mark.parametrize(
    ("env_id", "possible"),
    [("iml_robot_envs:iml/DroneForest-v0", True), ("CartPole-v1", False)],
)
def test_paths_need_a_map_and_foresight(env_id, possible):
    assert can_follow(make_env(env_id)) is possible
