"""The command line: help, version, lists, mistakes; each in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from commands import COMMAND, assert_refused, call_here, run_command

import iml_robot
from iml_robot.core.config import load_config

WRITTEN = [c for c in ("run", "pretrain") if find_spec(f"iml_robot.cli.{c}")]
VALID = 'env: {id: "iml_robot_envs:iml/Point-v0"}\nschedule: {episodes: 1}\n'


def test_help_opens_within_half_a_second():
    times_s = []
    for _ in range(5):
        start = time.perf_counter()
        result = run_command("--help")
        times_s.append(time.perf_counter() - start)
    assert result.returncode == 0
    # The best of five: what the program costs, not what else the machine does.
    assert min(times_s) < 0.5


def test_help_names_every_command():
    text = call_here("--help").stdout
    for command in ("run", "pretrain", "evaluate", "check", "list", "doctor", "bench"):
        assert re.search(rf"^  {command} ", text, re.MULTILINE)


def test_the_options_of_run_are_those_of_the_contract():
    text = call_here("run", "--help").stdout
    for option in ("--operator", "--episodes", "--seed", "--out", "--resume", "--set"):
        assert option in text


def test_the_version_is_shown():
    assert run_command("--version").stdout == f"iml-robot {iml_robot.__version__}\n"


def test_without_a_command_the_help_is_shown_and_the_call_is_wrong():
    result = run_command()
    assert "Commands:" in result.stdout
    assert result.returncode == 2


def test_output_is_plain_where_it_is_no_terminal():
    for arguments in (("--help",), ("run", "--help"), ("list", "configs"), ("doctor",)):
        assert "\x1b" not in call_here(*arguments).stdout


def test_shipped_configurations_are_listed_with_what_they_are():
    lines = call_here("list", "configs").stdout.splitlines()
    quickstart = next(line for line in lines if line.startswith("quickstart"))
    assert len(quickstart.split(maxsplit=1)[1]) > 20


@pytest.mark.parametrize(
    "kind", ["devices", "operators", "arbiters", "askers", "learners", "policies"]
)
def test_every_kind_can_be_listed(kind):
    result = call_here("list", kind)
    assert (result.returncode, result.stderr) == (0, "")


def test_environments_are_listed_by_the_names_that_configurations_use():
    names = [line.split()[0] for line in call_here("list", "envs").stdout.splitlines()]
    assert load_config("quickstart").env.id in names
    assert load_config("point").env.id in names


def test_the_doctor_looks_at_everything():
    result = run_command("doctor", SDL_VIDEODRIVER="dummy")
    found = dict(line.split()[1::-1] for line in result.stdout.splitlines())
    assert found["python"] == found["torch"] == found["disk"] == "ok"
    assert found["window"] == "warning"
    assert "no display, so no human operator" in result.stdout
    assert result.returncode == 0


def test_the_doctor_survives_a_display_that_does_not_exist():
    result = run_command("doctor", SDL_VIDEODRIVER="x11", DISPLAY=":987")
    assert re.search(
        r"^warning  window +.*only headless commands work$", result.stdout, re.M
    )
    assert result.returncode == 0


def test_a_checked_configuration_is_shown_whole(tmp_path):
    result = call_here("check", "point", "--set", "schedule.seed=5", "--set", "name=trial")
    assert result.returncode == 0, result.stderr
    file = tmp_path / "shown.yaml"
    file.write_text(result.stdout)
    assert load_config(file) == load_config("point", ["schedule.seed=5", "name=trial"])


@pytest.mark.parametrize("command", ["check", *WRITTEN])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (VALID + "shedule: {}\n", ":3:1: top level: unknown key 'shedule'; did you mean"),
        (VALID + "env: {id: x}\n", ":3:1: env: the key is given twice (first in line 1)"),
        (VALID.replace("1}", "one}"), ":2:12: schedule.episodes: must be a whole number"),
        (
            VALID + "operator: !!python/name:os.system x\n",
            "the tag !!python/name:os.system",
        ),
        ("- 1\n", ":1:1: the top of the file must be a mapping"),
        ("", ":1:1: the file is empty"),
    ],
    ids=["unknown key", "duplicate key", "wrong type", "python tag", "list", "empty"],
)
def test_mistakes_in_a_configuration(tmp_path, command, text, message):
    file = tmp_path / "trial.yaml"
    file.write_text(text)
    result = call_here(command, file, cwd=tmp_path)
    assert_refused(result, code=2, message=message)
    assert [p.name for p in tmp_path.iterdir()] == ["trial.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "none.yaml"), "the configuration file 'none.yaml' does not exist"),
        (("check", "quikstart"), "'quikstart'; did you mean 'quickstart'?"),
        (
            ("check", "point", "--set", "seed"),
            "--set seed: must have the form key.path=value",
        ),
        (("check", "point", "--set", "learner.name=x"), "no learner is called 'x'"),
        (
            ("check", "point", "--set", "policy=x.safetensors"),
            "'x.safetensors' does not exist",
        ),
        (("check", "point", "--set", "arbiter.colour=1"), "has no option 'colour'"),
        (
            ("check", "point", "--set", "operator.preset=typicel"),
            "operator: unknown preset 'typicel'; did you mean 'typical'?",
        ),
        (
            ("check", "point", "--set", "operator.traits={miss: 0.2}"),
            "operator: unknown trait 'miss'",
        ),
        (
            ("check", "point", "--set", "operator.traits={miss_probability: 20}"),
            "operator: miss_probability is a chance up to 1, got 20",
        ),
        (
            ("check", "point", "--set", "operator.traits=ideal"),
            "operator: traits are given by name",
        ),
        (("run",), "give the name or file of a configuration"),
        (("run", "point", "--out", "a", "--resume", "b"), "give either --out"),
        (("run", "--resume", "none"), "none: there is no session to resume here"),
        (("run", "point", "--episodes", "-1"), "'--episodes'"),
        (("run", "point", "--colour", "red"), "no such option: --colour"),
        (("rn", "point"), "no such command 'rn'"),
        (("list", "robots"), "'robots' is not one of 'envs'"),
        (("list",), "missing argument"),
        (("bench", "point"), "'point' is not one of 'sim', 'loop', 'learner'"),
        (("check", "point", "point"), "extra argument"),
    ],
)
def test_mistakes_in_the_call(tmp_path, arguments, message):
    assert_refused(call_here(*arguments, cwd=tmp_path), code=2, message=message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif("run" not in WRITTEN, reason="the command has no body yet")
def test_a_folder_that_holds_something_is_not_used(tmp_path):
    (tmp_path / "thesis.tex").write_text("dear")
    result = call_here("run", "point", "--out", tmp_path)
    assert_refused(
        result, code=2, message="the folder is not empty (it holds 'thesis.tex')"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_debug_shows_where_a_mistake_was_found(tmp_path):
    for arguments in (("--debug", "check", "nothing"), ("check", "nothing", "--debug")):
        result = call_here(*arguments)
        assert "Traceback (most recent call last)" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("error: no shipped configuration")
        assert result.returncode == 2


def test_output_that_nobody_reads_is_no_error():
    process = subprocess.Popen(
        [COMMAND, "list", "configs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""


FAULTY = """
import sys
from iml_robot.cli import app, entry
from iml_robot.core.errors import ArtifactError, InfrastructureError
def check(config: str) -> int:
    {body}
