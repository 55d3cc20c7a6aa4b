"""Everything public says what it does, and of which types."""

import ast

from source_files import FUNCTIONS, modules, public


def test_every_module_and_everything_public_has_a_docstring():
    bare = [name for name, _, tree in modules() if not ast.get_docstring(tree)]
    for name, _, tree in modules():
        found = (node for node in public(tree) if not is_overload(node))
        bare += [f"{name}:{n.lineno} {n.name}" for n in found if not ast.get_docstring(n)]
    assert bare == []


def test_everything_public_is_annotated():
    bare = []
    for name, _, tree in modules():
        for node in public(tree):
            if isinstance(node, FUNCTIONS) and not annotated(node):
                bare.append(f"{name}:{node.lineno} {node.name}")
    assert bare == []


def test_docstrings_end_their_first_line_with_a_full_stop():
    endless = []
    for name, _, tree in modules():
        for node in (tree, *public(tree)):
            text = (ast.get_docstring(node) or ".").split("\n\n")[0]
            if not text.rstrip().endswith((".", "!", "?", ":")):
                endless.append(f"{name}: {text.splitlines()[0]}")
    assert endless == []


def test_no_comment_leaves_work_behind():
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3, "HACK")
    left = [
        f"{name}:{number}"
        for name, text, _ in modules()
        for number, line in enumerate(text.splitlines(), 1)
        if "#" in line and any(mark in line.split("#", 1)[1] for mark in marks)
    ]
    assert left == []


def annotated(function):
    """Return whether every parameter and the result have a type."""
    given = function.args
    inputs = given.posonlyargs + given.args + given.kwonlyargs
    named = [a for a in inputs if a.arg not in ("self", "cls")]
    return function.returns is not None and all(a.annotation is not None for a in named)


def is_overload(node):
    """Return whether a function is one of several signatures, documented at the last."""
    names = {getattr(d, "id", getattr(d, "attr", "")) for d in node.decorator_list}
    return bool(names & {"overload", "setter"})
