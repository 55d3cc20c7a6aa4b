"""What docs/evaluation.md shows can be used as it stands."""

import re
from pathlib import Path

import pytest
import yaml

from iml_robot.evaluation.gates import USUAL_COMPARISON, load_gates
from iml_robot.evaluation.metrics import METRICS
from iml_robot.evaluation.suites import load_suite

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "evaluation.md").read_text()
BLOCKS = re.findall(r"^```yml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "block.yaml"
        path.write_text(text)
        return path

    return write


def test_the_suite_on_the_page_is_one(written):
    block = next(b for b in BLOCKS if b.startswith("entries:"))
    assert load_suite(written(block)).maps == 100


def test_the_gates_on_the_page_are_gates(written):
    blocks = [b for b in BLOCKS if "gates:" in b and "jobs:" not in b]
    assert len(blocks) == 2
    suite = load_suite("rover-gate")
    found = [load_gates(written(block), suite) for block in blocks]
    usual = [(g.metric, g.test, g.margin, g.rule) for g in USUAL_COMPARISON.gates]
    assert [(g.metric, g.test, g.margin, g.rule) for g in found[1].gates] == usual


def test_every_metric_is_on_the_page():
    assert [name for name in METRICS if f"`{name}`" not in PAGE] == []


def test_the_workflow_is_yaml_and_fails_with_the_command():
    steps = yaml.safe_load(BLOCKS[-1])["jobs"]["gate"]["steps"]
    command = next(s for s in steps if "iml-robot" in s.get("run", ""))
    assert "continue-on-error" not in command
    assert "|" not in command["run"]
