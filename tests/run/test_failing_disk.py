"""What a run does when its folder goes away under it: drive on, say so, end with code 5."""

import json
import shutil
import subprocess
import time

import pytest
from commands import COMMAND, call_here
from run_rig import episodes_of, same_steps

EPISODES = 15
RUN = ("run", "point", "--episodes", str(EPISODES), "--set", "evaluation=[]")
RUN += ("--set", "learner.updates=20", "--operator", "simulated")


def run_disturbed(folder, disturb):
    """Run, disturb after the first episode, return code, output and errors."""
    command = [COMMAND, *RUN, "--out", folder]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        head = []
        while "episode 1/" not in "".join(head):
            head.append(process.stdout.readline())
            assert head[-1], process.stderr.read()
        disturb()
        output, errors = process.communicate(timeout=90)
    return process.returncode, "".join(head) + output, errors


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "session"


def test_a_session_whose_folder_is_removed_is_driven_to_its_end(folder):
    code, output, errors = run_disturbed(folder, lambda: shutil.rmtree(folder))
    assert code == 5
    assert f"episode {EPISODES}/{EPISODES}" in output
    assert "Not everything was recorded" in output
    assert "not recording" in errors
    assert errors.splitlines()[-1].startswith("error: ")
    assert "unexpected" not in errors
    assert "Traceback" not in errors


def test_policies_that_cannot_be_written_are_learned_again_at_resume(folder, tmp_path):
    # Folders in the places of their drafts keep policies from being written, also for root.
    drafts = [folder / "policies" / f".{n:04d}.safetensors.draft" for n in range(3, 50)]
    code, _, errors = run_disturbed(folder, lambda: [d.mkdir() for d in drafts])
    assert code == 5, errors
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["episodes"] == EPISODES
    assert any("could not be written" in note for note in summary["notes"])
    for draft in drafts:
        draft.rmdir()
    resumed = call_here("run", "--resume", folder)
    assert resumed.returncode == 0, resumed.stderr
    whole = tmp_path / "whole"
    assert call_here(*RUN, "--out", whole).returncode == 0
    assert same_steps(episodes_of(folder), episodes_of(whole))
    last = sorted((whole / "policies").iterdir())[-1]
    assert last.read_bytes() == (folder / "policies" / last.name).read_bytes()


def test_a_start_that_fails_leaves_an_empty_folder_for_the_next_try(folder):
    failed = call_here("run", "point", "--set", "policy=rover_rocks", "--out", folder)
    assert failed.returncode == 4
    assert list(folder.iterdir()) == []
    again = call_here("run", "point", "--episodes", "0", "--set", "evaluation=[]",
                        "--out", folder)  # fmt: skip
    assert again.returncode == 0, again.stderr


def test_resuming_takes_no_second_configuration(folder):
    result = call_here("run", "quickstart", "--resume", folder)
    assert result.returncode == 2
    assert "leave 'quickstart' out" in result.stderr


def test_a_finished_session_goes_on_with_more_episodes_and_says_what_is_done(folder):
    first = call_here(*RUN, "--out", folder, "--episodes", "1", DISPLAY="")
    assert first.returncode == 0, first.stderr
    begun_s = time.time()
    again = call_here("run", "--resume", folder)
    assert "1 of 1 episodes are done" in again.stdout
    assert (folder / "summary.json").stat().st_mtime >= begun_s - 1
    more = call_here("run", "--resume", folder, "--episodes", "2")
    assert "episode 2/2" in more.stdout
    assert len(episodes_of(folder)) == 2
