"""Settings of the command line are for the operator that the command line names."""

import pytest

from iml_robot.cli.check import check_parts
from iml_robot.cli.run import run_settings
from iml_robot.core.errors import UsageError


def settings(operator, *overrides):
    return run_settings("quickstart", operator, None, None, overrides).operator


def test_options_of_another_operator_are_kept_though_the_file_names_one():
    file = settings(None)
    assert file.name == "simulated"
    person = settings("human", "operator.record=drive.jsonl")
    assert (person.name, person.options) == ("human", {"record": "drive.jsonl"})
    assert settings("human").options == {}
    assert settings("simulated", "operator.name=human") == settings("simulated")


def test_options_that_this_operator_does_not_have_are_refused():
    config = run_settings("quickstart", "human", None, None, ["operator.preset=ideal"])
    with pytest.raises(UsageError, match="preset"):
        check_parts(config)
