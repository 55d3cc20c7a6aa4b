"""Suites name maps that nobody learned from, and are told apart by them."""

import hashlib
import json

import pytest

from iml_robot.core.errors import ConfigError, UsageError
from iml_robot.core.resources import shipped_folder, shipped_names
from iml_robot.evaluation.suites import load_suite

ENTRY = '{name: a, task: "iml_robot_envs:iml/Point-v0", options: {split: %s}, maps: 3}'


def written(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_every_shipped_suite_is_held_out_and_as_large_as_its_name_says():
    sizes = {"smoke": 20, "gate": 200, "nightly": 1000}
    names = shipped_names("suites")
    assert {"rover-smoke", "rover-gate", "drone-gate", "drone-nightly"} <= set(names)
    for name in names:
        suite = load_suite(name)
        assert all(entry.held_out for entry in suite.entries)
        if not name.startswith("point"):
            assert suite.maps == sizes[name.split("-")[-1]]


def test_a_small_suite_is_the_beginning_of_a_large_one():
    smoke, gate = load_suite("rover-smoke"), load_suite("rover-gate")
    assert [e.options for e in smoke.entries] == [e.options for e in gate.entries]
    assert gate.shortened(10).digest == smoke.digest


def test_the_digest_is_that_of_the_list_of_maps(tmp_path):
    suite = load_suite(written(tmp_path, f"entries: [{ENTRY % 'test'}]"))
    listed = [["iml_robot_envs:iml/Point-v0", {"split": "test"}, [0, 1, 2]]]
    text = json.dumps(listed, sort_keys=True)
    assert suite.digest == hashlib.sha256(text.encode()).hexdigest()
    renamed = load_suite(written(tmp_path, f"name: b\nentries: [{ENTRY % 'test'}]"))
    assert renamed.digest == suite.digest
    assert suite.shortened(2).digest != suite.digest


@pytest.mark.parametrize("split", ["train", "correction", "val", "null"])
def test_maps_that_were_learned_from_are_refused_unless_allowed(split, tmp_path):
    path = written(tmp_path, f"entries: [{ENTRY % split}]")
    with pytest.raises(ConfigError, match="allow_training_maps: true"):
        load_suite(path)
    assert load_suite(path, ["allow_training_maps=true"]).maps == 3


def test_a_configuration_serves_as_a_suite_of_its_evaluations():
    suite = load_suite("quickstart")
    assert [(e.name, e.maps) for e in suite.entries] == [
        ("unfamiliar", 200),
        ("familiar", 100),
    ]
    path = shipped_folder("configs") / "quickstart.yaml"
    assert load_suite(path).digest == suite.digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("entries: []", "at least one entry"),
        ("entry: []", r"mine.yaml:1:1: .*'entr"),
        (f"entries: [{ENTRY % 'test'}, {ENTRY % 'test'}]", "'a' is given twice"),
        (
            f"entries: [{ENTRY % 'test'}, {{name: b, task: x, maps: 2}}]",
            "one task",
        ),
        ("entries: [{name: a, task: x, maps: 0}]", "maps: must be at least 1"),
        ("entries: [{name: 'a:b', task: x, maps: 2}]", "entries.0.name"),
    ],
)
def test_mistakes_in_suites_are_told_with_their_place(text, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        load_suite(written(tmp_path, text))


def test_an_unknown_suite_is_refused_with_the_known_names():
    with pytest.raises(UsageError, match="did you mean 'rover-gate'"):
        load_suite("rover-gat")
