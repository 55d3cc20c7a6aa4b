"""Settings are changed with keys, count at once, are kept, and are whole on the screen."""

import pygame
import pytest
import screen_rig as rig
from settings_rig import SIZES, Screens, assert_whole, at_every_frame

from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.station_settings import (
    ControlSettings,
    CurveSettings,
    StationSettings,
    load_station_settings,
)
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.shaping import shape_axis
from iml_robot.devices.keyboard import Keyboard
from iml_robot.station.settings.bound import NAMES, Bound, check_all
from iml_robot.station.settings.broken import replace_broken, settled
from iml_robot.station.settings.catching import place_name
from iml_robot.station.settings.pages import CONTROLS, CURVE, DISPLAY, FEEDBACK, WORKLOAD
from iml_robot.station.settings.screen import SettingsScreen
from iml_robot.station.window_controls import WindowControls
from iml_robot.station.window_keys import WINDOW_NAMES, for_devices

ALL = [s for p in (DISPLAY, FEEDBACK, CONTROLS, CURVE, WORKLOAD) for s in p.settings]


@pytest.fixture
def screens(monkeypatch, tmp_path):
    made = []

    def make(**options):
        made.append(Screens(monkeypatch, tmp_path / "station.yaml", **options))
        return made[-1]

    yield make
    pygame.display.quit()


def show(screens, **options):
    SettingsScreen(screens.stage, screens.kept, screens.pads, **options).show()


@pytest.mark.parametrize("setting", ALL, ids=lambda s: s.name)
def test_every_setting_steps_through_values_that_the_model_allows(setting):
    settings = StationSettings()
    seen = set()
    for _ in range(2 * len(setting.values)):
        tree = settings.model_dump()
        tree[setting.section] |= setting.stepped(settings, 1)
        settings = StationSettings.model_validate(tree)
        seen.add(setting.value(settings))
        assert setting.item(settings).value
    # Numbers stop at the end; names go round.
    assert max(setting.values) in seen if isinstance(max(setting.values), float) else True
    default = setting.value(StationSettings())
    assert default in setting.values


def test_every_key_of_the_settings_can_be_changed_in_the_window():
    # Bindings and pads have screens of their own.
    elsewhere = {"controls.keys", "controls.buttons", "controls.pads"}
    wanted = set()
    for section, group in StationSettings().model_dump().items():
        for key, value in group.items():
            inner = value if isinstance(value, dict) and key == "curve" else None
            wanted |= (
                {f"{section}.{key}"}
                if inner is None
                else {f"{section}.{key}.{k}" for k in inner}
            )
    assert wanted - elsewhere == {setting.name for setting in ALL}


def test_a_number_between_two_steps_goes_to_the_next_one():
    settings = StationSettings(controls=ControlSettings(curve=CurveSettings(expo=0.33)))
    expo = next(s for s in ALL if s.name == "controls.curve.expo")
    assert expo.stepped(settings, 1)["curve"]["expo"] == 0.4
    assert expo.stepped(settings, -1)["curve"]["expo"] == 0.3


def test_a_change_counts_at_the_next_picture_and_is_written(screens):
    run = screens()
    run.press("RETURN", "DOWN", "RIGHT", "RIGHT", "UP", "RIGHT")
    backgrounds = []
    at_every_frame(run.stage, lambda: backgrounds.append(run.stage.surface.get_at((2, 2))))
    run.close()
    show(run)
    assert run.kept.now.display.scale == 1.5
    assert run.kept.now.display.theme == "light"
    assert load_station_settings(run.kept.path) == run.kept.now
    assert backgrounds[0] != backgrounds[-1]


def test_settings_that_cannot_be_written_hold_and_say_so(screens, tmp_path):
    run = screens()
    (tmp_path / "file").write_text("")
    run.kept.path = tmp_path / "file" / "station.yaml"
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("RETURN", "RIGHT")
    run.close()
    show(run)
    assert run.kept.now.display.theme == "light"
    assert any(text.startswith("Holds until the end of the program only") for text in said)


def test_an_action_is_put_on_the_key_that_is_pressed(screens):
    run = screens()
    # Controls, keys of a rover, the second action (forward), and then the key T.
    run.press("DOWN", "DOWN", "RETURN", "DOWN", "DOWN", "DOWN", "RETURN")
    run.press("DOWN", "RETURN", "t")
    run.close()
    show(run)
    assert run.kept.now.controls.keys == {"rover": {"forward": ["T"]}}
    assert "forward is on T now." in run.shown() or run.stage.closed


