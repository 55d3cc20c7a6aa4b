"""What the window says about recording, and about the key that leads out of a state."""

import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.types import EpisodeInfo, Mode
from iml_robot.devices.gamepad import Gamepad
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard
from iml_robot.station.hints import NOT_RECORDING
from iml_robot.station.legend import WAYS_OUT
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.supervision import SupervisionView


def texts(window):
    return [placed.text for placed in window.texts]


def test_the_window_says_while_nothing_is_recorded(open_window, robot, make_step):
    window, recording = open_window(robot, first_run=False), [True]
    view = SupervisionView(window, RealTimePacer(0.05), lambda: recording[0])
    view.begin(EpisodeInfo(0, "practice", "x", seed=0))
    for now in (True, False, True):
        recording[0] = now
        view.show(make_step(), {})
        assert (NOT_RECORDING in texts(window)) is not now
        assert ("not recording" in texts(window)) is not now
        assert any(text.startswith("REC") for text in texts(window)) is now


@pytest.mark.parametrize("device", [Keyboard, Gamepad])
@pytest.mark.parametrize("mode", WAYS_OUT)
def test_the_key_that_leads_out_of_a_state_is_always_shown(
    open_window, robot, make_step, device, mode
):
    bindings = device(EventPump()).bindings()
    (label,) = (label for label, meaning in bindings if WAYS_OUT[mode] in meaning)
    window = open_window(robot, bindings=bindings)
    window.show(make_step(mode), {})
    # Without the remark in brackets, which the help page has.
    shown = label.split(" or ")[0]
    assert shown in texts(window)[texts(window).index("F1") :]
    window.show(make_step(Mode.AUTO), {})
    strip = texts(window)[texts(window).index("F1") + 2 :]
    assert strip[0] == bindings[0][0].split(" or ")[0]


def test_an_environment_that_cannot_draw_itself_is_named_as_the_cause(
    open_window, robot, make_step
):
    def burn():
        raise RuntimeError("no more paint")

    window = open_window(robot)
    robot.render = burn
    with pytest.raises(UsageError, match="cannot draw itself: RuntimeError: no more paint"):
        window.show(make_step(), {})
