"""What the window says about recording, and about the key that leads out of a state."""

from types import SimpleNamespace

import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.types import EpisodeInfo, Mode
from iml_robot.data.recorder import Recording, SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.devices.gamepad import Gamepad
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard
from iml_robot.station.hints import NOT_RECORDING
from iml_robot.station.legend import WAYS_OUT
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.palette import DARK
from iml_robot.station.recording import sign_of
from iml_robot.station.supervision import SupervisionView


def texts(window):
    return [placed.text for placed in window.texts]


def test_the_window_says_while_nothing_is_recorded(open_window, robot, make_step):
    recorder = SimpleNamespace(state=Recording.ON, frames=61)
    window = open_window(robot, first_run=False)
    view = SupervisionView(window, RealTimePacer(0.05), recorder)
    view.begin(EpisodeInfo(0, "practice", "x", seed=0))
    for now in (Recording.ON, Recording.FAILED, Recording.ON):
        recorder.state = now
        view.show(make_step(), {})
        failed = now is Recording.FAILED
        assert (NOT_RECORDING in texts(window)) is failed
        # In the banner, and in the card of the link.
        assert texts(window).count("NOT RECORDED") == 2 * failed
        # 61 steps of 0.05 s are 3.05 s.
        assert ({"REC", "0:03", "REC 61"} <= {*texts(window)}) is not failed


def test_the_recorder_itself_says_whether_anything_is_kept(tmp_path, make_step):
    store = SessionStore.create(tmp_path / "session.db")
    recorder = SessionRecorder(store)
    assert recorder.state is Recording.OFF
    recorder.begin(EpisodeInfo(0, "practice", "x", seed=0))
    recorder.add(make_step())
    assert (recorder.state, recorder.frames) == (Recording.ON, 1)
    (tmp_path / "session.db").unlink()
    recorder.add(make_step())
    store.flush()
    assert recorder.state is Recording.FAILED
    store.close()
    assert sign_of(Recording.FAILED, DARK).shape != sign_of(Recording.ON, DARK).shape


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
