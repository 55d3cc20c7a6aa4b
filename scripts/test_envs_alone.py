"""Test the robots' environments alone: newest Gymnasium, no PyTorch, no iml_robot.

Usage: python scripts/test_envs_alone.py [options of pytest]

Makes an environment of its own in .venv-envs (kept, so that the next time is quicker),
copies iml_robot_envs and its tests to an empty folder and runs them there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-envs"
NEEDS = ("mujoco-core", "numba", "numpy", "pygame", "scipy")
"""What iml_robot_envs is built on, beside Gymnasium; versions are those of the project."""
TOOLS = ("hypothesis", "pytest", "pytest-timeout", "pytest-xdist")
COPIED = ("envs/iml_robot_envs", "tests/envs", "tests/conftest.py", "pyproject.toml")
ELSEWHERE = ("test_certify.py", "test_compare_simulators.py")
"""Tests of scripts, which the package does not bring along."""
PROBE = """
import importlib.util, sys
import gymnasium, iml_robot_envs, mujoco, numpy
assert int(gymnasium.__version__.split(".")[0]) >= 1, gymnasium.__version__
present = [name for name in ("torch", "iml_robot") if importlib.util.find_spec(name)]
assert not present, f"{present} can be imported, so these tests would prove nothing"
print("gymnasium", gymnasium.__version__, "mujoco", mujoco.__version__,
      "numpy", numpy.__version__, flush=True)
"""


def main() -> int:
    """Run the tests; return pytest's exit status."""
    python = str(VENV / ("Scripts" if os.name == "nt" else "bin") / "python")
    if not Path(python).exists():
        venv.create(VENV, with_pip=True)
    packages = [*requirements(), *TOOLS]
    install = [python, "-m", "pip", "install", "--quiet", "--upgrade", *packages]
    subprocess.run(install, check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_package(folder)
        # Nothing of the checkout, nor of an installed iml_robot, is to be found.
        surroundings = {**os.environ, "PYTHONPATH": str(folder / "envs")}
        subprocess.run([python, "-c", PROBE], env=surroundings, cwd=folder, check=True)
        test = [python, "-m", "pytest", "-n", "2", "tests/envs", *sys.argv[1:]]
        return subprocess.run(test, env=surroundings, cwd=folder, check=False).returncode


def requirements() -> list[str]:
    """Return what has to be installed, Gymnasium in its newest version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    given = project["project"]["dependencies"]
    chosen = [line for line in given if line.startswith(NEEDS)]
    if len(chosen) != len(NEEDS):
        raise SystemExit(f"pyproject.toml must name {', '.join(NEEDS)}, found {chosen}")
    return ["gymnasium>=1,<2", *chosen]


def copy_package(folder: Path) -> None:
    """Copy the package, its tests and the settings of pytest."""
    for part in COPIED:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            skipped = shutil.ignore_patterns("__pycache__", *ELSEWHERE)
            shutil.copytree(source, target, ignore=skipped)
        else:
            shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main())
