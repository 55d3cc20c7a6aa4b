"""The page before the drive: real devices are tested, and nothing is cut off."""

import numpy as np
import pygame
import pytest
import screen_rig as rig
from settings_rig import SIZES, Screens, assert_whole, at_every_frame
from virtual_joystick import AVAILABLE, UNKNOWN, VirtualJoystick

from iml_robot.core.station_settings import (
    ControlSettings,
    StationSettings,
    WorkloadSettings,
)
from iml_robot.devices import DEVICES
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.preflight.checks import Checked
from iml_robot.station.preflight.latency import measure_latency
from iml_robot.station.preflight.naming import ask_name
from iml_robot.station.preflight.policy_facts import PolicyFacts
from iml_robot.station.preflight.screen import PreflightScreen, Subject
from iml_robot.station.preflight.stop_test import try_stop
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.wizard import calibrate_a_pad
from iml_robot.station.stage import Stage

POLICY = PolicyFacts("rover_rocks", "ab" * 32, "demonstrations 90", "familiar 81/100")
needs_pads = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual pads")


@pytest.fixture
def screens(monkeypatch, tmp_path):
    def make(**options):
        return Screens(monkeypatch, tmp_path / "station.yaml", **options)

    yield make
    pygame.quit()


def preflight(run, tmp_path, *, policy=POLICY, devices=list, aliases=(), **options):
    subject = Subject("quickstart", "rover", policy, tmp_path, aliases)
    return PreflightScreen(
        run.stage,
        run.kept,
        run.pads,
        subject,
        devices=devices,
        rng=np.random.default_rng(1),
        **options,
    )


class Live:
    """A dummy window with the real event queue and a clock that waits for nobody."""

    def __init__(self, monkeypatch, settings=None):
        monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
        self.now_s = 50.0
        monkeypatch.setattr("iml_robot.station.stage.time.sleep", self._pass)
        self.kept = KeptSettings(settings)
        pygame.display.init()
        self.pump = EventPump(clock=lambda: self.now_s)
        self.stage = Stage(self.pump, kept=self.kept, clock=lambda: self.now_s)
        pygame.event.clear()
        self.pads = LivePads()
        self.script = []
        at_every_frame(self.stage, self._act)

    def devices(self):
        options = {"layout": "rover", "settings": self.kept.now.controls}
        return [
            DEVICES.build(name, self.pump, options=options)
            for name in ("gamepad", "keyboard")
        ]

    def at(self, time_s, act):
        self.script.append((50.0 + time_s, act))

    def key(self, time_s, name, *, down=True):
        kind = pygame.KEYDOWN if down else pygame.KEYUP
        code = getattr(pygame, f"KSCAN_{name}")
        key = getattr(pygame, f"K_{name}", 0)
        event = pygame.event.Event(kind, key=key, mod=0, scancode=code, unicode="")
        self.at(time_s, lambda: pygame.event.post(event))

    def _pass(self, seconds):
        self.now_s += seconds
        assert self.now_s < 200, "the screen waits for ever"

    def _act(self):
        due = [act for time_s, act in self.script if time_s <= self.now_s]
        self.script = [entry for entry in self.script if entry[0] > self.now_s]
        for act in due:
            act()


@pytest.fixture
def live(monkeypatch):
    yield lambda settings=None: Live(monkeypatch, settings)
    pygame.quit()


def test_the_stop_and_its_reset_pass_with_the_keys_that_drive(live):
    run = live()
    run.key(0.5, "SPACE")
    run.key(1.0, "SPACE", down=False)
    run.key(1.5, "R")
    assert try_stop(run.stage, run.pads, run.devices)
    assert 52.5 <= run.now_s <= 52.7


def test_own_keys_are_those_that_count(live):
    keys = {"rover": {"emergency_stop": ["T"], "reset": ["G"]}}
    run = live(StationSettings(controls=ControlSettings(keys=keys)))
    run.key(0.5, "SPACE")
    run.key(1.0, "R")
    run.key(3.0, "T")
    run.key(3.5, "G")
    assert try_stop(run.stage, run.pads, run.devices)
    assert run.now_s > 54.4


