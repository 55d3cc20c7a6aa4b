"""Shipped files are found by name, others by path."""

import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.resources import find_config, find_policy, shipped_folder, shipped_names


def test_shipped_configurations_are_found_by_name():
    assert find_config("quickstart") == shipped_folder("configs") / "quickstart.yaml"


def test_names_are_sorted_and_hide_dot_files():
    names = shipped_names("configs")
    assert names == sorted(names)
    assert not any(name.startswith(".") for name in names)


def test_a_path_wins_over_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quickstart.yaml").write_text("")
    assert str(find_config("quickstart.yaml")) == "quickstart.yaml"
    assert find_config("quickstart").parent == shipped_folder("configs")


def test_a_missing_policy_file_is_refused_with_what_is_allowed(tmp_path):
    with pytest.raises(UsageError, match=r"does not exist; give a \.safetensors file"):
        find_policy(tmp_path / "x.safetensors")


def test_a_folder_is_no_policy_file(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        find_policy(tmp_path)
