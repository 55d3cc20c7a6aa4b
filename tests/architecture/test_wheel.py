"""The wheel holds two packages and what they need, and works away from the checkout."""

import subprocess
import sys

import pytest
from source_files import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.build
def test_the_wheel_is_whole(tmp_path):
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path,
    ]
    subprocess.run([*build, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "check_wheel.py", wheel],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{wheel.name} is good\n"


def test_the_lock_holds_every_requirement_of_the_project():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = {}
    for line in (ROOT / "requirements.lock").read_text().split():
        name, _, version = line.partition("==")
        locked[canonicalize_name(name)] = version
    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in requirements.lock"
        assert requirement.specifier.contains(version), f"{requirement} but {version}"
