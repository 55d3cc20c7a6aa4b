"""Configurations: what is accepted, what is refused, and with which words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.core.config import PartConfig, RunConfig, dump, load_config
from iml_robot.core.errors import ConfigError, UsageError
from iml_robot.core.resources import shipped_names

VALID = """\
env: {id: "iml_robot_envs:iml/Point-v0", options: {level: 2}}
operator: simulated
learner: {name: hg_dagger, rate: 1e-3}
schedule: {episodes: 3, seed: 7}
evaluation:
  - {name: unfamiliar, maps: 5}
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="trial.yaml"):
        file = tmp_path / name
        file.write_text(text)
        return file

    return write_file


def refusal(file, overrides=()):
    with pytest.raises(ConfigError) as caught:
        load_config(file, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{file.parent}/", "")


@pytest.mark.parametrize("name", shipped_names("configs"))
def test_every_shipped_configuration_loads_and_dumps_to_itself(name, write):
    config = load_config(name)
    assert load_config(write(dump(config))) == config


def test_the_quickstart_is_shipped():
    assert "quickstart" in shipped_names("configs")


def test_values_and_defaults(write):
    config = load_config(write(VALID))
    assert config.name == "trial"
    assert config.env.options == {"level": 2}
    assert config.policy is None
    assert (config.operator.name, config.operator.options) == ("simulated", {})
    assert config.learner.options == {"rate": 0.001}
    assert config.arbiter.name == "takeover"
    assert (config.schedule.episodes, config.schedule.seed) == (3, 7)
    assert [e.maps for e in config.evaluation] == [5]
    assert config.pretrain is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "schedule: {episodes: 3",
            "schedule: {episods: 3",
            "trial.yaml:4:12: schedule: unknown key 'episods'; did you mean 'episodes'? "
            "(known: episodes, seed)",
        ),
        (
            "schedule:",
            "shedule:",
            "trial.yaml:4:1: top level: unknown key 'shedule'; did you mean 'schedule'?",
        ),
        (
            "episodes: 3",
            "episodes: '3'",
            "trial.yaml:4:12: schedule.episodes: must be a whole number, got the text '3'",
        ),
        (
            "episodes: 3",
            "episodes: true",
            "trial.yaml:4:12: schedule.episodes: must be a whole number, got true",
        ),
        (
            "episodes: 3",
            "episodes: -3",
            "trial.yaml:4:12: schedule.episodes: must be at least 0, got -3",
        ),
        (
            "maps: 5",
            "maps: 5.5",
            "trial.yaml:6:24: evaluation.0.maps: must be a whole number, got 5.5",
        ),
        (
            "operator: simulated",
            "operator: {lag_s: 0.1}",
            "trial.yaml:2:1: operator: the key 'name' is missing; add it",
        ),
        ("env:", "#", "trial.yaml:2:1: top level: the key 'env' is missing; add it"),
        (
            "operator: simulated",
            "operator: [simulated]",
            "trial.yaml:2:1: operator: must be a mapping of 'key: value' lines, got a list",
        ),
        (
            "rate: 1e-3",
            "options: {rate: 1}",
            "trial.yaml:3:1: learner: options stand beside the name",
        ),
        (
            "maps: 5}",
            "maps: 5}\n  - {name: unfamiliar}",
            "trial.yaml:5:1: evaluation: the name 'unfamiliar' is given twice",
        ),
        (
            "schedule:",
            "trainer: {name: fast}\nschedule:",
            "trial.yaml:4:11: trainer.name: should be 'auto', 'blocking' or 'background', "
            "got the text 'fast'",
        ),
        (
            "schedule:",
            "trainer: {name: background, wait_s: -1}\nschedule:",
            "trial.yaml:4:29: trainer.wait_s: must be at least 0.0, got -1",
        ),
        (
            "env:",
            "name: ../up\nenv:",
            "trial.yaml:1:1: name: must be usable as the name of",
        ),
    ],
)
def test_mistakes_in_the_file(write, old, new, message):
    assert VALID.count(old) == 1
    assert refusal(write(VALID.replace(old, new))).startswith(message)


def test_several_mistakes_are_counted_and_the_first_is_shown(write):
    message = refusal(write(VALID.replace("seed: 7", "seed: x, sed: 1").replace("5", "0")))
    assert message.startswith("trial.yaml:4:25: schedule.seed: must be a whole number")
    assert message.endswith("(and 2 more mistakes)")


