"""What `iml-robot run` and its neighbours say to wrong input: one line, the right code."""

import pytest
from commands import call_here, run_command
from run_rig import POINT

from iml_robot.policies.ensemble.files import new_policy, save_policy
from iml_robot.policies.ensemble.network import Spaces


def refused(result, code, *words):
    assert result.returncode == code, (result.returncode, result.stderr)
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr
    return True


@pytest.fixture
def wrong_policy(tmp_path):
    path = tmp_path / "small.safetensors"
    save_policy(new_policy("mlp", Spaces(3, 1), 0), path)
    return path


def test_a_policy_of_another_shape_is_refused_with_both_sizes(wrong_policy, tmp_path):
    result = call_here(
        "run", *POINT, "--set", f"policy={wrong_policy}", "--out", tmp_path / "s"
    )
    assert refused(result, 4, "observations of size 3", "size 6")
    assert refused(call_here("evaluate", wrong_policy, "--suite", "point"), 4, "size 6")


def test_a_human_operator_without_a_display_is_told_what_to_do(tmp_path):
    result = run_command(
        "run", *POINT, "--operator", "human", "--out", tmp_path / "s",
        DISPLAY="", WAYLAND_DISPLAY="", SDL_VIDEODRIVER="x11",
    )  # fmt: skip
    assert refused(result, 5, "cannot open a window", "--operator simulated")


@pytest.mark.parametrize("network", ["nope", "rover_rocks"])
def test_pretraining_starts_from_networks_only(network, tmp_path):
    result = call_here(
        "pretrain", "forest", "--set", f"pretrain.network={network}",
        "--out", tmp_path / "p.safetensors",
    )  # fmt: skip
    assert refused(result, 2, f"no policy is called '{network}'", "directions", "mlp")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--set", "policy=nobody"), 2, ("nobody", "rover_rocks")),
        (("--set", "learner=hg_dager"), 2, ("did you mean 'hg_dagger'",)),
        (("--set", "learner.batch=3"), 2, ("batch",)),
        (("--set", "operator=simulate"), 2, ("did you mean 'simulated'",)),
        (("--set", "env.id=iml_robot_envs:iml/RoverRock-v0"), 2, ("RoverRock",)),
        (("--set", "env.options={level: 7}"), 2, ("level must be one of 0, 1, 2, 3, 4",)),
        (("--set", "schedule.episodes=-1"), 2, ("schedule.episodes",)),
        (("--set", "learner.operator_share=2"), 2, ("operator_share",)),
        (("--set", "env.options={noise: -1}"), 2, ("noise must be", "got -1")),
        (("--set", "operator.preset=great"), 2, ("ideal, poor, typical",)),
        (("--set", "operator.traits={patience: 1}"), 2, ("unknown trait 'patience'",)),
    ],
)
def test_wrong_settings_are_refused(arguments, code, words, tmp_path):
    assert refused(
        call_here("run", *POINT, *arguments, "--out", tmp_path / "s"), code, *words
    )


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    assert refused(call_here("run", *POINT, "--out", tmp_path), 2, "not empty", "--resume")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_resuming_where_no_session_is_says_so(tmp_path):
    assert refused(call_here("run", "--resume", tmp_path), 2, "no session to resume")


def test_results_that_could_not_be_written_are_refused_before_the_work(tmp_path):
    result = call_here("evaluate", "rover_rocks", "--json", tmp_path / "missing" / "x.json")
    assert refused(result, 2, "there is no folder", "missing")
    assert result.stdout == ""
    assert refused(call_here("bench", "sim", "--json", tmp_path), 2, "it is a folder")


def test_a_home_that_cannot_be_written_costs_neither_the_run_nor_a_warning(tmp_path):
    result = run_command(
        "run", *POINT, "--episodes", 0, "--set", "evaluation=[]", "--out", tmp_path / "s",
        HOME="/proc/none", DISPLAY="",
    )  # fmt: skip
    assert result.returncode == 0
    assert result.stderr == ""


def test_a_pickle_is_never_loaded(tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "evil.safetensors"
    path.write_bytes(f"cos\nsystem\n(S'touch {canary}'\ntR.".encode())
    result = call_here("evaluate", path, "--suite", "point")
    assert refused(result, 4, "not a policy of this program")
    assert not canary.exists()
