"""Gates are parsed by hand, judged from both sides, and never make up for each other."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from iml_robot.core.errors import ArtifactError, ConfigError
from iml_robot.evaluation.drivers import FileSource, find_source
from iml_robot.evaluation.gates import GateList, load_gates, parse_rule
from iml_robot.evaluation.measuring import Measurement
from iml_robot.evaluation.meter import MapRecord
from iml_robot.evaluation.reports.junit import junit
from iml_robot.evaluation.reports.markdown import MAX_BYTES, markdown
from iml_robot.evaluation.reports.plain import Findings, plain
from iml_robot.evaluation.suites import Suite, load_suite
from iml_robot.evaluation.verdict import Pairs, judge, overall

POINT = "iml_robot_envs:iml/Point-v0"


def record(index, outcome, total=1.0):
    return MapRecord(index, outcome, 10, total, 0.5, 1.0, 1.0, 1.0, 0.1, 0, None, {}, "00")


def measured(successes, maps, name="a", policy="p"):
    entry = {"name": name, "task": POINT, "options": {"split": "test"}, "maps": maps}
    suite = Suite.model_validate({"entries": [entry]})
    rows = [record(i, "success" if i < successes else "collision") for i in range(maps)]
    source = FileSource(policy, Path("p.safetensors"), "00")
    return Measurement(suite, source, records={name: rows}, wall_s=1.0)


def gates(*rows, **options):
    return GateList.model_validate({"gates": list(rows), **options})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("== 0", ("value", "==", 0.0)),
        ("ci_low_exact >= 0.70", ("ci_low_exact", ">=", 0.7)),
        ("  iqm<-1.5e-3 ", ("iqm", "<", -0.0015)),
        ("ci_high <= .5", ("ci_high", "<=", 0.5)),
        ("value > +2.", ("value", ">", 2.0)),
    ],
)
def test_rules_are_read(text, parts):
    rule = parse_rule(text)
    assert (rule.statistic, rule.comparison, rule.threshold) == parts


@pytest.mark.parametrize(
    "text",
    [
        "", "0.7", ">= ", "=> 1", "!= 0", ">= 0.7 or 1", "__import__('os') >= 0", ">= nan",
        "mean >= 1", "ci_low <= 0.5", "ci_high >= 0.5", "ci_low == 1", ">= 1; < 2",
        ">= 1_0",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(ValueError, match=r"rule|statistic|for sure"):
        parse_rule(text)


@pytest.mark.parametrize(
    ("successes", "status"),
    # Exact 95 % intervals of 100 maps: 80 gives [0.708, 0.873], 60 gives [0.497, 0.697].
    [(80, "pass"), (79, "inconclusive"), (61, "inconclusive"), (60, "fail")],
)
def test_a_gate_on_an_interval_has_three_answers(successes, status):
    wanted = gates({"id": "g", "metric": "success", "rule": "ci_low_exact >= 0.7"})
    found = judge(wanted, measured(successes, 100))
    assert (found[0].status, overall(found)) == (status, status)


def test_more_gates_make_failing_harder_unless_nobody_wants_that():
    rows = [
        {"id": "g", "metric": "success", "rule": "ci_low_exact >= 0.7"},
        {"id": "h", "metric": "collision_rate", "rule": "ci_high_exact <= 0.99"},
    ]
    assert judge(gates(*rows), measured(60, 100))[0].status == "inconclusive"
    assert judge(gates(*rows, holm=False), measured(60, 100))[0].status == "fail"


def test_nothing_makes_up_for_harm():
    rows = [
        {"id": "s", "metric": "success", "rule": "> 0.5"},
        {"id": "m", "metric": "mishap_rate", "rule": "<= 0.05"},
    ]
    found = judge(gates(*rows), measured(90, 100))
    assert [j.status for j in found] == ["pass", "fail"]
    assert overall(found) == "fail"


def test_advice_changes_no_verdict():
    rows = [
        {"id": "s", "metric": "success", "rule": "> 0.5"},
        {"id": "m", "metric": "mishap_rate", "rule": "== 0", "on": "advisory"},
    ]
    assert overall(judge(gates(*rows), measured(90, 100))) == "pass"


def test_what_was_never_measured_is_open():
    rows = [{"id": "n", "metric": "near_share", "rule": "<= 0.1"}]
    assert overall(judge(gates(*rows), measured(9, 9))) == "inconclusive"


def test_the_first_pairs_alone_count_where_a_gate_says_so():
    row = {"id": "s", "metric": "success", "test": "paired_eprocess"}
    values = np.concatenate([np.zeros(150), -np.ones(150)])
    first = judge(gates({**row, "max_pairs": 150}), measured(1, 1), {"s": Pairs(values)})
    assert first[0].status == "pass"
    assert first[0].observed == 0.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{id: a, metric: success}", "needs either 'rule' or"),
        ("{id: a, metric: success, rule: == 1, test: paired_eprocess}", "needs either"),
        ("{id: a, metric: return, rule: ci_low_exact >= 1}", "only shares"),
        ("{id: a, metric: geofence_breaches, rule: ci_high <= 1}", "leave that out"),
        ("{id: a, metric: success, rule: == 1, margin: 0.1}", "'margin' belongs"),
        ("{id: a, metric: success, rule: == 1, entry: far}", "no entry 'far'"),
        ("{id: a, metric: success, rule: == 1, on: advisory}", "must be required"),
        ("{id: a, metric: success, rulle: == 1}", "unknown key 'rulle'"),
    ],
)
def test_mistakes_in_gates_are_told_with_their_place(row, words, tmp_path):
    path = tmp_path / "gates.yaml"
    path.write_text(f"alpha: 0.05\ngates:\n  - {row}\n")
    with pytest.raises(ConfigError, match=r"gates.yaml:\d+:\d+: .*" + words):
        load_gates(path, load_suite("point-smoke"))


def test_reports_survive_hostile_names_and_stay_small():
    measurement = measured(0, 3, name="a|<b>`", policy="p\x00]]>|<script>")
    row = {"id": '\x07<&"|', "metric": "success", "rule": "> 0.5"}
    report = plain(
        Findings(measurement, "fail", 1, judgements=judge(gates(row), measurement))
    )
    assert ET.fromstring(junit(report).split("\n", 1)[1]) is not None
    page = markdown(report)
    assert page.count("`") % 2 == 0
    assert "<script>" not in re.sub(r"`[^`]*`", "", page)
    report["reasons"] = ["x" * 2_000_000]
    assert len(markdown(report).encode()) <= MAX_BYTES + 100


def test_an_agent_of_stable_baselines_drives_as_it_predicts(tmp_path):
    gym = pytest.importorskip("gymnasium")
    sb3 = pytest.importorskip("stable_baselines3")
    env = gym.make(POINT)
    model = sb3.PPO("MlpPolicy", env, n_steps=8, batch_size=8, seed=0, device="cpu")
    path = tmp_path / "agent.zip"
    model.save(path)
    with pytest.raises(ArtifactError, match="--trust-pickle"):
        find_source(str(path))
    policy = find_source(str(path), trust_pickle=True).load(POINT)
    seen = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    wanted, _ = model.predict(seen, deterministic=True)
    assert policy.act_batch(seen) == pytest.approx(wanted, abs=1e-6)
    with pytest.raises(ArtifactError, match="made for"):
        find_source(str(path), trust_pickle=True).load("iml_robot_envs:iml/RoverRocks-v0")