@needs_pads
def test_the_stop_of_a_pad_passes_and_menus_see_the_pad_again(live):
    run = live()
    pygame.joystick.init()
    with VirtualJoystick() as pad:
        run.pads.open({})
        run.at(0.5, lambda: pad.button("back", True))
        run.at(0.8, lambda: pad.button("back", False))
        run.at(1.0, lambda: pad.button("start", True))
        assert try_stop(run.stage, run.pads, run.devices)
        assert len(run.pads.pads) == 1
        pad.button("start", False)
        pad.axis("leftx", 0.5)
        run.stage.wait()
        run.pads.look(run.stage.events)
        assert run.pads.stick() == pytest.approx(0.5, abs=0.01)
        run.pads.close()


@needs_pads
def test_pads_come_and_go_while_menus_are_shown(live):
    run = live()
    run.pads.open({})

    def look():
        run.stage.wait()
        run.pads.look(run.stage.events)
        return len(run.pads.pads)

    assert look() == 0
    with VirtualJoystick() as pad:
        assert look() == 1
        pad.button("a", True)
        look()
        assert run.pads.pressed == ("a",)
        assert look() == 1
        assert run.pads.pressed == ()
    assert look() == 0
    assert run.pads.stick() is None
    run.pads.close()


@needs_pads
def test_a_pad_that_nobody_knows_must_be_calibrated_or_left_out(live, tmp_path):
    run = live()
    pygame.joystick.init()
    calibrated, said = [], []
    with VirtualJoystick(kind=UNKNOWN, axes=4, buttons=12):
        run.pads.open({})
        run.script = []
        at_every_frame(run.stage, lambda: said.extend(p.text for p in run.stage.texts))
        # From the stop to the devices; calibrate; leave out both; start.
        for number, name in enumerate(
            ["DOWN", "RETURN", "RIGHT", "UP", "RIGHT", "UP", "UP", "RETURN"]
        ):
            run.key(0.5 * number + 0.5, name)
            run.key(0.5 * number + 0.7, name, down=False)
        screen = preflight(run, tmp_path, calibrate=lambda: str(calibrated.append(True)))
        checked = screen.show()
        run.pads.close()
    assert calibrated == [True]
    assert "pad not calibrated" in said
    assert checked.waived == ("stop", "devices")
    assert checked.passed == ("policy", "disk")


@needs_pads
def test_the_wizard_of_the_settings_finds_the_pad_and_leaving_it_changes_nothing(live):
    run = live()
    pygame.joystick.init()
    with VirtualJoystick(kind=UNKNOWN, axes=4, buttons=12):
        run.pads.open({})
        run.key(1.0, "ESCAPE")
        said = calibrate_a_pad(run.stage, run.kept, run.pads)
        assert said == "The calibration was left; nothing was changed."
        assert run.kept.now.controls.pads == {}
        assert len(run.pads.pads) == 1
        run.pads.close()


@needs_pads
def test_pads_that_sdl_knows_need_no_calibration(live):
    run = live()
    pygame.joystick.init()
    with VirtualJoystick():
        run.pads.open({})
        assert calibrate_a_pad(run.stage, run.kept, run.pads).startswith("Nothing")
        run.pads.close()


def test_nothing_starts_before_all_is_green_or_left_out(screens, tmp_path):
    run = screens()
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("UP", "UP", "RETURN", "DOWN", "DOWN", "RIGHT", "UP", "UP", "RETURN")
    checked = preflight(run, tmp_path, aliases=("Ada", "Grace")).show()
    assert any(text.startswith("Not yet: emergency stop.") for text in said)
    assert checked == Checked(
        ("devices", "policy", "disk"), ("stop",), "Ada", None, POLICY.sha256
    )


def test_going_back_starts_nothing(screens, tmp_path):
    run = screens()
    run.press("ESCAPE")
    assert preflight(run, tmp_path).show() is None


def test_a_policy_that_is_missing_cannot_be_left_out(screens, tmp_path):
    run = screens()
    run.press("RIGHT", "DOWN", "DOWN", "RIGHT", "UP", "UP", "UP", "UP", "RETURN")
    run.close()
    gone = PolicyFacts("gone", trouble="gone.safetensors: no such file")
    assert preflight(run, tmp_path, policy=gone).show() is None


def test_little_room_is_said_and_none_refused(screens, tmp_path, monkeypatch):
    for free, waivable in ((500 << 20, True), (50 << 20, False)):
        monkeypatch.setattr(
            "iml_robot.station.preflight.screen._free_bytes", lambda folder, f=free: f
        )
        run = screens()
        run.press("RIGHT", "DOWN", "DOWN", "DOWN", "RIGHT", *["UP"] * 5, "RETURN")
        run.close()
        checked = preflight(run, tmp_path).show()
        assert (checked is not None) == waivable
        if checked is not None:
            assert checked.waived == ("stop", "disk")
        pygame.display.quit()


