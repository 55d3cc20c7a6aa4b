"""A small world, a pump without a display, and steps in every mode."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import gymnasium as gym
import numpy as np
import pygame
import pytest
from screen_rig import ScriptedPump

from iml_robot.core.types import Ask, Decision, Link, Mode, OperatorSignal, Source, Step
from iml_robot.data.recorder import Recording
from iml_robot.station.status import SessionStatus

BINDINGS = [
    ("W S / up down", "drive"),
    ("A D / left right", "steer"),
    ("Space", "emergency stop"),
    ("Enter", "give back to the policy"),
    ("R (hold 1 s)", "reset after an emergency stop"),
    ("P / Esc", "pause"),
    ("Left Shift (hold)", "keep control without moving"),
    ("Left Ctrl (hold)", "drive slowly"),
    ("=  -", "say good or bad"),
    ("Backspace", "end the episode"),
    ("Q", "end the session"),
]

REASONS = {
    Mode.AUTO: "the policy drives",
    Mode.ASKING: "take over, or give back to let it go on",
    Mode.HUMAN: "steering moved",
    Mode.RELEASING: "hands off, the policy takes over soon",
    Mode.HOLD: "the gamepad was removed: plug it in again, or use the keyboard",
    Mode.ESTOP: "emergency stop pressed: hold R for 1 s with the stick released to reset",
    Mode.DISARMED: "emergency stop was reset; take control or give back",
    Mode.PAUSED: "paused by the operator",
}


class Plain(gym.Env):
    """An environment of somebody else: a grey picture and no extras."""

    render_mode = "rgb_array"
    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)
    observation_space = gym.spaces.Box(-1, 1, (3,), np.float32)

    def render(self):
        return np.full((300, 400, 3), 120, dtype=np.uint8)


class Robot(Plain):
    """A robot at pixel (200, 200) of a 400 x 300 frame, 50 pixels to the metre."""

    action_names = ("speed", "yaw rate")

    def project(self, points):
        return np.array([200, 200]) + np.asarray(points) * (50, -50)

    def preview_path(self, action, seconds):
        """Straight ahead for the speed, to the left for the turn."""
        along = np.linspace(0.1, seconds, 20)[:, None]
        return along * np.array([-action[1], action[0]])


class Drone(Robot):
    """A robot with two views and every instrument there is."""

    action_names = ("forward", "left", "up", "yaw rate")
    action_space = gym.spaces.Box(-1, 1, (4,), np.float32)
    view = "map"

    def render(self):
        shade = 120 if self.view == "map" else 60
        return np.full((300, 400, 3), shade, dtype=np.uint8)

    def instruments(self):
        return {
            "goal_bearing": 2.4,
            "stopping_distance": 12.3,
            "edge_distance": 17.9,
            "wheel_speed": -2.34,
            "height": 9.6,
            "ceiling": 10.0,
            "wind": (-7.5, 8.1, 0.3),
        }


class StillPump:
    """Hands out the events that a test gives it."""

    def __init__(self):
        self.events = ()
        self.focused = True
        self.quit_requested = False
        self.pumped = 0

    def pump(self):
        self.pumped += 1


@pytest.fixture
def pump():
    return StillPump()


@pytest.fixture
def scripted_pump(monkeypatch):
    """A pump whose events happen at given times."""
    return ScriptedPump(monkeypatch)


@pytest.fixture
def stage(pump):
    """A stage on the clock of a pump; for modules whose pump is one of `screen_rig`."""
    made = pump.stage()
    yield made
    made.close()


@pytest.fixture
def robot():
    return Robot()


@pytest.fixture
def drone():
    return Drone()


@pytest.fixture
def plain():
    return Plain()


@pytest.fixture
def bindings():
    return BINDINGS


@pytest.fixture
def full_status():
    """Every figure as long as it gets in a long session."""
    return SessionStatus(
        episode=118,
        episodes=250,
        phase="demonstration",
        step=1187,
        step_limit=1200,
        policy_version=117,
        policy_name="structured",
        policy_hash="a41fc09b77d2",
        ask_threshold=0.2,
        successes=104,
        takeovers=1034,
        human_controlled_s=3456.7,
        human_share=0.87,
        share_episodes=10,
        recording=Recording.ON,
        frames=1187,
        disk_free_bytes=812.4e6,
        verdict="policy 118 refused: copes with 238 of 240 moments, 240 before",
        late_ticks=12345,
    )


@pytest.fixture
def full_info():
    return {
        "speed": -1.04,
        "roll": 0.5,
        "pitch": -0.4,
        "heading": 3.1,
        "distance_to_goal": 128.4,
        "level": 4,
        "split": "correction",
        "outcome": "",
    }


@pytest.fixture
def make_step():
    def make(
        mode=Mode.AUTO, *, policy=(0.8, 0.3), executed=(0.8, 0.3), operator=None, **changes
    ):
        source = changes.pop("source", Source.POLICY)
        link = changes.pop("link", Link.OK)
        signal = OperatorSignal(
            action=None if operator is None else np.array(operator, np.float32),
            moving=operator is not None,
            link=link,
            age_s=changes.pop("age_s", 0.012),
            evaluation=changes.pop("evaluation", None),
            device=changes.pop("device", "Xbox Series X Controller"),
        )
        decision = Decision(
            executed=np.array(executed, np.float32),
            source=source,
            authority=0.0,
            mode=mode,
            reason=changes.pop("reason", REASONS[mode]),
            countdown_s=changes.pop("countdown_s", None),
        )
        seen, wanted = np.zeros(3, np.float32), np.array(policy, np.float32)
        ask = Ask(changes.pop("asking", False), changes.pop("p_help", np.nan))
        assert not changes, f"unknown: {changes}"
        return Step(seen, wanted, signal, decision, 0.0, ask)

    return make


@pytest.fixture
def open_window(pump, monkeypatch):
    """Opens windows without a display and closes them after the test."""
    from iml_robot.station.window import DriveWindow

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    opened = []

    def make(env, **options):
        window = DriveWindow(env, pump, **options)
        opened.append(window)
        return window

    yield make
    for window in opened:
        window.close()
    assert not pygame.display.get_init()
