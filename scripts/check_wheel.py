"""Install a wheel into an empty environment and make sure that it is whole.

Usage: python scripts/check_wheel.py dist/NAME.whl

The environment sees the libraries of the one that runs the script, but neither the
checkout nor its editable install.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

PROBE = """
import importlib.util, pathlib, sys
assert importlib.util.find_spec("envs") is None, "the wheel brings a module named envs"
import iml_robot, iml_robot_envs
for module in (iml_robot, iml_robot_envs):
    path = pathlib.Path(module.__file__)
    assert path.is_relative_to(sys.prefix), f"{path} is not the installed one"
    assert (path.parent / "py.typed").is_file(), f"{path.parent} has no py.typed"
from iml_robot_envs.certification import certificates
assert certificates("RoverRocks"), "the wheel brings no certificates of test maps"
"""


def main() -> int:
    """Check the wheel; return 0 if it is good."""
    wheel = Path(sys.argv[1]).resolve()
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    packages = {top for top in tops if not top.endswith(".dist-info")}
    assert packages == {"iml_robot", "iml_robot_envs"}, f"unexpected content: {packages}"
    with tempfile.TemporaryDirectory() as folder:
        bin_folder = install(wheel, Path(folder) / "venv")
        run([bin_folder / "python", "-c", PROBE], cwd=folder)
        names = run([bin_folder / "iml-robot", "list", "configs"], cwd=folder)
        assert "quickstart" in names.split(), f"no quickstart among: {names}"
        run([bin_folder / "iml-robot", "check", "quickstart"], cwd=folder)
    print(f"{wheel.name} is good")
    return 0


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel alone; return the folder of its commands."""
    venv.create(folder, with_pip=False)
    libraries = sysconfig.get_path("purelib")
    target = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    pip = ["-m", "pip", "--python", str(folder / "bin" / "python")]
    options = ["--quiet", "--no-deps", "--no-index"]
    run([sys.executable, *pip, "install", *options, wheel], cwd=folder)
    # A path file would run the hook of the editable install; a plain path does not.
    (target / "libraries.pth").write_text(f"{libraries}\n")
    return folder / "bin"


def run(command: list[str | Path], *, cwd: str | Path) -> str:
    """Run a command away from the checkout; return what it wrote."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        sys.exit(f"{result.stdout}{result.stderr}error: {command[0]} failed")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
