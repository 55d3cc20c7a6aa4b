import pytest
from input_rig import InputRig
from virtual_joystick import VirtualJoystick


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


@pytest.fixture
def pad(rig):
    with VirtualJoystick() as pad:
        yield pad