def test_a_key_that_is_taken_is_refused_with_both_actions_named_and_can_be_swapped(screens):
    run = screens()
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("DOWN", "DOWN", "RETURN", "DOWN", "DOWN", "DOWN", "RETURN")
    run.press("DOWN", "RETURN", "r", "DOWN", "RETURN")
    run.close()
    show(run)
    assert "R is reset the stop, so it cannot be forward" in said
    keys = run.kept.now.controls.keys["rover"]
    assert keys == {"forward": ["R"], "reset": ["W", "UP"]}


def test_nothing_changes_where_nobody_presses_a_key(screens):
    run = screens()
    run.press("DOWN", "DOWN", "RETURN", "DOWN", "DOWN", "DOWN", "RETURN", "RETURN")
    run.pump.at(14.0, rig.closing())
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    show(run)
    assert run.kept.now.controls.keys == {}
    assert any(text.startswith("Nothing was changed") for text in said)


@pytest.mark.parametrize(
    ("device", "layout"), [("keyboard", "drone"), ("gamepad", "rover")]
)
def test_swapping_keeps_every_action_and_uses_no_control_twice(device, layout):
    controls = ControlSettings()
    for action in list(Bound(device, layout, controls).now):
        for owner in list(Bound(device, layout, controls).now):
            bound = Bound(device, layout, controls)
            held = bound.now[owner]
            conflict = bound.conflict(action, held[0]) if held else None
            if conflict is None:
                continue
            if not bound.now[action] and owner not in WINDOW_NAMES:
                with pytest.raises(UsageError, match="would be on nothing"):
                    bound.swapped(conflict)
                continue
            change = bound.swapped(conflict)
            changed = ControlSettings.model_validate({**controls.model_dump(), **change})
            check_all(changed)
            now = Bound(device, layout, changed).now
            unbound = [sum(not on for on in b.values()) for b in (bound.now, now)]
            assert unbound[1] <= unbound[0]
            assert conflict.control in now[action]


def test_keys_of_the_window_conflict_like_those_that_drive(screens):
    run = screens()
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    # Controls, keys of a rover, forward; C shows map and camera, and gets W and Up.
    run.press("DOWN", "DOWN", "RETURN", "DOWN", "DOWN", "DOWN", "RETURN")
    run.press("DOWN", "RETURN", "c", "DOWN", "RETURN")
    run.close()
    show(run)
    assert "C is change the view, so it cannot be forward" in said
    liked = run.kept.now.controls
    assert WindowControls("rover", liked).read(rig.tap("UP")) == ["view"]
    assert WindowControls("rover", liked).read(rig.tap("c")) == []
    # The devices know nothing of the window, and drive with the rest.
    driving = Keyboard(EventPump(), settings=for_devices(liked)).bindings()
    assert ("C/S or Down", "drive (takes over)") in driving


def test_usual_keys_do_one_thing_each_with_every_hand():
    for hands in ("both", "left", "right"):
        check_all(ControlSettings(hands=hands))


def test_triggers_that_drive_are_refused():
    with pytest.raises(UsageError, match="the trigger LT drives"):
        Bound("gamepad", "rover", ControlSettings()).assigned("grip", "lefttrigger")
    Bound("gamepad", "drone", ControlSettings()).assigned("grip", "lefttrigger")


def test_resetting_takes_own_bindings_back_and_those_of_other_robots_stay():
    keys = {"rover": {"grip": ["T"]}, "drone": {"grip": ["T"]}}
    bound = Bound("keyboard", "rover", ControlSettings(keys=keys))
    assert bound.changed("grip")
    assert bound.reset() == {"keys": {"drone": {"grip": ["T"]}}}


def test_every_action_has_a_name():
    for device in ("keyboard", "gamepad"):
        for hands in ("both", "left", "right"):
            for layout in ("rover", "drone"):
                bound = Bound(device, layout, ControlSettings(hands=hands))
                assert set(bound.now) <= set(NAMES)


def test_keys_are_named_by_their_place():
    event = pygame.event.Event(pygame.KEYDOWN, scancode=pygame.KSCAN_SEMICOLON, key=0)
    assert place_name(event) == "SEMICOLON"
    assert place_name(pygame.event.Event(pygame.KEYDOWN, scancode=0, key=0)) == ""


def test_own_keys_that_other_hands_need_are_refused_with_both_actions(screens):
    # With the left hand alone, T resets the stop.
    keys = {"rover": {"rewind": ["T"]}}
    run = screens(controls=ControlSettings(keys=keys))
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("DOWN", "DOWN", "RETURN", "RIGHT")
    run.close()
    show(run)
    assert run.kept.now.controls.hands == "both"
    assert any("'rewind'" in text and "'reset'" in text for text in said)


