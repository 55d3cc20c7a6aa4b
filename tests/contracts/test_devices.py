"""What every input device must do, whatever it is made of."""

import pytest
from input_rig import InputRig

from iml_robot.core.registry import option_names
from iml_robot.core.types import Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.reading import DeviceReading
from iml_robot.devices.input.recording import RecordingWriter


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


@pytest.fixture
def options_of(tmp_path):
    """What a device cannot be built without, by its name and layout."""

    def options(name, layout="rover"):
        if name != "playback":
            return {"layout": layout}
        file = tmp_path / f"{layout}.jsonl"
        writer = RecordingWriter(file)
        writer.start(layout, [("Space", "EMERGENCY STOP")])
        writer.close()
        return {"layout": layout, "file": str(file)}

    return options


@pytest.fixture(params=DEVICES.names())
def device(request, rig, options_of):
    device = DEVICES.build(request.param, rig.pump, options=options_of(request.param))
    device.open()
    yield device
    device.close()


def test_the_devices_are_found():
    assert {"keyboard", "gamepad", "playback"} <= set(DEVICES.names())


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
def test_a_device_has_a_layout_for_every_kind_of_robot(name, rig, options_of):
    assert "layout" in option_names(DEVICES.get(name))
    for layout in ("rover", "drone"):
        assert DEVICES.build(name, rig.pump, options=options_of(name, layout)).bindings()
