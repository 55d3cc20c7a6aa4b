"""The folder of a session: what is made, what is refused."""

import re

import pytest

from iml_robot.core.config import load_config
from iml_robot.core.errors import UsageError
from iml_robot.core.whole_files import replace_text
from iml_robot.session.folder import SessionFolder


def test_a_new_folder_has_its_places(tmp_path):
    folder = SessionFolder.create("trial", tmp_path / "a" / "b")
    assert {p.name for p in folder.path.iterdir()} == {"policies", "plots", "tensorboard"}
    assert folder.policy(7) == tmp_path / "a" / "b" / "policies" / "0007.safetensors"
    assert folder.database.name == "session.db"


def test_without_a_choice_the_folder_is_named_after_run_and_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [str(SessionFolder.create("trial").path) for _ in range(3)]
    assert all(re.fullmatch(r"runs/trial-\d{8}T\d{6}Z(-\d)?", path) for path in paths)
    assert len(set(paths)) == 3


def test_an_empty_folder_is_used(tmp_path):
    assert SessionFolder.create("trial", tmp_path).path == tmp_path


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(
        UsageError, match=r"not empty \(it holds 'thesis.tex'\); .* --resume"
    ):
        SessionFolder.create("trial", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("inside", [".", "below"])
def test_a_file_in_the_way_is_refused(tmp_path, inside):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="a file is in the way"):
        SessionFolder.create("trial", tmp_path / "file" / inside)


def test_only_a_session_is_resumed(tmp_path):
    with pytest.raises(UsageError, match=r"no session to resume here \(no session.db\)"):
        SessionFolder.resume(tmp_path)
    (tmp_path / "session.db").write_text("")
    assert SessionFolder.resume(tmp_path).plots.is_dir()


def test_the_configuration_of_a_session_loads_back(tmp_path):
    config = load_config("quickstart", ["schedule.seed=5"])
    folder = SessionFolder.create("trial", tmp_path)
    folder.write_config(config)
    assert load_config(folder.config) == config


def test_replacing_a_file_leaves_no_draft(tmp_path):
    file = tmp_path / "x.txt"
    replace_text(file, "one")
    replace_text(file, "zwei ü")
    assert file.read_text(encoding="utf-8") == "zwei ü"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]
