"""Several pads, calibrated and unknown ones, stuck sticks, rumbling and noise."""

import contextlib
import math
import time

import pygame
import pytest
from input_rig import CONTROL_DT_S
from pad_rig import guid_of_first, needs_pad, opened, read
from virtual_joystick import UNKNOWN, VirtualJoystick

from iml_robot.core.station_settings import (
    AxisRange,
    ControlSettings,
    PadSettings,
    StationSettings,
    load_station_settings,
    save_station_settings,
)
from iml_robot.core.types import Link, Request
from iml_robot.devices.input.pads import coalesced
from iml_robot.devices.input.plain import calibration_of, plain_pads
from iml_robot.devices.input.rumble import Rumble, RumblePlayer
from iml_robot.devices.input.stuck import StuckAxes


@needs_pad
def test_another_pad_drives_after_its_own_grip_alone(rig, pad):
    with opened(rig) as gamepad, VirtualJoystick() as second:
        pad.axis("leftx", -1.0)
        rig.step()
        second.axis("leftx", 1.0)
        second.button("a", True)
        reading = read(rig, gamepad)
        assert (reading.turn, reading.requests) == (pytest.approx(1.0), frozenset())
        second.button("rightshoulder", True)
        reading = read(rig, gamepad)
        assert (reading.turn, reading.gripping) == (pytest.approx(-1.0), True)
        pad.unplug()
        assert not read(rig, gamepad).lost


@needs_pad
def test_every_pad_stops(rig, pad):
    with opened(rig) as gamepad, VirtualJoystick() as second:
        rig.step()
        second.button("back", True)
        assert read(rig, gamepad).requests == {Request.EMERGENCY_STOP}


@needs_pad
def test_the_same_kind_of_pad_is_bound_again_before_others(rig):
    with (
        VirtualJoystick() as other,
        VirtualJoystick(kind=UNKNOWN, axes=4, buttons=11) as mine,
        opened(rig) as gamepad,
    ):
        # SDL numbers virtual joysticks by their shape, so the two kinds differ.
        ids = {pygame.joystick.Joystick(i).get_guid() for i in range(2)}
        assert len(ids) == 2
        mine.button(5, True)
        assert read(rig, gamepad).gripping
        other.unplug()
        mine.unplug()
        assert read(rig, gamepad).lost
        other.plug()
        mine.plug()
        rig.step()
        mine.axis(0, -1.0)
        other.axis("leftx", 1.0)
        assert read(rig, gamepad).turn == pytest.approx(1.0)


def calibration(**changes):
    """A transmitter that turns with axis 3, low to high from -0.5 to 0.5, the wrong way."""
    turn = AxisRange(source="a3", low=-0.5, high=0.5, reversed=True)
    drive = AxisRange(source="a2", low=-0.8, centre=0.1, high=0.6)
    return PadSettings(
        axes={"leftx": turn, "lefty": drive}, buttons={"back": "b9"}, **changes
    )


@contextlib.contextmanager
def transmitter(rig, settings):
    with VirtualJoystick(kind=UNKNOWN, axes=8, buttons=12) as pad:
        liked = ControlSettings(pads={guid_of_first(): settings})
        with opened(rig, settings=liked) as gamepad:
            yield pad, gamepad


@needs_pad
def test_a_calibrated_transmitter_drives_over_its_own_range(rig):
    with transmitter(rig, calibration()) as (pad, gamepad):
        pad.axis(3, 0.5)
        pad.axis(2, 0.6)
        pad.axis(0, -1.0)
        reading = read(rig, gamepad)
        assert (reading.turn, reading.forward) == pytest.approx((1.0, 1.0), abs=1e-3)
        assert reading.warning == ""
        pad.button(9, True)
        assert read(rig, gamepad).requests == {Request.EMERGENCY_STOP}


