"""A person calibrates a joystick; the true axes are known here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import AxisRange, PadSettings
from iml_robot.devices.input.calibrated import calibrated_links, normalised
from iml_robot.devices.input.calibration import Calibration, Phase
from iml_robot.devices.input.sticks import STICK_MODES

DT_S = 0.05
ROVER = {"forward": "lefty", "turn": "leftx"}


class Person:
    """Moves true axes and feeds a calibration with what they say.

    Args:
        calibration: The calibration.
        rest: Where the axes rest.
        jitter: What is added to and taken from axis 0 from one sample to the next.
    """

    def __init__(self, calibration, rest=(0.0, 0.0, 0.0, 0.0), jitter=0.0):
        self.calibration = calibration
        self.values = list(rest)
        self.rest_at = tuple(rest)
        self.jitter = jitter
        self._time_s = 5.0

    def wait(self, seconds):
        for _ in range(round(seconds / DT_S)):
            self._time_s += DT_S
            self.jitter = -self.jitter
            values = [self.values[0] + self.jitter, *self.values[1:]]
            self.calibration.feed(values, self._time_s)

    def move(self, seconds=0.5, **axes):
        for name, value in axes.items():
            self.values[int(name[1:])] = value
        self.wait(seconds)

    def let_go(self):
        self.values = list(self.rest_at)
        self.wait(0.2)

    def ends(self, *axes, low=-1.0, high=1.0):
        for axis in axes:
            self.move(0.1, **{f"a{axis}": low})
            self.move(0.1, **{f"a{axis}": high})
            self.let_go()
        self.calibration.confirm()
        self.let_go()

    def push(self, **axes):
        self.move(**axes)
        self.let_go()


def finished(routes=ROVER, pushes=({"a1": -1.0}, {"a3": 1.0}), **options):
    """The result of a person who does everything right."""
    calibration = Calibration("stick", routes)
    person = Person(calibration, **options)
    person.wait(1.2)
    person.ends(0, 1, 2, 3, low=-0.9, high=0.8)
    for push in pushes:
        person.push(**push)
    assert calibration.phase is Phase.DONE
    return calibration.result


def test_axes_ends_and_sides_are_found():
    found = finished(pushes=({"a1": -0.9}, {"a3": 0.8}))
    # Forward was towards the low end of axis 1, and high is to be up. Turning left was
    # towards the high end of axis 3, and high is to be right.
    ends = {"low": -0.9, "centre": 0.0, "high": 0.8, "reversed": True}
    assert found.axes == {
        "lefty": AxisRange(source="a1", **ends),
        "leftx": AxisRange(source="a3", **ends),
    }


def test_what_is_found_steers_where_the_person_pushed():
    found = finished(pushes=({"a1": -0.9}, {"a3": 0.8}))
    links = {link.control: link for link in calibrated_links(found, ROVER.values())}
    # SDL counts right and down: forward and left are -1.
    assert links["lefty"].apply(-0.9) == pytest.approx(-1.0)
    assert links["lefty"].apply(0.4) == pytest.approx(0.5)
    assert links["leftx"].apply(0.8) == pytest.approx(-1.0)
    assert links["leftx"].apply(-0.45) == pytest.approx(0.5)


def test_axes_that_are_the_right_way_round_are_not_reversed():
    found = finished(pushes=({"a1": 0.8}, {"a3": -0.9}))
    assert not any(axis.reversed for axis in found.axes.values())


@pytest.mark.parametrize("jitter", [0.0, 0.03, 0.08])
def test_the_dead_zone_is_the_largest_deflection_seen_at_rest_and_a_margin(jitter):
    routes = {"forward": "lefty"}
    found = finished(routes, pushes=({"a0": 0.8},), jitter=jitter)
    # The shorter side goes from 0 to 0.8, and the jitter lies upon it.
    assert found.curve.dead_zone == pytest.approx(jitter / (0.8 + jitter) + 0.02, abs=0.003)


def test_a_stick_that_rests_beside_its_middle_is_centred():
    rest = (0.0, 0.1, 0.0, -0.2)
    found = finished(rest=rest, pushes=({"a1": -0.9}, {"a3": 0.8}))
    assert found.axes["lefty"].centre == pytest.approx(0.1)
    assert found.axes["leftx"].centre == pytest.approx(-0.2)


def test_a_hand_at_rest_begins_the_second_anew():
    calibration = Calibration("stick", ROVER)
    person = Person(calibration)
    person.wait(0.9)
    person.move(0.1, a0=0.5)
    assert calibration.problem == "A stick moves: let go of all of them."
    person.let_go()
    person.wait(0.7)
    assert calibration.phase is Phase.REST
    person.wait(0.6)
    assert (calibration.phase, calibration.problem) == (Phase.ENDS, "")


def test_the_ends_must_be_reached_before_it_goes_on():
    calibration = Calibration("stick", ROVER)
    person = Person(calibration)
    person.wait(1.2)
    person.ends(1)
    assert calibration.phase is Phase.ENDS
    assert "1 of 2 axes went to both ends" in calibration.problem
    person.ends(3)
    assert (calibration.phase, calibration.problem) == (Phase.PUSH, "")


def pushing():
    calibration = Calibration("stick", ROVER)
    person = Person(calibration)
    person.wait(1.2)
    person.ends(0, 1, 2, 3)
    return calibration, person


def test_a_short_push_or_two_axes_at_once_are_not_taken():
    calibration, person = pushing()
    person.move(0.2, a1=1.0)
    person.let_go()
    person.push(a1=1.0, a0=0.8)
    assert calibration.problem == "Two axes move: push straight, and one stick alone."
    assert calibration.steps[2] == ("forward", False)
    # A thumb is never quite straight.
    person.push(a1=1.0, a0=0.3)
    assert calibration.steps[2] == ("forward", True)


def test_one_axis_is_not_taken_twice():
    calibration, person = pushing()
    person.push(a1=1.0)
    person.push(a1=1.0)
    assert calibration.problem == "That is the stick for forward; push another one."
    person.push(a3=1.0)
    assert calibration.phase is Phase.DONE


def test_a_stick_must_be_let_go_of_between_two_pushes():
    calibration, person = pushing()
    person.move(2.0, a1=1.0)
    assert calibration.instruction.startswith("Let go of all sticks")
    person.move(1.0, a3=1.0)
    assert calibration.phase is Phase.PUSH
    person.let_go()
    assert calibration.instruction == "Push LEFT the stick that is to turn"


def test_buttons_are_asked_for_and_can_be_left_out():
    wanted = [("back", "EMERGENCY STOP"), ("rightshoulder", "hold: you drive"), ("a", "x")]
    calibration = Calibration("stick", {"forward": "lefty"}, buttons=wanted)
    person = Person(calibration)
    person.wait(1.2)
    calibration.press(1)  # before anybody asked
    person.ends(0)
    person.push(a0=1.0)
    assert calibration.instruction == 'Press the button for "EMERGENCY STOP"'
    calibration.press(9)
    calibration.press(9)
    assert calibration.problem.startswith("That button does something already")
    calibration.confirm()
    calibration.press(2)
    assert calibration.result.buttons == {"back": "b9", "a": "b2"}


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_in_every_stick_mode_each_direction_is_found(mode):
    axes = {"forward": 2, "left": 0, "up": 3, "turn": 1}
    pushes = [{f"a{axes[d]}": 0.8} for d in ("forward", "left", "up", "turn")]
    found = finished(STICK_MODES[mode], pushes)
    expected = {STICK_MODES[mode][d]: f"a{axis}" for d, axis in axes.items()}
    assert {control: axis.source for control, axis in found.axes.items()} == expected


def test_it_can_be_tried_at_the_end():
    calibration, person = pushing()
    person.push(a1=-1.0)
    person.push(a3=1.0)
    person.move(0.1, a1=-0.5, a3=1.0)
    assert calibration.command("forward") == pytest.approx(0.5)
    assert calibration.command("turn") == pytest.approx(1.0)


def test_without_all_steps_there_is_no_result_and_it_can_begin_again():
    calibration, _ = pushing()
    with pytest.raises(UsageError, match="is not done; go through all"):
        _ = calibration.result
    calibration.restart()
    assert (calibration.phase, calibration.steps[0][1]) == (Phase.REST, False)


def test_a_stick_that_was_touched_too_much_at_rest_is_refused():
    calibration = Calibration("stick", {"forward": "lefty"})
    person = Person(calibration, jitter=0.095)
    person.wait(1.2)
    person.jitter = 0.0
    person.ends(0, low=-0.3, high=0.3)
    person.push(a0=0.3)
    with pytest.raises(
        UsageError, match=r"moves by 0\.\d+ by itself, and 0\.3 is the most"
    ):
        _ = calibration.result


WELL = {"source": "a1", "low": -0.9, "centre": 0.1, "high": 0.8}


@pytest.mark.parametrize(
    ("axes", "buttons", "words"),
    [
        ({"lefty": {}}, {}, "nothing is known about leftx; calibrate it again"),
        ({"leftx": {}, "lefty": {}}, {}, "leftx and lefty are on the same input"),
        ({"leftx": {"centre": 0.7}, "lefty": {"source": "a2"}}, {}, "0.25 or more"),
        ({"leftx": {"low": 0.9}, "lefty": {"source": "a2"}}, {}, "0.25 or more"),
        ({"leftx": {"source": "b1"}, "lefty": {"source": "a2"}}, {}, "only sticks and"),
        ({"leftx": {"source": "x9"}, "lefty": {"source": "a2"}}, {}, "cannot be on 'x9'"),
        ({"leftx": {}, "lefty": {"source": "a2"}, "a": {"source": "a3"}}, {}, "only stic"),
        ({"leftx": {}, "lefty": {"source": "a2"}}, {"fly": "b1"}, "is called 'fly'"),
        (
            {"leftx": {}, "lefty": {"source": "a2"}},
            {"a": "b1", "b": "b1"},
            "a and b are on the same",
        ),
    ],
)
def test_a_calibration_that_cannot_be_true_is_refused(axes, buttons, words):
    ranges = {control: AxisRange(**{**WELL, **own}) for control, own in axes.items()}
    with pytest.raises(UsageError, match=words):
        calibrated_links(PadSettings(axes=ranges, buttons=buttons), {"leftx", "lefty"})


def test_a_trigger_may_rest_at_its_end():
    released = AxisRange(source="a2", low=-1.0, centre=-1.0, high=1.0)
    (link,) = calibrated_links(PadSettings(axes={"lefttrigger": released}), ())
    assert [link.apply(value) for value in (-1.0, 0.0, 1.0)] == [0.0, 0.5, 1.0]
    turned = AxisRange(source="a2", low=-1.0, centre=1.0, high=1.0, reversed=True)
    (link,) = calibrated_links(PadSettings(axes={"lefttrigger": turned}), ())
    assert [link.apply(value) for value in (-1.0, 0.5, 1.0)] == [1.0, 0.25, 0.0]


ends = st.tuples(st.floats(-1, -0.3), st.floats(-0.04, 0.04), st.floats(0.3, 1))


@given(ends, st.booleans(), st.floats(-1, 1), st.floats(-1, 1))
def test_a_calibrated_axis_stays_in_range_and_keeps_the_order(measured, turned, a, b):
    low, centre, high = measured
    axis = AxisRange(source="a0", low=low, centre=centre, high=high, reversed=turned)
    first, second = sorted((a, b), reverse=turned)
    assert -1 <= normalised(axis, first) <= normalised(axis, second) <= 1
    assert normalised(axis, centre) == 0
