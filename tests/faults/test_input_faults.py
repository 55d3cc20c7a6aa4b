"""Faults of input and operator; the rows are those of docs/safety.md."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import numpy as np
import pygame
import pytest
from fault_rig import FaultRig, standing_still
from virtual_joystick import AVAILABLE

from iml_robot.core.types import Link, Mode, Source
from iml_robot.devices.keyboard import Keyboard
from iml_robot.session.rewinding import Rewinding

needs_pad = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")


@pytest.fixture
def keys():
    with FaultRig() as rig:
        yield rig


@pytest.fixture
def pad():
    with FaultRig(pads=1) as rig:
        yield rig


@needs_pad
def test_1_frames_from_the_removal_on_are_no_labels(pad):
    (stick,) = pad.pads
    episode, view = pad.drive(
        {10: [partial(stick.button, "rightshoulder", True)], 40: [stick.unplug]}, steps=60
    )
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD]
    assert view.steps[40].signal.link is Link.DEVICE_REMOVED
    assert view.decisions[40].countdown_s == pytest.approx(5.0)
    (takeover,) = episode.takeovers()
    assert (takeover.start, takeover.stop) == (10, 40)
    assert (episode.sources[40:] == Source.SAFETY).all()


@needs_pad
def test_2_a_pad_removed_while_the_policy_drives_is_said_and_keys_take_over(pad):
    (stick,) = pad.pads
    rest = {10: [partial(stick.axis, "lefty", 0.05)], 20: [stick.unplug]}
    press = {60: [lambda: pad.down("W")]}
    _, view = pad.drive({**rest, **press}, steps=90)
    assert view.modes == [Mode.AUTO, Mode.HUMAN]
    assert view.steps[60].decision.mode is Mode.HUMAN
    assert view.steps[60].signal.device == "keyboard"


@needs_pad
def test_3_a_pad_back_under_another_number_needs_rest_and_a_press(pad):
    (stick,) = pad.pads
    first = stick.instance_id

    def plug():
        stick.plug()
        stick.axis("lefty", -0.3)

    _, view = pad.drive(
        {
            10: [partial(stick.axis, "lefty", -0.3)],
            30: [stick.unplug],
            40: [plug],
            60: [partial(stick.axis, "lefty", 0.0)],
            75: [partial(stick.button, "rightshoulder", True)],
        },
        steps=90,
    )
    assert stick.instance_id != first
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD, Mode.HUMAN]
    assert view.decisions[74].mode is Mode.HOLD
    assert view.decisions[75].mode is Mode.HUMAN
    assert standing_still(view.decisions[30:75])


@needs_pad
def test_4_the_centring_before_a_removal_is_no_letting_go(pad):
    (stick,) = pad.pads
    seen = []
    pad.pump.subscribe(lambda batch: seen.append([event.type for event in batch.events]))
    _, view = pad.drive(
        {10: [partial(stick.button, "rightshoulder", True)], 30: [stick.unplug]}, steps=40
    )
    (batch,) = (kinds for kinds in seen if pygame.JOYDEVICEREMOVED in kinds)
    # SDL says first that the dead-man control was let go, which would hand back.
    assert batch.index(pygame.JOYBUTTONUP) < batch.index(pygame.JOYDEVICEREMOVED)
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD]


@needs_pad
def test_5_of_two_identical_pads_one_drives():
    with FaultRig(pads=2) as rig:
        first, second = rig.pads
        _, view = rig.drive({10: [partial(second.axis, "lefty", -1.0)]}, steps=30)
        others, _ = view.modes, second.axis("lefty", 0.0)
        _, view = rig.drive({10: [partial(first.axis, "lefty", -1.0)]}, steps=30)
        assert sorted([len(others), len(view.modes)]) == [1, 2]


@needs_pad
def test_5_the_stop_of_every_pad_counts():
    with FaultRig(pads=2) as rig:
        for pad in rig.pads:
            rig.drive({10: [partial(pad.button, "back", True)]}, steps=20)
            assert rig.arbiter.mode is Mode.ESTOP
            rig.arbiter = type(rig.arbiter)(2)
            pad.button("back", False)
            rig.step()


def test_6_a_device_whose_axes_are_no_numbers_is_a_lost_operator(keys, monkeypatch):
    read, wrong = Keyboard.read, []

    def read_wrongly(self):
        reading = read(self)
        return replace(reading, forward=float("nan")) if wrong else reading

    monkeypatch.setattr(Keyboard, "read", read_wrongly)
    _, view = keys.drive(
        {10: [lambda: keys.down("LSHIFT")], 20: [lambda: wrong.append(True)]}
    )
    assert view.decisions[19].source is Source.OPERATOR
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD]
    assert standing_still(view.decisions[20:])
    assert view.decisions[-1].end_episode == "operator_lost"


@needs_pad
def test_6_a_stick_that_stands_still_to_the_bit_is_a_lost_operator():
    gamepad = {"gamepad": {"stuck_s": 1.0}}
    with FaultRig(pads=1, operator={"device_options": gamepad}) as rig:
        (stick,) = rig.pads
        _, view = rig.drive(
            {
                10: [partial(stick.axis, "lefty", -0.3)],
                # Keys stand still by nature, and steer in its place.
                50: [lambda: rig.down("W")],
            }
        )
        warning = rig.operator.warning
    # 1 s at 20 Hz.
    assert view.decisions[28].source is Source.OPERATOR
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD, Mode.HUMAN]
    assert view.decisions[32].mode is Mode.HOLD
    assert view.decisions[32].reason.startswith("operator lost")
    assert standing_still(view.decisions[32:50])
    assert "the left stick has not moved at all for 1 s" in warning
    assert {d.mode for d in view.decisions[50:]} == {Mode.HUMAN}
    assert view.steps[-1].signal.device == "keyboard"


def test_8_keys_that_were_down_at_the_loss_of_focus_need_another_press(keys):
    _, view = keys.drive(
        {
            10: [lambda: keys.down("W")],
            20: [lambda: keys.focus(gained=False)],
            40: [lambda: keys.focus(gained=True)],
            60: [lambda: keys.down("W")],
        },
        steps=70,
    )
    assert view.modes == [Mode.AUTO, Mode.HUMAN, Mode.HOLD, Mode.HUMAN]
    assert standing_still(view.decisions[20:60])


def test_9_opposite_keys_and_a_lost_release_end_at_rest(keys):
    _, view = keys.drive(
        {
            10: [lambda: keys.down("W"), lambda: keys.down("S")],
            # The release of W goes astray; pressed again and let go, it is gone.
            30: [lambda: keys.up("S")],
            33: [lambda: keys.down("W"), lambda: keys.up("W")],
        },
        steps=100,
    )
    both = [step.signal.action[0] for step in view.steps[12:30]]
    assert both == [0.0] * len(both)
    assert view.modes[-2:] == [Mode.RELEASING, Mode.AUTO]


def test_10_a_stop_pressed_between_two_episodes_stops_the_first_step(keys):
    keys.drive({}, steps=10)
    keys.tap("SPACE")
    # Screens between episodes pump the events and nobody asks the operator.
    keys.step()
    keys.step()
    _, view = keys.drive({}, steps=10)
    assert view.modes == [Mode.ESTOP]


@pytest.mark.parametrize(
    ("prepare", "mode"),
    [
        ({}, Mode.AUTO),
        ({10: ["W"]}, Mode.HUMAN),
        ({10: ["LSHIFT"], 15: ["-LSHIFT"]}, Mode.RELEASING),
        ({10: ["P"]}, Mode.PAUSED),
        ({10: ["W"], 15: ["lost"]}, Mode.HOLD),
    ],
)
def test_10_a_stop_counts_in_its_step_from_every_state(keys, prepare, mode):
    def act(what):
        if what == "lost":
            keys.focus(gained=False)
        elif what.startswith("-"):
            keys.up(what[1:])
        else:
            keys.down(what)

    happenings = {step: [partial(act, w) for w in what] for step, what in prepare.items()}
    happenings[18] = [lambda: keys.tap("SPACE")]
    _, view = keys.drive(happenings, steps=30)
    assert view.decisions[17].mode is mode
    assert {d.mode for d in view.decisions[18:]} == {Mode.ESTOP}
    assert standing_still(view.decisions[18:])


class Leaving:
    """A policy that drives off the map."""

    def act(self, observation):
        return np.ones(2, np.float32)


def test_10_a_stop_pressed_at_the_offer_to_rewind_stops_the_next_episode(keys):
    episode, _ = keys.drive({}, policy=Leaving())
    assert episode.info.outcome == "out_of_bounds"
    while_offered = {len(episode) + 10: [lambda: keys.tap("SPACE")]}
    offer = Rewinding(keys.env, back_s=1.0, times=2, period_s=0.05, patience_s=3.0)
    _, view = keys.drive(while_offered, policy=Leaving(), rewinding=offer)
    # The offer ends with the stop.
    assert len(view.steps) == len(episode) + 10
    _, view = keys.drive({}, steps=10)
    assert view.modes == [Mode.ESTOP]


@needs_pad
def test_11_a_stop_is_not_reset_under_a_deflected_stick_and_says_why(pad):
    (stick,) = pad.pads
    _, view = pad.drive(
        {
            5: [partial(stick.button, "back", True)],
            10: [partial(stick.button, "start", True), partial(stick.axis, "leftx", 0.6)],
            60: [partial(stick.axis, "leftx", 0.0)],
        },
        steps=95,
    )
    assert view.decisions[50].mode is Mode.ESTOP
    assert view.decisions[50].reason == "reset refused, let go of all controls"
    assert view.modes == [Mode.AUTO, Mode.ESTOP, Mode.DISARMED]
    # 1 s at 20 Hz since the stick was let go.
    assert view.decisions[78].mode is Mode.ESTOP
    assert view.decisions[81].mode is Mode.DISARMED
    assert standing_still(view.decisions[5:])


@needs_pad
def test_12_a_thousand_events_a_step_cost_less_than_a_step(pad):
    (stick,) = pad.pads
    took_s = []

    def flood():
        for number in range(1000):
            event = {"instance_id": stick.instance_id, "axis": 0, "value": number % 7 / 10}
            pygame.event.post(pygame.event.Event(pygame.JOYAXISMOTION, event))
        took_s.append(time.perf_counter())

    _, view = pad.drive({step: [flood] for step in range(10, 40)}, steps=45)
    assert len(view.steps) == 46
    # The time between two floods includes posting them.
    assert np.median(np.diff(took_s)) < 0.05


def test_14_a_person_who_does_nothing_is_asked_and_then_the_robot_waits():
    with FaultRig(presence_s=2.0) as rig:
        _, view = rig.drive({})
    # 2 s and then 5 s, at 20 Hz; the episode of 10 s ends in the hold.
    assert "are you there" not in view.decisions[38].reason
    assert "are you there" in view.decisions[40].reason
    assert view.decisions[138].mode is Mode.AUTO
    assert view.decisions[140].mode is Mode.HOLD
    assert standing_still(view.decisions[140:])


def test_14_one_key_is_answer_enough():
    with FaultRig(presence_s=2.0) as rig:
        _, view = rig.drive({100: [lambda: rig.tap("RETURN")]}, steps=150)
    assert view.modes == [Mode.AUTO]
