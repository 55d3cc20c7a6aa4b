"""Size limits: a module, a function and a call that fit into a head."""

import ast

from source_files import FUNCTIONS, functions, modules

MODULE_LINES = 400
FUNCTION_LINES = 40
PARAMETERS = 8
NESTING = 4

SCOPES = (*FUNCTIONS, ast.ClassDef)
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try)


def code_lines(function, lines):
    """Count body lines that are neither blank nor comment nor docstring."""
    skipped = set()
    for node in ast.walk(function):
        if isinstance(node, SCOPES) and ast.get_docstring(node) is not None:
            skipped.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    body = range(function.body[0].lineno, function.end_lineno + 1)
    texts = [lines[i - 1].strip() for i in body if i not in skipped]
    return sum(bool(text) and not text.startswith("#") for text in texts)


def nesting(node):
    """Return the depth of blocks in blocks, without inner functions; elif adds none."""
    inner = [c for c in ast.iter_child_nodes(node) if not isinstance(c, SCOPES)]
    chained = node.orelse if isinstance(node, ast.If) and len(node.orelse) == 1 else []
    flat = [c for c in chained if isinstance(c, ast.If)]
    return max(
        (nesting(c) + (isinstance(c, BLOCKS) and c not in flat) for c in inner), default=0
    )


def test_modules_have_at_most_400_lines():
    counts = {name: len(text.splitlines()) for name, text, _ in modules()}
    assert {n: c for n, c in counts.items() if c > MODULE_LINES} == {}


def test_functions_have_at_most_40_lines_of_code():
    counts = {place: code_lines(node, lines) for place, node, lines in functions()}
    assert {p: c for p, c in counts.items() if c > FUNCTION_LINES} == {}


def test_functions_have_at_most_8_parameters():
    counts = {}
    for place, node, _ in functions():
        names = [
            a.arg for a in node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        ]
        counts[place] = len([n for n in names if n not in ("self", "cls")])
    assert {p: c for p, c in counts.items() if c > PARAMETERS} == {}


def test_blocks_are_nested_at_most_4_deep():
    depths = {place: nesting(node) for place, node, _ in functions()}
    assert {p: d for p, d in depths.items() if d > NESTING} == {}


def test_no_module_has_a_name_that_says_nothing():
    banned = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    names = {name: name.rsplit("/", 1)[-1].removesuffix(".py") for name, _, _ in modules()}
    assert [name for name, stem in names.items() if stem in banned] == []


def test_the_limits_find_what_breaks_them():
    body = "\n".join(f"    x = {i}" for i in range(41))
    text = f'def f():\n    """Say."""\n\n    # why\n{body}\n'
    assert code_lines(ast.parse(text).body[0], text.splitlines()) == 41
    blocks = ("for a in b:", "if a:", "while a:", "with a:", "if a: pass")
    deep = "".join(f"{' ' * (i + 1)}{line}\n" for i, line in enumerate(blocks))
    deep = f"def f():\n{deep}"
    assert nesting(ast.parse(deep).body[0]) == 5
    chain = "def f():\n if a: pass\n elif b: pass\n elif c: pass\n"
    assert nesting(ast.parse(chain).body[0]) == 1
