"""How a configuration speaks of numbered actions."""

import pytest
from pydantic import ValidationError

from iml_robot.core.config import EnvConfig, dump, load_config

TEXT = """\
env:
  id: MountainCar-v0
  actions: {LEFT: 0, RIGHT: 2, turn: 0}
  neutral: 1
  names: [push left, nothing, push right]
"""


@pytest.fixture
def file(tmp_path):
    written = tmp_path / "car.yaml"
    written.write_text(TEXT)
    return written


def test_the_neutral_action_goes_into_the_id_that_everybody_makes(file):
    env = load_config(file).env
    assert env.id == "MountainCar-v0?neutral=1"
    assert env.actions == {"LEFT": 0, "RIGHT": 2, "turn": 0}
    assert env.names == ("push left", "nothing", "push right")


def test_such_a_configuration_is_written_and_read_again_unchanged(file, tmp_path):
    config = load_config(file)
    again = tmp_path / "again.yaml"
    again.write_text(dump(config))
    assert load_config(again) == config


def test_a_setting_of_the_command_line_replaces_the_neutral_action_of_the_id(file):
    assert load_config(file, ["env.neutral=2"]).env.id == "MountainCar-v0?neutral=2"
    kept = EnvConfig(id="MountainCar-v0?neutral=1", neutral=0)
    assert kept.id == "MountainCar-v0?neutral=0"


def test_an_id_without_neutral_action_stays_as_it_is():
    assert EnvConfig(id="CartPole-v1").id == "CartPole-v1"


@pytest.mark.parametrize(
    "wrong", [{"neutral": -1}, {"neutral": True}, {"actions": {"A": -1}}]
)
def test_what_is_no_number_of_an_action_is_refused(wrong):
    with pytest.raises(ValidationError):
        EnvConfig(id="CartPole-v1", **wrong)
