"""Finds the configurations, policies, studies and suites that come with the program.

In a checkout they lie in `configs/`, `policies/`, `configs/studies/` and `configs/suites/`
beside the package, in an installed wheel in `iml_robot/shipped/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean

Kind: TypeAlias = Literal["configs", "policies", "studies", "suites"]

_FOLDERS: dict[Kind, str] = {
    "configs": "configs",
    "policies": "policies",
    "studies": "configs/studies",
    "suites": "configs/suites",
}
_SUFFIXES: dict[Kind, str] = {
    "configs": ".yaml",
    "policies": ".safetensors",
    "studies": ".yaml",
    "suites": ".yaml",
}
_WORDS: dict[Kind, str] = {
    "configs": "configuration",
    "policies": "policy",
    "studies": "study",
    "suites": "suite",
}


def shipped_folder(kind: Kind) -> Path:
    """Return the folder that holds the shipped files of one kind."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped" / _FOLDERS[kind]
    # A folder named "configs" beside an installed package may belong to anybody, so the
    # checkout is recognised by its project file.
    checkout = package.parent
    if not installed.is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / _FOLDERS[kind]
    return installed


def shipped_names(kind: Kind) -> list[str]:
    """Return the names of the shipped files of one kind, sorted."""
    return sorted(p.stem for p in shipped_folder(kind).glob(f"[!.]*{_SUFFIXES[kind]}"))


def find_config(name_or_path: str | Path) -> Path:
    """Return the file of a configuration, given by its path or its shipped name.

    Raises:
        UsageError: If there is neither such a file nor such a name.
    """
    return _find("configs", name_or_path)


def find_policy(name_or_path: str | Path) -> Path:
    """Return the file of a policy, given by its path or its shipped name.

    Raises:
        UsageError: If there is neither such a file nor such a name.
    """
    return _find("policies", name_or_path)


def find_study(name_or_path: str | Path) -> Path:
    """Return the file of a study, given by its path or its shipped name.

    Raises:
        UsageError: If there is neither such a file nor such a name.
    """
    return _find("studies", name_or_path)


def find_suite(name_or_path: str | Path) -> Path:
    """Return the file of a suite or configuration, given by its path or shipped name.

    Raises:
        UsageError: If there is neither such a file nor such a name.
    """
    if str(name_or_path) in shipped_names("configs"):
        return find_config(name_or_path)
    return _find("suites", name_or_path)


def _find(kind: Kind, name_or_path: str | Path) -> Path:
    text, word, suffix = str(name_or_path), _WORDS[kind], _SUFFIXES[kind]
    path = Path(text).expanduser()
    if len(path.parts) > 1 or path.suffix:
        if path.is_file():
            return path
        state = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(
            f"the {word} file {text!r} {state}; give a {suffix} file or a shipped name "
            f"(known: {', '.join(shipped_names(kind)) or 'none'})"
        )
    names = shipped_names(kind)
    if text in names:
        return shipped_folder(kind) / f"{text}{suffix}"
    raise UsageError(
        f"no shipped {word} is called {text!r}{did_you_mean(text, names)}; "
        f"a file is given with its ending, for example ./my{suffix}"
    )
