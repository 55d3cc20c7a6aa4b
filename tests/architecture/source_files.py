"""The source files of both packages, parsed."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (ROOT / "iml_robot", ROOT / "envs" / "iml_robot_envs")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def modules():
    """Return (path relative to the root, text, syntax tree) of every module."""
    found = []
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append((str(path.relative_to(ROOT)), text, ast.parse(text)))
    return found


def functions():
    """Yield (place, node, lines of the module) of every function."""
    for name, text, tree in modules():
        lines = text.splitlines()
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                yield f"{name}:{node.lineno} {node.name}", node, lines


def public(tree):
    """Yield every public class and function of a module, methods included."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)