@needs_pad
def test_a_calibration_that_cannot_be_true_is_not_used_and_that_is_said(rig):
    broken = calibration()
    flat = broken.axes["leftx"].model_copy(update={"low": -0.01})
    broken = broken.model_copy(update={"axes": {**broken.axes, "leftx": flat}})
    with transmitter(rig, broken) as (pad, gamepad):
        pad.axis(0, -1.0)
        reading = read(rig, gamepad)
    assert reading.turn == pytest.approx(1.0)
    assert "is not used: leftx goes from -0.01" in reading.warning


@needs_pad
def test_a_pad_that_nobody_knows_says_so(rig):
    with VirtualJoystick(kind=UNKNOWN, buttons=11), opened(rig) as gamepad:
        assert "is unknown to SDL and its controls are guessed" in gamepad.read().warning
    told = {"leftx": "a2", "lefty": "a1"}
    with (
        VirtualJoystick(kind=UNKNOWN, buttons=11),
        opened(rig, unknown_pad=told) as gamepad,
    ):
        assert gamepad.read().warning == ""


@needs_pad
def test_what_the_task_says_of_unknown_pads_goes_before_a_calibration(rig):
    with VirtualJoystick(kind=UNKNOWN, axes=8, buttons=12) as pad:
        liked = ControlSettings(pads={guid_of_first(): calibration()})
        with opened(rig, settings=liked, unknown_pad={"leftx": "a5"}) as gamepad:
            pad.axis(5, -1.0)
            assert read(rig, gamepad).turn == pytest.approx(1.0)


@needs_pad
def test_what_was_calibrated_is_kept_in_the_settings_and_drives_later(rig, tmp_path):
    file = tmp_path / "station.yaml"
    with VirtualJoystick(kind=UNKNOWN, axes=8, buttons=12) as pad:
        with opened(rig) as gamepad:
            (plain,) = plain_pads()
            asked = calibration_of(plain, ControlSettings(), layout="rover")

            def hold(seconds, **axes):
                for name, value in axes.items():
                    pad.axis(int(name[1:]), value)
                for _ in range(round(seconds / CONTROL_DT_S)):
                    for button in plain.take(rig.step().events):
                        asked.press(button)
                    asked.feed(plain.values, rig.now_s)

            hold(1.2)
            for value in (-0.6, 0.6, 0.0):
                hold(0.1, a6=value, a7=value)
            asked.confirm()
            hold(0.1)
            hold(0.5, a6=0.6)
            hold(0.1, a6=0.0)
            hold(0.5, a7=0.6)
            hold(0.1, a7=0.0)
            for button in (10, 11):
                pad.button(button, True)
                hold(0.1)
            pads = {plain.guid: asked.result}
            gamepad.close()
        kept = StationSettings(controls=ControlSettings(pads=pads))
        save_station_settings(kept, file)
        liked = load_station_settings(file).controls
        pad.button(10, False)
        pad.button(11, False)
        with opened(rig, settings=liked) as gamepad:
            pad.axis(6, 0.6)
            pad.axis(7, -0.6)
            pad.button(11, True)
            reading = read(rig, gamepad)
            assert (reading.forward, reading.turn) == pytest.approx((1, -1), abs=1e-3)
            assert reading.gripping
            pad.button(10, True)
            assert read(rig, gamepad).requests == {Request.EMERGENCY_STOP}


@needs_pad
def test_only_pads_that_sdl_does_not_know_are_offered_for_calibration(rig, pad):
    with VirtualJoystick(kind=UNKNOWN, axes=5, buttons=3) as plain, opened(rig):
        (found,) = plain_pads()
        assert len(found.values) == 5
        plain.axis(4, 0.5)
        plain.button(2, True)
        assert found.take(rig.step().events) == [2]
        assert found.values[4] == pytest.approx(0.5, abs=1e-3)
        begun = calibration_of(found, ControlSettings(), layout="rover")
        assert [what for what, _ in begun.steps[2:]] == [
            "forward",
            "turn",
            "EMERGENCY STOP",
            "hold: you drive",
        ]
        plain.unplug()
        found.take(rig.step().events)
        assert found.gone


