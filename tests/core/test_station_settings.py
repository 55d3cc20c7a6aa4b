"""Settings of the window: defaults, what is kept, and files that are refused."""

import pytest

from iml_robot.core.errors import ConfigError, InfrastructureError
from iml_robot.core.station_settings import (
    StationSettings,
    load_station_settings,
    save_station_settings,
    settings_path,
)


def test_where_nothing_is_kept_the_defaults_hold(tmp_path):
    assert load_station_settings(tmp_path / "none.yaml") == StationSettings()


def test_what_was_saved_is_read_again_and_only_what_differs_is_written(tmp_path):
    settings = StationSettings.model_validate(
        {
            "display": {"theme": "light", "scale": 1.5},
            "controls": {
                "keys": {"rover": {"grip": ["RSHIFT"]}},
                "pads": {"03": {"name": "stick", "axes": {"leftx": {"source": "a2"}}}},
            },
        }
    )
    path = tmp_path / "folder" / "station.yaml"
    save_station_settings(settings, path)
    assert load_station_settings(path) == settings
    assert "sounds" not in path.read_text()
    save_station_settings(StationSettings(), path)
    assert load_station_settings(path) == StationSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("display: {scale: 3.0}", ("display.scale", "at most 2")),
        ("display: {theme: dark, theme: light}", ("theme", "twice")),
        ("controls: {stick_mode: 5}", ("stick_mode", "at most 4")),
        ("contrlos: {}", ("contrlos", "controls")),
        ("feedback: {sounds: 1}", ("sounds", "true or false")),
        ("[1, 2]", ("mapping",)),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_key(tmp_path, text, words):
    path = tmp_path / "station.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_station_settings(path)
    for word in (str(path), *words):
        assert word in str(caught.value)


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InfrastructureError, match="cannot keep the settings"):
        save_station_settings(StationSettings(), file / "station.yaml")


def test_the_file_lies_where_the_variables_say(tmp_path):
    here = settings_path({"IML_ROBOT_STATION": "/x/y.yaml", "XDG_CONFIG_HOME": "/c"})
    assert str(here) == "/x/y.yaml"
    there = settings_path({"XDG_CONFIG_HOME": "/c"})
    assert str(there) == "/c/iml-robot/station.yaml"