@pytest.mark.parametrize(
    ("override", "read", "value"),
    [
        ("schedule.episodes=9", lambda c: c.schedule.episodes, 9),
        ("evaluation.0.maps=2", lambda c: c.evaluation[0].maps, 2),
        ("operator.lag_s=1e-1", lambda c: c.operator.options["lag_s"], 0.1),
        ("operator=human", lambda c: c.operator, PartConfig(name="human")),
        ("learner={name: x, y: [1]}", lambda c: c.learner.options, {"y": [1]}),
        ("env.options.split=val", lambda c: c.env.options, {"level": 2, "split": "val"}),
        ("pretrain.updates=10", lambda c: c.pretrain.updates, 10),
        ("policy='1'", lambda c: c.policy, "1"),
        ("arbiter.hold_time_s=0", lambda c: c.arbiter.name, "takeover"),
    ],
)
def test_settings_win_over_the_file(write, override, read, value):
    file = write(VALID + "arbiter: takeover\n")
    assert read(load_config(file, [override])) == value


def test_the_last_of_two_settings_wins(write):
    config = load_config(write(VALID), ["schedule.seed=1", "schedule.seed=2"])
    assert config.schedule.seed == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("schedule.seed=x", "--set schedule.seed=x: schedule.seed: must be a whole number"),
        (
            "schedul.seed=1",
            "--set schedul.seed=1: top level: unknown key 'schedul'; did you",
        ),
        (
            "schedule.sed=1",
            "--set schedule.sed=1: schedule: unknown key 'sed'; did you mean",
        ),
        ("evaluation.4.maps=1", "--set evaluation.4.maps=1: evaluation is a list of 1;"),
        (
            "env.id.x=1",
            "--set env.id.x=1: env.id is the text 'iml_robot_envs:iml/Point-v0'",
        ),
        ("seed", "--set seed: must have the form key.path=value"),
        (".=1", "--set .=1: must have the form key.path=value"),
        ("policy=[", "--set policy=[: expected the node content"),
    ],
)
def test_mistakes_in_settings_name_the_option(write, override, message):
    assert refusal(write(VALID), [override]).startswith(message)


def test_a_trainer_may_be_a_bare_name(write):
    assert load_config(write(VALID)).trainer.name == "auto"
    trainer = load_config(write(VALID), ["trainer=background"]).trainer
    assert (trainer.name, trainer.wait_s) == ("background", 0.5)
    both = ["trainer=blocking", "trainer.wait_s=2.0"]
    assert load_config(write(VALID), both).trainer.wait_s == 2.0


def test_another_operator_drops_the_options_of_the_first(write):
    config = load_config(write(VALID), ["operator.lag_s=0.1"])
    assert config.with_operator("human").operator == PartConfig(name="human")
    assert config.with_operator("simulated") == config


def test_unknown_shipped_names_are_refused_with_a_suggestion():
    with pytest.raises(UsageError, match=r"'quikstart'; did you mean 'quickstart'\?"):
        load_config("quikstart")


def test_missing_files_are_refused(tmp_path):
    with pytest.raises(
        UsageError, match=re.escape(f"{tmp_path}/none.yaml' does not exist")
    ):
        load_config(tmp_path / "none.yaml")


def test_infinite_options_are_refused_from_python_too():
    with pytest.raises(ValueError, match="finite number"):
        PartConfig.model_validate({"name": "x", "rate": float("nan")})


# What YAML gives a meaning to, and characters that it must escape.
NASTY = "aé0:#-'\"\n\t\r {}[]&*!|>%@`,?~\\\x85\u2028\ufeff\U0001f642"
OPTIONS = st.dictionaries(
    st.text("abc_", min_size=1, max_size=5).filter(lambda k: k not in ("options",)),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(NASTY, max_size=10),
        st.lists(st.integers(0, 9), max_size=3),
    ),
    max_size=4,
)


@given(OPTIONS, OPTIONS, st.integers(0, 2**40))
def test_any_configuration_survives_dump_and_load(tmp_path_factory, options, more, seed):
    config = RunConfig.model_validate(
        {
            "env": {"id": "a:b", "options": options},
            "learner": {**more, "name": "x"},
            "schedule": {"seed": seed},
        }
    )
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(dump(config), encoding="utf-8")
    assert load_config(file) == config


@pytest.mark.parametrize("section", ["env", "pretrain"])
def test_nobody_learns_from_maps_that_policies_are_judged_on(section):
    with pytest.raises(ConfigError, match=r"split 'test' is kept for judging.*practice"):
        load_config("quickstart", [f"{section}.options.split=test"])


def test_easy_ground_is_none_that_policies_are_judged_on():
    with pytest.raises(ConfigError, match=r"split 'test' is kept for judging"):
        load_config("quickstart", ["pretrain.easiest={level: 0, split: test}"])
