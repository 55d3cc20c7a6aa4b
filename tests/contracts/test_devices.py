"""What every input device must do, whatever it is made of."""

import pytest
from input_rig import InputRig

from iml_robot.core.registry import option_names
from iml_robot.core.types import Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.reading import DeviceReading


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


@pytest.fixture(params=DEVICES.names())
def device(request, rig):
    device = DEVICES.build(request.param, rig.pump)
    device.open()
    yield device
    device.close()


def test_both_devices_are_found():
    assert {"keyboard", "gamepad"} <= set(DEVICES.names())


def test_a_device_nobody_touches_commands_nothing(rig, device):
    for _ in range(5):
        rig.step()
        reading = device.read()
        assert isinstance(reading, DeviceReading)
        assert not reading.engaged
        assert (reading.forward, reading.left, reading.up, reading.turn) == (0, 0, 0, 0)
        assert reading.requests == frozenset()
        assert reading.evaluation is None


def test_a_reading_carries_the_time_of_the_last_pump(rig, device):
    rig.step(0.3)
    rig.now_s += 1.0
    assert device.read().time_s == pytest.approx(100.3)


def test_a_device_can_be_opened_and_closed_twice(rig, device):
    device.open()
    device.close()
    device.close()
    device.open()
    rig.step()
    assert not device.read().engaged


def test_reset_keeps_the_device_readable(rig, device):
    device.reset()
    rig.step()
    assert device.read().requests <= {Request.EMERGENCY_STOP}


def test_bindings_name_a_stop_first_and_explain_everything(device):
    bindings = device.bindings()
    assert bindings[0][1] == "EMERGENCY STOP"
    assert all(label and meaning for label, meaning in bindings)
    assert len(bindings) == len(set(bindings))


@pytest.mark.parametrize("name", DEVICES.names())
def test_a_device_has_a_layout_for_every_kind_of_robot(name, rig):
    assert "layout" in option_names(DEVICES.get(name))
    for layout in ("rover", "drone"):
        assert DEVICES.build(name, rig.pump, options={"layout": layout}).bindings()
