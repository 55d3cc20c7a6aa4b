"""What the documents say is true: their blocks run, their links lead somewhere."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iml_robot.cli import main
from iml_robot.cli.check import check_parts
from iml_robot.core.config import load_config

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROGRAM = Path(sys.executable).parent / "iml-robot"

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"# (\S+\.(?:py|yaml))\n")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"^(?:PYTHONPATH=\. )?iml-robot (.+?)(?:\s+#.*)?$", re.MULTILINE)
MAKE = re.compile(r"^make (.+?)(?:\s+#.*)?$", re.MULTILINE)


def prose(text):
    """Return a page without its blocks."""
    return BLOCK.sub("", text)


def sections():
    """Yield (page and heading, blocks) of every section with Python or YAML in it."""
    for page in PAGES:
        for part in re.split(r"^(?=## )", page.read_text(), flags=re.MULTILINE):
            blocks = BLOCK.findall(part)
            if {"python", "yaml"} & {language for language, _ in blocks}:
                yield f"{page.name}: {part.splitlines()[0].strip('# ')}", blocks


def commands():
    """Return every command line with iml-robot, blocks and tables alike."""
    found = set()
    for page in PAGES:
        text = page.read_text()
        for language, block in BLOCK.findall(text):
            found |= set(COMMAND.findall(block)) if language == "sh" else set()
        found |= set(re.findall(r"`iml-robot ([a-z][^`]*)`", prose(text)))
    return sorted(found)


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A folder in which modules are found, and forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    known, on_terminate = set(sys.modules), signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, on_terminate)
    for name in set(sys.modules) - known:
        origin = getattr(sys.modules[name], "__file__", None) or ""
        if origin.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize(
    "blocks", [pytest.param(blocks, id=name) for name, blocks in sections()]
)
def test_the_blocks_of_a_section_run(blocks, workshop):
    names = {}
    for language, text in blocks:
        named = FILE_NAME.match(text)
        if named:
            (workshop / named[1]).write_text(text)
        if language == "yaml":
            assert named, f"a configuration starts with its file name: {text}"
            check_parts(load_config(f"./{named[1]}"))
        elif language == "python" and named:
            __import__(named[1].removesuffix(".py"))
        elif language == "python":
            exec(compile(text, "block", "exec"), names)
        elif language == "sh":
            for line in text.splitlines():
                run(line)


def run(line):
    """Run a line of a shell block: checks as it stands, the slow runs in this process."""
    if " iml-robot run " in line:
        assert main(line.split()[2:]) == 0
        return
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        line, shell=True, env={**os.environ, "PATH": path}, timeout=60,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    missing = []
    for link in LINK.findall(prose(page.read_text())):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert missing == []


def anchors(page):
    """Return the anchors that GitHub gives the headings of a page."""
    titles = HEADING.findall(prose(page.read_text()))
    return [re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page):
    folders = ("iml_robot", "envs", "configs", "tests", "scripts", "docs", "policies")
    named = re.findall(rf"`((?:{'|'.join(folders)})/[\w./]*)`", prose(page.read_text()))
    wanted = [name for name in named if not re.search(r"/x\.py$", name)]
    assert [name for name in wanted if not (ROOT / name).exists()] == []


def test_every_picture_is_on_a_page():
    linked = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in LINK.findall(page.read_text())
    }
    assert set((ROOT / "docs" / "images").iterdir()) <= linked


@pytest.mark.parametrize("command", commands())
def test_commands_and_their_options_are_in_the_help(command, capsys):
    name, *arguments = command.split()
    if name.startswith("-"):
        name, arguments = "", [name, *arguments]
    assert main([*filter(None, [name]), "--help"]) == 0
    helped = capsys.readouterr().out
    options = {word.strip("[]").partition("=")[0] for word in arguments}
    missing = [o for o in options if o.startswith("-") and f" {o} " not in helped]
    assert missing == []


def test_every_command_is_in_the_readme(capsys):
    main(["--help"])
    listed = capsys.readouterr().out.partition("Commands:")[2]
    names = re.findall(r"^  (\w+)  ", listed, re.MULTILINE)
    text = (ROOT / "README.md").read_text()
    assert names
    assert [name for name in names if f"`iml-robot {name}" not in text] == []


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named = set()
    for page in PAGES:
        text = page.read_text()
        for language, block in BLOCK.findall(text):
            named |= set(MAKE.findall(block)) if language == "sh" else set()
        named |= set(re.findall(r"`make (\w+)`", prose(text)))
    assert {"run", "test"} <= named
    assert named <= targets


def test_make_help_says_what_every_target_does():
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    # These tests may run under make, which tells its children so.
    outside = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    helped = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT, env=outside, check=True, capture_output=True, text=True,
    )  # fmt: skip
    lines = [line.split(maxsplit=2) for line in helped.stdout.splitlines()]
    assert [name for _, name, _ in lines] == targets[1].split()
    assert all(len(about.split()) > 2 for *_, about in lines)


@pytest.mark.parametrize("device", ["keyboard", "gamepad"])
def test_the_readme_shows_the_controls_that_the_program_has(device):
    from iml_robot.devices import DEVICES
    from iml_robot.devices.input.pump import EventPump

    text = (ROOT / "README.md").read_text()
    bindings = DEVICES.build(device, EventPump()).bindings()
    rows = [f"| {label} | {meaning} |" for label, meaning in bindings]
    assert [row for row in rows if row not in text] == []