def test_names_of_before_are_a_step_away_and_new_ones_are_typed(screens, tmp_path):
    run = screens()
    typing = [rig.key(c, typed=c) for c in "eva"]
    run.press("RIGHT", *["DOWN"] * 5, "RIGHT", "RETURN", "BACKSPACE")
    for number, event in enumerate(typing):
        run.pump.at(5.0 + 0.2 * number, event)
    run.pump.at(6.0, *rig.tap("RETURN"))
    run.pump.at(6.5, *rig.tap("DOWN"))
    run.pump.at(7.0, *rig.tap("RETURN"))
    checked = preflight(run, tmp_path, aliases=("A", "Z")).show()
    assert checked.alias == "eva"


def test_a_name_is_clicked(screens):
    run = screens()
    clicked = []

    def click():
        wanted = ["B", "O", "B", "OK"]
        if len(clicked) < len(wanted):
            text = wanted[len(clicked)]
            place = next(p.rect.center for p in run.stage.texts if p.text == text)
            clicked.append(place)
            run.pump.at(
                0.05, pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=place, button=1)
            )

    at_every_frame(run.stage, click)
    assert ask_name(run.stage, run.pads) == "BOB"


def test_a_press_after_the_turn_is_timed(live):
    run = live()
    run.script = []

    def press():
        shapes = [p.text for p in run.stage.texts]
        assert shapes
        if run.now_s - presses[-1] > 3.4:
            presses.append(run.now_s)
            pygame.event.post(
                pygame.event.Event(
                    pygame.KEYDOWN, key=pygame.K_x, scancode=pygame.KSCAN_X, unicode="x"
                )
            )

    presses = [run.now_s - 3.0]
    at_every_frame(run.stage, press)
    found = measure_latency(run.stage, run.pads, np.random.default_rng(3))
    # Pressed 3.4 s after the last one: the square has turned 0.4 to 2.4 s before.
    assert 400 <= found <= 2500


def test_escape_leaves_the_latency_test(screens):
    run = screens()
    run.press("ESCAPE")
    assert measure_latency(run.stage, run.pads, np.random.default_rng(1)) is None


SCENES = {
    "preflight": (),
    "preflight-waived": ("RIGHT",),
    "preflight-policy": ("DOWN", "DOWN"),
    "preflight-refused": ("UP", "UP", "RETURN"),
    "preflight-name": (*["DOWN"] * 5, "RETURN"),
    "preflight-latency": (*["DOWN"] * 4, "RETURN"),
    "preflight-stop": ("RETURN",),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_of_the_checks_is_cut_off(screens, tmp_path, scene, size):
    themes = ("dark", "light", "contrast")
    theme = themes[(list(SCENES).index(scene) + SIZES.index(size)) % 3]
    run = screens(size=size, theme=theme, workload=WorkloadSettings())
    run.press(*SCENES[scene])
    run.close()
    keyboard = DEVICES.build("keyboard", EventPump(), options={})
    preflight(run, tmp_path, devices=lambda: [keyboard], aliases=("Ada",)).show()
    assert_whole(run.stage)


@needs_pads
@pytest.mark.parametrize("layout", ["rover", "drone"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_panel_of_a_pad_is_whole_and_lights_up(live, tmp_path, size, layout):
    settings = StationSettings.model_validate({"display": {"scale": size[2]}})
    run = live(settings)
    pygame.display.set_mode(size[:2])
    pygame.joystick.init()
    colours = {}
    with VirtualJoystick() as pad:
        run.pads.open({})

        def count(name):
            shot = pygame.surfarray.array3d(run.stage.surface)
            lit = (shot == np.array(run.kept.theme.operator)).all(axis=2)
            colours[name] = int(lit.sum())

        run.at(0.5, lambda: count("rest"))
        run.at(0.6, lambda: [pad.axis("leftx", -1.0), pad.button("x", True)])
        run.at(1.2, lambda: count("moved"))
        run.at(1.4, lambda: pygame.event.post(rig.closing()))
        subject = Subject("quickstart", layout, POLICY, tmp_path)
        PreflightScreen(
            run.stage,
            run.kept,
            run.pads,
            subject,
            devices=run.devices,
            rng=np.random.default_rng(1),
        ).show()
        assert_whole(run.stage)
        run.pads.close()
    assert colours["moved"] > colours["rest"] + 500