commands = app.app.registered_commands
commands[:] = [c for c in commands if c.callback.__name__ != "check"]
app.app.command()(check)
sys.exit(entry.main())
"""


def run_body(body, *arguments):
    """Run the program with another body for one command."""
    return subprocess.run(
        [sys.executable, "-c", FAULTY.format(body=body), "check", "x", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("raise ArtifactError('a\\nb')", 4, "error: a b"),
        ("raise InfrastructureError('no disk')", 5, "error: no disk"),
        (
            "return 1 // 0",
            1,
            "error: unexpected ZeroDivisionError: integer division or modulo by zero "
            "(this is a fault of the program; --debug shows where)",
        ),
        ("raise KeyboardInterrupt", 130, "interrupted"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 130, "interrupted"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 130, "interrupted"),
    ],
)
def test_every_way_to_fail_is_one_line_and_its_exit_code(body, code, line):
    result = run_body(body)
    assert (result.stderr, result.returncode) == (f"{line}\n", code)


def test_a_command_chooses_its_exit_code():
    assert run_body("return 3").returncode == 3
    assert run_body("return 0").returncode == 0


def test_debug_shows_the_traceback_of_a_fault():
    assert (
        "ZeroDivisionError" in run_body("return 1 // 0", "--debug").stderr.splitlines()[-2]
    )


def test_an_interrupt_from_the_keyboard_ends_a_command_at_once():
    body = "import time; print('begun', flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", FAULTY.format(body=body), "check", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "begun\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=5) == 130
        assert process.stderr.read() == "interrupted\n"


@pytest.mark.parametrize("what", ["sim"])
def test_figures_of_a_bench_are_written_as_json(tmp_path, what):
    code = f"""
import sys, types
module = types.ModuleType("iml_robot.cli.benchmarks")
module.bench_sim = lambda: {{"steps_per_s": 1234.5}}
sys.modules["iml_robot.cli.benchmarks"] = module
from iml_robot.cli import main
sys.exit(main(["bench", {what!r}, "--json", {str(tmp_path / "f.json")!r}]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert result.stdout == "steps_per_s  1234.5\n"
    assert json.loads((tmp_path / "f.json").read_text()) == {"steps_per_s": 1234.5}
