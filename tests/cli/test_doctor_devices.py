"""What the doctor says about pads, settings and pygame."""

from importlib import metadata

import pytest
from commands import run_command
from input_rig import InputRig
from virtual_joystick import AVAILABLE, UNKNOWN, VirtualJoystick

from iml_robot.cli.doctor import State, diagnose, pad_findings
from iml_robot.core.station_settings import (
    AxisRange,
    ControlSettings,
    PadSettings,
    StationSettings,
)
from iml_robot.devices.input.pads import start_controllers, stop_controllers
from iml_robot.devices.input.survey import survey

PAD = {
    "name": "Some Stick",
    "guid": "03abc",
    "known": False,
    "drives": True,
    "axes": 6,
    "buttons": 11,
    "rumbles": False,
}


def said(settings=None, **changes):
    (finding,) = pad_findings([{**PAD, **changes}], settings or StationSettings())
    return finding


def calibrated(low=-1.0):
    pad = PadSettings(axes={"leftx": AxisRange(source="a0", low=low)})
    return StationSettings(controls=ControlSettings(pads={PAD["guid"]: pad}))


@pytest.mark.parametrize(
    ("changes", "settings", "state", "words"),
    [
        ({"known": True, "rumbles": True}, None, State.OK, "known to SDL, 6 axes, 11 but"),
        ({}, None, State.WARNING, "unknown to SDL and not calibrated, so its controls are"),
        ({}, calibrated(), State.OK, "Some Stick: calibrated, 6 axes"),
        ({}, calibrated(low=-0.01), State.WARNING, "calibration is not used (leftx goes"),
        ({"guid": "04"}, calibrated(), State.WARNING, "not calibrated"),
        ({"drives": False}, None, State.OK, "too few axes or buttons to steer with"),
    ],
)
def test_each_pad_is_described(changes, settings, state, words):
    finding = said(settings, **changes)
    assert (finding.name, finding.state) == ("devices", state)
    assert words in finding.text
    assert f"GUID {changes.get('guid', PAD['guid'])}" in finding.text
    assert ("no rumble" in finding.text) == (not changes.get("rumbles"))


def test_without_pads_the_keyboard_is_named():
    (finding,) = pad_findings([], StationSettings())
    assert "the keyboard works in the window" in finding.text


@pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")
def test_the_survey_finds_what_is_plugged_in():
    with (
        InputRig(),
        VirtualJoystick(),
        VirtualJoystick(kind=UNKNOWN, axes=4, buttons=0),
    ):
        controllers = start_controllers()
        found = survey(controllers)
        stop_controllers(controllers)
    assert [(pad.known, pad.drives) for pad in found] == [(True, True), (False, False)]
    assert [(pad.axes, pad.buttons) for pad in found] == [(6, 15), (4, 0)]
    assert all(pad.guid and pad.name and not pad.rumbles for pad in found)


def finding_of(name, findings):
    return next(finding for finding in findings if finding.name == name)


@pytest.fixture
def unasked(monkeypatch):
    """Do not ask SDL in another process."""
    monkeypatch.setattr("iml_robot.cli.doctor._window_and_pads", lambda settings: [])


@pytest.mark.parametrize(
    ("content", "state", "words"),
    [
        (None, State.OK, "none yet, all as usual"),
        ("display: {theme: light}\n", State.OK, "station.yaml"),
        ("display: {theme: pink}\n", State.WARNING, "mend or delete the file"),
        ("display: [\n", State.WARNING, "mend or delete the file"),
    ],
)
def test_the_settings_file_is_looked_at(
    tmp_path, monkeypatch, unasked, *, content, state, words
):
    file = tmp_path / "station.yaml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("IML_ROBOT_STATION", str(file))
    finding = finding_of("settings", diagnose(tmp_path))
    assert finding.state is state
    assert words in finding.text
    assert str(file) in finding.text


def test_two_distributions_of_pygame_are_warned_about(tmp_path, monkeypatch, unasked):
    real = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: "2.5.8" if name == "pygame-ce" else real(name)
    )
    warnings = [f for f in diagnose(tmp_path) if f.state is State.WARNING]
    assert any("and pygame-ce 2.5.8 are both installed" in f.text for f in warnings)


def test_one_distribution_of_pygame_is_no_matter(tmp_path, unasked):
    assert not any("both installed" in f.text for f in diagnose(tmp_path))


def test_the_doctor_asks_sdl_in_a_process_of_its_own(tmp_path):
    file = tmp_path / "station.yaml"
    file.write_text("controls: {grip: maybe}\n")
    result = run_command("doctor", SDL_VIDEODRIVER="dummy", IML_ROBOT_STATION=str(file))
    assert "SDL driver dummy" in result.stdout
    assert "devices      no gamepad or stick" in result.stdout
    assert "until then all is as usual" in result.stdout
    assert result.returncode == 0