def test_resetting_the_controls_leaves_calibrated_pads_alone(screens):
    pads = {"guid": {"name": "stick"}}
    keys = {"rover": {"grip": ["T"]}}
    controls = ControlSettings.model_validate(
        {"pads": pads, "keys": keys, "grip": "toggle"}
    )
    run = screens(controls=controls)
    run.press("DOWN", "DOWN", "RETURN", "UP", "UP", "RETURN")
    run.close()
    show(run)
    assert run.kept.now.controls == ControlSettings.model_validate({"pads": pads})


def test_the_wizard_is_not_opened_where_there_is_no_pad(screens):
    run = screens()
    opened, said = [], []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("DOWN", "DOWN", "RETURN", "UP", "UP", "UP", "RETURN")
    run.close()
    show(run, calibrate=lambda: str(opened.append(True)))
    assert opened == []
    assert "There is no pad; plug one in." in said


PLACES = {
    "settings": (),
    "display": ("RETURN",),
    "sounds": ("DOWN", "RETURN"),
    "controls": ("DOWN", "DOWN", "RETURN", "DOWN"),
    "workload": ("DOWN", "DOWN", "DOWN", "RETURN"),
    "curve": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 6, "RETURN"),
    "keys": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 3, "RETURN", "DOWN"),
    "drone-keys": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 4, "RETURN", *["DOWN"] * 9),
    "buttons": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 5, "RETURN"),
    "press-a-key": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 3, "RETURN", "RETURN"),
    "conflict": ("DOWN", "DOWN", "RETURN", *["DOWN"] * 3, "RETURN", "RETURN", "w"),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_cut_off_or_overlaps(screens, place, size, request):
    themes = ("dark", "light", "contrast")
    theme = themes[(list(PLACES).index(place) + SIZES.index(size)) % 3]
    run = screens(size=size, theme=theme)
    run.press(*PLACES[place])
    run.close()
    show(run)
    assert_whole(run.stage)


BROKEN = "display:\n  theme: pink\n"
TWICE = "controls:\n  keys:\n    rover: {grip: [T], slow: [T]}\n"


@pytest.mark.parametrize(("text", "word"), [(BROKEN, ":2"), (TWICE, "'grip' and 'slow'")])
def test_a_broken_file_is_shown_and_only_replaced_on_demand(screens, text, word):
    run = screens()
    path = run.kept.path
    path.write_text(text)
    said = []
    at_every_frame(run.stage, lambda: said.append(" ".join(run.shown())))
    run.press("RETURN")
    assert settled(run.stage, run.kept, path)
    assert any(word in page for page in said)
    assert path.read_text() == text
    assert run.kept.now == StationSettings()
    # Changes must not write over what the person wants to mend.
    assert run.kept.path is None


def test_new_defaults_keep_the_broken_file_beside_them(screens):
    run = screens()
    path = run.kept.path
    path.write_text(BROKEN)
    path.with_name("station.yaml.broken").write_text("older")
    run.press("DOWN", "RETURN")
    assert settled(run.stage, run.kept, path)
    assert path.with_name("station.yaml.broken").read_text() == "older"
    assert path.with_name("station.yaml.broken2").read_text() == BROKEN
    assert load_station_settings(path) == StationSettings()
    assert run.kept.path == path


@pytest.mark.parametrize("keys", [("DOWN", "DOWN", "RETURN"), ("ESCAPE",)])
def test_leaving_touches_nothing(screens, keys):
    run = screens()
    run.kept.path.write_text(BROKEN)
    run.press(*keys)
    assert not settled(run.stage, run.kept, run.kept.path)
    assert run.kept.path.read_text() == BROKEN


def test_a_broken_file_that_cannot_be_put_aside_is_said(tmp_path):
    with pytest.raises(InfrastructureError, match="move it yourself"):
        replace_broken(tmp_path / "missing" / "station.yaml")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_page_about_a_broken_file_is_whole(screens, size):
    run = screens(size=size)
    run.kept.path.write_text(BROKEN)
    run.close()
    settled(run.stage, run.kept, run.kept.path)
    assert_whole(run.stage)


def test_the_graph_shows_the_curve_that_drives():
    curve = CurveSettings(dead_zone=0.2, saturation=0.0, expo=0.0, most=0.5)
    # Linear from the dead zone to the end: half of the rest of the travel is half of most.
    assert shape_axis(0.6, curve) == pytest.approx(0.25)