def held(after_s, *, until_s, values, pressed_at_s=None):
    """Return when controls were warned about and when they counted as stuck [s].

    Args:
        after_s: Option of `StuckAxes`.
        until_s: How long they are looked at, at 20 Hz.
        values: Returns the deflections at a time.
        pressed_at_s: When a button is pressed.
    """
    axes, warned_s, stuck_s = StuckAxes(after_s), None, None
    for step in range(round(until_s * 20) + 1):
        time_s = step / 20
        if time_s == pressed_at_s:
            axes.press()
        verdict = axes.look(values(time_s), 100.0 + time_s)
        warned_s = time_s if warned_s is None and verdict.warning else warned_s
        stuck_s = time_s if stuck_s is None and verdict.stuck else stuck_s
    return warned_s, stuck_s


BIT = 1 / 32767


@pytest.mark.parametrize(
    ("values", "warned_s", "stuck_s"),
    [
        # What no hand does: not a bit in 10 s, whatever comes from the other stick.
        (lambda t: {"leftx": 0.6, "lefty": 0.0}, 10.0, 10.0),
        (lambda t: {"leftx": 0.6, "lefty": 0.4 * math.sin(t)}, 10.0, 10.0),
        (lambda t: {"leftx": 0.6 if t < 4 else 0.61}, 14.0, 14.0),
        # A hand that holds a stick as still as it can.
        (lambda t: {"leftx": 0.6 + BIT * (t % 7 > 6.5)}, None, None),
        # At rest, and beside the centre, where nothing moves.
        (lambda t: {"leftx": 0.0, "lefty": 0.2}, None, None),
        # Full speed ahead: pressed against the stop, while the hand trembles or steers.
        (lambda t: {"leftx": 0.01 + BIT * (t % 7 > 6.5), "lefty": -1.0}, None, None),
        (lambda t: {"righttrigger": 1.0, "leftx": 0.5 * math.sin(t)}, None, None),
        # The same with nobody there; a stick at rest trembles by itself.
        (lambda t: {"righttrigger": 1.0, "leftx": 0.0}, 10.0, 30.0),
        (lambda t: {"righttrigger": 1.0, "leftx": 0.01 * math.sin(t)}, 10.0, 30.0),
    ],
)
def test_only_what_no_hand_does_counts_as_stuck(values, warned_s, stuck_s):
    found = held(10.0, until_s=60.0, values=values)
    assert found == pytest.approx((warned_s, stuck_s), abs=0.051)


def test_a_button_shows_that_somebody_holds_the_pad():
    def full_speed(time_s):
        return {"righttrigger": 1.0}

    found = held(10.0, until_s=60.0, values=full_speed, pressed_at_s=8.0)
    assert found == pytest.approx((18.0, 38.0), abs=0.051)
    assert held(0.0, until_s=60.0, values=full_speed) == pytest.approx((10.0, None))


def test_time_in_which_nobody_looked_does_not_count():
    axes = StuckAxes()
    axes.look({"leftx": 0.6}, 0.0)
    assert not axes.look({"leftx": 0.6}, 300.0).stuck


@needs_pad
def test_a_stuck_stick_steers_no_more_until_it_moves_and_the_stop_still_counts(rig, pad):
    with opened(rig, stuck_s=2.0) as gamepad:
        pad.button("rightshoulder", True)
        pad.axis("lefty", -0.6)
        for _ in range(38):
            assert read(rig, gamepad).engaged
        for _ in range(4):
            reading = read(rig, gamepad)
        assert (reading.link, reading.engaged, reading.forward) == (Link.STALE, False, 0.0)
        assert "the left stick has not moved at all for 2 s" in reading.warning
        pad.button("back", True)
        assert read(rig, gamepad).requests == {Request.EMERGENCY_STOP}
        pad.axis("lefty", -0.61)
        reading = read(rig, gamepad)
        assert (reading.link, reading.moving, reading.warning) == (None, True, "")


