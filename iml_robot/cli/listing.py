"""What can be named in a configuration, each with a line that says what it is."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from pathlib import Path
from typing import Any

from iml_robot.core.registry import Registry
from iml_robot.core.resources import Kind, shipped_folder, shipped_names

# Where the registry of each kind of plugin lives.
PLUGINS = {
    "devices": "iml_robot.devices",
    "operators": "iml_robot.operators",
    "arbiters": "iml_robot.arbitration",
    "askers": "iml_robot.asking",
    "learners": "iml_robot.learners",
    "adaptations": "iml_robot.adaptation",
}
ENVIRONMENTS = "iml_robot_envs"


def listing(what: str) -> list[tuple[str, str]]:
    """Return (name, description) of everything of one kind, sorted by name.

    Args:
        what: "envs", "configs", "studies", "suites", "policies" or a kind of plugin.
    """
    if what == "envs":
        return _environments()
    if what == "configs":
        return [
            (name, _first_comment("configs", name)) for name in shipped_names("configs")
        ]
    if what == "studies":
        return [
            (name, _first_comment("studies", name)) for name in shipped_names("studies")
        ]
    if what == "suites":
        return [(name, _first_comment("suites", name)) for name in shipped_names("suites")]
    if what == "policies":
        return [(name, _size("policies", name)) for name in shipped_names("policies")]
    return _plugins(PLUGINS[what])


def registry_of(package: str) -> Registry[Any]:
    """Return the registry that a package of plugins keeps in its `__init__`."""
    module = importlib.import_module(package)
    return next(value for value in vars(module).values() if isinstance(value, Registry))


def _plugins(package: str) -> list[tuple[str, str]]:
    names = registry_of(package).names()
    return [(name, _module_title(f"{package}.{name}")) for name in names]


def _module_title(module: str) -> str:
    """Return the first line of a module's docstring, without running the module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    source = Path(spec.origin).read_text(encoding="utf-8")
    return _first_line(ast.get_docstring(ast.parse(source)))


def _environments() -> list[tuple[str, str]]:
    import gymnasium

    importlib.import_module(ENVIRONMENTS)
    found = sorted(s.id for s in gymnasium.registry.values() if s.namespace == "iml")
    return [(f"{ENVIRONMENTS}:{name}", _env_title(name)) for name in found]


def _env_title(name: str) -> str:
    import gymnasium

    entry = gymnasium.spec(name).entry_point
    if isinstance(entry, str):
        module, _, attribute = entry.partition(":")
        entry = getattr(importlib.import_module(module), attribute)
    return _first_line(inspect.getdoc(entry))


def _first_comment(kind: Kind, name: str) -> str:
    """Return the comment at the top of a configuration up to its first full stop."""
    path = shipped_folder(kind) / f"{name}.yaml"
    words: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# "))
    return " ".join(words).split(". ")[0].rstrip(".")


def _size(kind: Kind, name: str) -> str:
    files = shipped_folder(kind).glob(f"{name}.*")
    return f"{sum(file.stat().st_size for file in files) / 1024:.0f} KiB"


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", 1)[0].rstrip(".")
