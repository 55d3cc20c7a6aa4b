"""A study is read strictly, and its methods are put over its tasks."""

import pytest

from iml_robot.cli.check import check_parts
from iml_robot.core.errors import ConfigError, UsageError
from iml_robot.core.resources import find_study, shipped_names
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.study.config import dump_study, load_study
from iml_robot.study.plan import plan_rows

STUDY = """\
tasks: [point]
methods:
  plain: {}
  few: {learner: {updates: 7}}
  other: {learner: imitation_dagger}
operators:
  typical: {preset: typical}
  poor: {preset: poor}
seeds: [3, 4]
maps: 30
"""


def written(folder, text, name="mine"):
    """Write a study and return its path."""
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def plans_of(folder, text, *overrides):
    """Return the rows of a study by name."""
    rows = plan_rows(*load_study(written(folder, text), overrides))
    return {row.name: row for row in rows}


def test_there_is_a_row_for_every_task_method_operator_and_seed(tmp_path):
    rows = plans_of(tmp_path, STUDY)
    assert len(rows) == 1 * 3 * 2 * 2
    assert "point-few-poor-4" in rows


def test_a_method_changes_options_of_the_same_plugin_and_replaces_another(tmp_path):
    rows = plans_of(tmp_path, STUDY)
    # The task says: learner: {name: hg_dagger, updates: 300}.
    assert rows["point-plain-typical-3"].config.learner.options == {"updates": 300}
    assert rows["point-few-typical-3"].config.learner.options == {"updates": 7}
    other = rows["point-other-typical-3"].config.learner
    assert (other.name, other.options) == ("imitation_dagger", {})


def test_seeds_operators_and_maps_of_the_study_win_over_the_task(tmp_path):
    row = plans_of(tmp_path, STUDY)["point-plain-poor-4"]
    assert row.config.schedule.seed == 4
    assert row.config.operator.options == {"preset": "poor"}
    assert row.headline.maps == 30
    assert row.familiar is None


def test_a_method_may_change_the_operator_of_its_rows(tmp_path):
    change = "methods.few.operator={traits: {miss_probability: 0.5}}"
    row = plans_of(tmp_path, STUDY, change)["point-few-poor-3"]
    traits = {"miss_probability": 0.5}
    assert row.config.operator.options == {"preset": "poor", "traits": traits}


def test_all_methods_are_measured_on_the_same_maps(tmp_path):
    rows = plans_of(tmp_path, STUDY).values()
    assert len({(row.headline.maps, str(row.headline.options)) for row in rows}) == 1


def test_rows_with_different_settings_have_different_digests(tmp_path):
    digests = {row.digest() for row in plans_of(tmp_path, STUDY).values()}
    longer = {row.digest() for row in plans_of(tmp_path, STUDY, "budget_s=200").values()}
    assert len(digests) == 12
    assert digests & longer == set()


def test_a_stored_study_is_the_same_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path, find_point(), "task")
    first, _ = load_study(written(tmp_path, STUDY.replace("[point]", "[task.yaml]")))
    text = dump_study(first)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    rows = plan_rows(*load_study(written(tmp_path, text, "stored")))
    assert {row.task for row in rows} == {"task"}


def find_point():
    """Return a task as text."""
    return (find_study("smoke").parents[1] / "point.yaml").read_text()


@pytest.mark.parametrize("name", shipped_names("studies"))
def test_shipped_studies_can_be_planned_and_their_learners_built(name):
    configs = {str(row.config.learner): row.config for row in plan_rows(*load_study(name))}
    assert configs
    for config in configs.values():
        check_parts(config)
        part = config.learner
        LEARNERS.build(part.name, Spaces(6, 2), None, 0, options=part.options)


def test_an_unknown_study_is_refused_with_what_is_known():
    with pytest.raises(UsageError, match=r"no shipped study is called 'smokes'.*'smoke'"):
        load_study("smokes")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("maps: 30", "map: 30", r"mine.yaml:10:1: .*'map'; did you mean 'maps'"),
        ("tasks: [point]", "tasks: []", r"mine.yaml:1:1: tasks: must not be empty"),
        ("tasks: [point]", "tasks: [pont]", r"no shipped configuration is called 'pont'"),
        ("seeds: [3, 4]", "seeds: [3, 3]", r"mine.yaml:9:1: seeds: 3 is given twice"),
        ("seeds: [3, 4]", "seeds: [-1]", r"seeds: a seed must be at least 0, got -1"),
        ("seeds: [3, 4]", "seeds: ['3']", r"seeds.0: must be a whole number"),
        ("maps: 30", "budget_s: 0", r"budget_s: must be more than 0.0, got 0"),
        ("maps: 30", "budget_s: long", r"budget_s: must be a number, got the text 'long'"),
        ("plain: {}", "plain:", r"mine.yaml:3:3: methods.plain: must be a mapping"),
        ("plain: {}", "a-b: {}", r"letters, digits and underscores, got 'a-b'"),
        ("plain: {}", "plain: {env: {id: x}}", r"methods.plain.env: the same for all"),
        ("plain: {}", "plain: {lerner: x}", r"mine.yaml:3:11: .*did you mean 'learner'"),
        ("updates: 7", "name: 7", r"mine.yaml:4:\d+: learner.name: must be text, got 7"),
        ("preset: poor", "name: human", r"operators.poor: 'human' needs a person"),
    ],
)  # fmt: skip
def test_a_wrong_study_is_refused_with_one_clear_line(old, new, message, tmp_path):
    assert old in STUDY
    with pytest.raises((ConfigError, UsageError), match=message) as refusal:
        plans_of(tmp_path, STUDY.replace(old, new))
    assert "\n" not in str(refusal.value)


def test_two_tasks_with_one_name_are_refused(tmp_path):
    written(tmp_path, f"name: point\n{find_point()}", "task")
    tasks = f"tasks: [point, {tmp_path}/task.yaml]"
    with pytest.raises(ConfigError, match="two tasks have the same name"):
        plans_of(tmp_path, STUDY.replace("tasks: [point]", tasks))
