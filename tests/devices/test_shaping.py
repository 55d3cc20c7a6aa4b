import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.devices.input.shaping import KeyRamp, deflection, expo, rescale, shape_axis

unit = st.floats(-1.0, 1.0)
keys = st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 1.0]), st.floats(0.0, 0.3)))


@pytest.mark.parametrize(
    ("raw", "shaped"),
    [
        (0.0, 0.0),
        (0.10, 0.0),
        (-0.10, 0.0),
        (0.98, 1.0),
        (1.0, 1.0),
        (-1.0, -1.0),
        (0.54, 0.5),  # half-way between the edges 0.10 and 0.98
    ],
)
def test_the_dead_zone_is_cut_and_the_rest_stretched(raw, shaped):
    assert rescale(raw) == pytest.approx(shaped)


def test_expo_follows_its_formula():
    assert expo(0.5) == pytest.approx(0.3 * 0.125 + 0.7 * 0.5)


@given(unit, unit)
def test_shaping_keeps_the_order_of_deflections(a, b):
    low, high = sorted((a, b))
    assert shape_axis(low) <= shape_axis(high)


@given(unit)
def test_shaping_is_the_same_to_both_sides_and_stays_in_range(value):
    assert shape_axis(-value) == -shape_axis(value)
    assert abs(shape_axis(value)) <= 1.0


@given(st.floats(-0.999, 0.999))
def test_shaping_has_no_jump(value):
    # Slope at most 1 / 0.88 of the rescaling times 0.7 + 0.3 * 3 of the expo.
    slope = (0.7 + 0.9) / 0.88
    assert abs(shape_axis(value + 0.001) - shape_axis(value)) <= slope * 0.001 + 1e-12


def test_an_axis_that_is_not_a_number_stays_visible_as_such():
    assert math.isnan(shape_axis(math.nan))


def test_opposite_deflections_do_not_cancel():
    assert deflection(0.5, -0.5) == pytest.approx(math.sqrt(0.5))


def test_a_key_is_full_after_half_a_second_and_gone_after_a_fifth():
    ramp = KeyRamp()
    assert ramp.step(1.0, 0.25) == pytest.approx(0.5)
    assert ramp.step(1.0, 0.25) == pytest.approx(1.0)
    assert ramp.step(0.0, 0.1) == pytest.approx(0.5)
    assert ramp.step(0.0, 0.1) == pytest.approx(0.0)


def test_reversing_crosses_zero_faster_than_letting_go():
    ramp = KeyRamp()
    ramp.step(1.0, 1.0)
    # From 1 to 0 at 6/s takes 1/6 s; the rest of 0.3 s rises at 2/s.
    assert ramp.step(-1.0, 0.3) == pytest.approx(-2.0 * (0.3 - 1 / 6))


@given(keys)
def test_a_command_of_keys_stays_in_range(presses):
    ramp = KeyRamp()
    for target, dt_s in presses:
        assert abs(ramp.step(target, dt_s)) <= 1.0


@given(keys)
def test_every_sequence_of_keys_ends_at_rest(presses):
    ramp = KeyRamp()
    for target, dt_s in presses:
        ramp.step(target, dt_s)
    assert ramp.step(0.0, 1.0) == 0.0


@given(keys, st.integers(2, 6))
def test_keys_feel_the_same_at_every_rate(presses, parts):
    slow, fast = KeyRamp(), KeyRamp()
    for target, dt_s in presses:
        slow.step(target, dt_s)
        for _ in range(parts):
            fast.step(target, dt_s / parts)
        assert fast.value == pytest.approx(slow.value, abs=1e-9)


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="rise_per_s must be above 0, got 0"):
        KeyRamp(rise_per_s=0)
