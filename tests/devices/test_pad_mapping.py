import pytest

from iml_robot.devices.input.mapping import (
    KNOWN_PAD,
    UNKNOWN_PAD,
    parse_link,
    parse_mapping,
)


@pytest.mark.parametrize(
    ("control", "source", "value", "expected"),
    [
        ("leftx", "a0", -1.0, -1.0),
        ("leftx", "a0", 0.5, 0.5),
        ("leftx", "a0~", 0.5, -0.5),
        ("lefttrigger", "a2", -1.0, 0.0),
        ("lefttrigger", "a2", 1.0, 1.0),
        ("lefttrigger", "+a2", 0.5, 0.5),
        ("righttrigger", "-a2", -0.5, 0.5),
        ("righttrigger", "-a2", 0.5, 0.0),
        ("righttrigger", "b7", 1.0, 1.0),
        ("a", "b3", 0.0, 0.0),
        ("dpup", "h0.1", 1.0, 1.0),
    ],
)
def test_a_line_of_a_mapping_translates_its_input(control, source, value, expected):
    assert parse_link(control, source).apply(value) == pytest.approx(expected)


def test_a_line_names_its_input():
    link = parse_link("dpdown", "h1.4")
    assert (link.kind, link.number, link.bit) == ("h", 1, 4)


def test_the_table_for_unknown_pads_can_be_read_and_drives_a_rover():
    controls = {link.control for link in parse_mapping(UNKNOWN_PAD)}
    assert {"leftx", "lefty", "rightshoulder", "back", "start", "a", "b"} <= controls


def test_the_controls_of_known_pads_have_the_numbers_of_sdl():
    # SDL_gamecontroller.h of SDL 2: axes 0 to 5, buttons 0 to 14.
    numbers = {(link.kind, link.number): link.control for link in KNOWN_PAD}
    assert numbers["A", 0] == "leftx"
    assert numbers["A", 4] == "lefttrigger"
    assert numbers["B", 4] == "back"
    assert numbers["B", 6] == "start"
    assert numbers["B", 10] == "rightshoulder"
    assert numbers["B", 11] == "dpup"
    assert len(KNOWN_PAD) == 6 + 15