def test_a_pattern_is_played_pulse_by_pulse():
    pulses = []
    player = RumblePlayer(lambda length_s: pulses.append((now_s, length_s)))
    now_s = 3.0
    player.start(Rumble.TAKEOVER_REQUEST, now_s)
    for step in range(1, 20):
        now_s = 3.0 + 0.05 * step
        player.advance(now_s)
    # Two pulses of 120 ms with as long a pause; steps come every 50 ms.
    assert pulses == [(3.0, 0.12), (pytest.approx(3.25), 0.12)]
    pulses.clear()
    player.start(Rumble.TAKEOVER_REQUEST, now_s)
    player.start(Rumble.RECONNECTED, now_s)
    player.advance(now_s + 9.0)
    assert [length_s for _, length_s in pulses] == [0.12, 0.12]


@needs_pad
@pytest.mark.parametrize("rumble", [True, False])
def test_rumbling_is_quiet_where_the_pad_cannot(rig, pad, rumble, monkeypatch):
    pulses = []
    monkeypatch.setattr(
        "iml_robot.devices.input.pads.Pad.pulse", lambda self, s: pulses.append(s)
    )
    with opened(rig, rumble=rumble) as gamepad:
        gamepad.rumble(Rumble.TAKEOVER_REQUEST)
        rig.step(0.3)
        pad.unplug()
        rig.step()
        pad.plug()
        rig.step()
    assert len(pulses) == (3 if rumble else 0)


@needs_pad
def test_a_virtual_pad_has_no_motors(rig, pad):
    with opened(rig) as gamepad:
        gamepad.rumble(Rumble.RECONNECTED)
        rig.step()
        assert gamepad.read().connected


def noise(count):
    return [
        pygame.event.Event(
            pygame.JOYAXISMOTION,
            instance_id=0,
            axis=i % 2,
            value=((i * 37) % 200 - 100) / 100,
        )
        for i in range(count)
    ]


def test_movements_are_coalesced_to_the_extremes_and_the_last():
    events = noise(1000)
    button = pygame.event.Event(pygame.JOYBUTTONDOWN, instance_id=0, button=1)
    kept = coalesced([*events[:500], button, *events[500:]])
    assert button in kept
    for axis in (0, 1):
        all_values = [e.value for e in events if e.axis == axis]
        values = [
            e.value for e in kept if e.type == pygame.JOYAXISMOTION and e.axis == axis
        ]
        assert len(values) <= 3
        assert {min(all_values), max(all_values)} <= set(values)
        assert values[-1] == all_values[-1]


@needs_pad
def test_a_trigger_pulled_and_let_go_within_one_step_is_a_press(rig, pad):
    with opened(
        rig,
        settings=ControlSettings(
            hands="left", buttons={"slow": [], "pause": ["lefttrigger"], "reset": []}
        ),
    ) as gamepad:
        pad.axis("lefttrigger", -1.0)
        rig.step()
        for value in (0.2, 1.0, 0.4, -1.0):
            pad.axis("lefttrigger", value)
            pygame.event.pump()
        assert Request.PAUSE in read(rig, gamepad).requests


@needs_pad
def test_a_thousand_events_in_a_step_take_a_small_part_of_it(rig, pad):
    with opened(rig) as gamepad:
        costs_s = []
        for _ in range(5):
            for i in range(1000):
                value = (i * 3700) % 60_000 - 30_000
                event = pygame.event.Event(
                    pygame.CONTROLLERAXISMOTION,
                    instance_id=pad.instance_id,
                    axis=i % 4,
                    value=value,
                )
                pygame.event.post(event)
            begun = time.process_time()
            batch = rig.step()
            gamepad.read()
            costs_s.append(time.process_time() - begun)
            assert len(batch.events) == 1000
        assert min(costs_s) < 0.01, "a fifth of a control step of 20 Hz"
