"""A whole windowed session driven with a gamepad that is pulled out in between."""

import dataclasses
import itertools
import threading

import numpy as np
import pygame
import pytest
from run_rig import episodes_of
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.cli.crews.window import WindowCrew
from iml_robot.core.config import load_config
from iml_robot.core.types import Mode, Source
from iml_robot.data.store import SessionStore

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")

DT_S = 0.05
# How policies are tried is no matter here, and takes long beside other tests.
LEARNER = "learner={name: hg_dagger, updates: 5}"
SETTINGS = ("operator=human", "evaluation=[]", LEARNER, "env.options.level=0")
# A process that learns takes seconds to start, and nothing is learned here.
SETTINGS += ("schedule.episodes=1", "trainer=blocking")

PUSHED, PULLED, BACK, PUSHED_AGAIN, REST, END = 10, 30, 50, 80, 100, 130
"""Steps at which the person does something."""


class Hands:
    """A pacer that moves a pad at given steps and turns the clock of the devices.

    Everything else of a real-time session stays as it is; only the waiting is left out.
    """

    def __init__(self, crew, pad):
        self._now_s = 100.0
        self._steps = itertools.count(1)
        self._script = {
            PUSHED: [(pad.axis, "lefty", -1.0)],
            PULLED: [(pad.unplug,)],
            BACK: [(pad.plug,)],
            PUSHED_AGAIN: [(pad.axis, "lefty", -1.0), (pad.axis, "leftx", 1.0)],
            REST: [(pad.axis, "lefty", 0.0), (pad.axis, "leftx", 0.0)],
            END: [(pad.button, "b", True)],
        }
        self.driving = threading.Event()
        crew.pump.clock = lambda: self._now_s

    def restart(self):
        self.driving.set()
        return DT_S

    def wait(self):
        self._now_s += DT_S
        for move, *arguments in self._script.get(next(self._steps), ()):
            move(*arguments)
        return DT_S

    def late(self):
        return False


class Seen:
    """Remembers every decision that the window shows."""

    def __init__(self, view):
        self._view = view
        self.steps = []

    def begin(self, start):
        self._view.begin(start)

    def show(self, step, info):
        self._view.show(step, info)
        self.steps.append(step)


def press_enter_until(driving):
    """Answer the page before the first episode."""
    while not driving.wait(0.05):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=0, mod=0, scancode=40))


@pytest.fixture(scope="module")
def driven(tmp_path_factory):
    """The steps of an episode as shown, and the same episode as recorded."""
    folder = tmp_path_factory.mktemp("gamepad")
    (folder / "policies").mkdir()
    crew = WindowCrew(load_config("quickstart", SETTINGS))
    with VirtualJoystick() as pad, SessionStore.create(folder / "session.db") as store:
        session = crew.session(folder, store)
        hands, view = Hands(crew, pad), Seen(session.loop.view)
        session.loop = dataclasses.replace(session.loop, pacer=hands, view=view)
        answer = threading.Thread(target=press_enter_until, args=(hands.driving,))
        answer.start()
        session.start()
        session.run(1)
        answer.join()
        crew.close()
    assert not pygame.display.get_init()
    (episode,) = episodes_of(folder)
    return view.steps, episode


def modes(steps):
    """Return each mode in order with the step at which it began."""
    changes, last = [], None
    for number, step in enumerate(steps):
        if step.decision.mode is not last:
            last = step.decision.mode
            changes.append((number, last))
    return changes


def test_pulling_the_pad_out_holds_at_the_very_next_step(driven):
    steps, _ = driven
    assert steps[PULLED - 1].decision.mode is Mode.HUMAN
    held = steps[PULLED].decision
    assert held.mode is Mode.HOLD
    assert held.source is Source.SAFETY
    assert "device removed" in held.reason
    np.testing.assert_array_equal(held.executed, [0.0, 0.0])


def test_the_policy_never_takes_the_place_of_a_lost_operator(driven):
    steps, _ = driven
    while_lost = {step.decision.mode for step in steps[PULLED:PUSHED_AGAIN]}
    assert while_lost == {Mode.HOLD}
    assert not any(s.decision.executed.any() for s in steps[PULLED:PUSHED_AGAIN])


def test_the_pad_plugged_in_again_takes_control_and_gives_it_back(driven):
    steps, _ = driven
    order = [mode for _, mode in modes(steps)]
    assert order == [
        Mode.AUTO, Mode.HUMAN, Mode.HOLD, Mode.HUMAN, Mode.RELEASING, Mode.AUTO,
    ]  # fmt: skip
    starts = [number for number, _ in modes(steps)]
    # A step after the hands; back after 0.5 s of rest and 0.3 s of fading, at 20 Hz.
    assert starts[1:4] == [PUSHED, PULLED, PUSHED_AGAIN]
    assert starts[4] == pytest.approx(REST + 10, abs=1)
    assert starts[5] == pytest.approx(REST + 16, abs=1)


def test_holding_the_button_ends_the_episode_and_everything_is_recorded(driven):
    steps, episode = driven
    assert episode.info.outcome == "ended_by_operator"
    # 0.8 s of holding at 20 Hz.
    assert len(steps) == pytest.approx(END + 16, abs=2)
    assert len(episode) == len(steps)
    assert [Source(s) for s in episode.sources] == [s.decision.source for s in steps]
    first, second = episode.takeovers()
    assert (first.start, second.start) == (PUSHED, PUSHED_AGAIN)
    # Full forward, and the stick to the right turns right, which is negative.
    np.testing.assert_allclose(episode.operator_actions[REST - 1], [1.0, -1.0], atol=1e-6)
