"""Who may import whom, and what starting the program must not load."""

import ast
import json
import subprocess
import sys

import pytest
from source_files import ROOT, modules

LOADED = """
import json, sys
from iml_robot.cli import main
code = main({arguments!r})
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
sys.exit(code)
"""


def test_the_import_contracts_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
    ]
    result = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["list", "configs"], ["--version"]]
)
def test_simple_commands_load_nothing_heavy(arguments):
    result = subprocess.run(
        [sys.executable, "-c", LOADED.format(arguments=arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(json.loads(result.stdout.splitlines()[-1]))
    heavy = {
        "torch",
        "pygame",
        "gymnasium",
        "mujoco",
        "scipy",
        "matplotlib",
        "numpy",
        "rich",
    }
    assert loaded & heavy == set()
    assert "typer" in loaded


def test_checking_a_configuration_loads_neither_torch_nor_pygame():
    code = """
import sys
from iml_robot.core.config import load_config
load_config("quickstart")
sys.exit(any(name in sys.modules for name in ("torch", "pygame")))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_robots_are_not_imported_by_name():
    named = [
        f"{name}:{node.lineno}"
        for name, _, tree in modules()
        if name.startswith("iml_robot/")
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and "iml_robot_envs" in ast.unparse(node)
    ]
    assert named == []
