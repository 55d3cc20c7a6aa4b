"""What is checked before a drive: rules of the checks, of the tests, and of the policy."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from iml_robot.arbitration.rules.hands import RESET_HOLD_S
from iml_robot.core.resources import find_policy
from iml_robot.core.types import Request
from iml_robot.devices.input.reading import DeviceReading
from iml_robot.station.preflight.checks import Check, Checked, State, Waivers
from iml_robot.station.preflight.latency import LATEST_S, SOONEST_S, TRIALS, Trials
from iml_robot.station.preflight.naming import DELETE, DONE, LONGEST, ROWS, Name
from iml_robot.station.preflight.policy_facts import facts_of
from iml_robot.station.preflight.stop_test import StopTest

CHECKS = [
    Check("a", "A", State.PASSED, "fine"),
    Check("b", "B", State.OPEN, "not tested"),
    Check("c", "C", State.FAILED, "little"),
    Check("d", "D", State.FAILED, "none", waivable=False),
    Check("e", "E", State.OPTIONAL, "not measured"),
]


def test_only_what_is_open_or_failed_keeps_from_starting():
    assert [c.key for c in Waivers().missing(CHECKS)] == ["b", "c", "d"]


def test_waiving_goes_there_and_back_and_is_recorded():
    waivers = Waivers()
    for check in CHECKS:
        waivers.turn(check)
    assert [c.key for c in waivers.missing(CHECKS)] == ["d"]
    checked = waivers.result(CHECKS, alias="Ada", latency_ms=231.0, policy_sha256="f0")
    assert checked == Checked(("a",), ("b", "c"), "Ada", 231.0, "f0")
    assert json.loads(json.dumps(checked.detail())) == {
        "passed": ["a"],
        "waived": ["b", "c"],
        "alias": "Ada",
        "latency_ms": 231.0,
        "policy_sha256": "f0",
    }
    waivers.turn(CHECKS[1])
    assert [c.key for c in waivers.missing(CHECKS)] == ["b", "d"]


def test_what_passes_after_it_was_waived_counts_as_passed():
    waivers = Waivers()
    waivers.turn(CHECKS[1])
    passed = Check("b", "B", State.PASSED, "works")
    result = waivers.result([passed], alias="", latency_ms=None, policy_sha256="")
    assert (result.passed, result.waived) == (("b",), ())


def reading(*requests, moving=False):
    return DeviceReading("keys", requests=frozenset(requests), moving=moving)


def test_a_stop_and_a_reset_that_is_held_pass_the_test():
    test = StopTest()
    test.look([reading(Request.EMERGENCY_STOP)], 0.0)
    assert test.stopped
    test.look([reading(Request.RESET)], 1.0)
    test.look([reading(Request.RESET)], 1.0 + RESET_HOLD_S - 0.05)
    assert not test.done
    test.look([reading(), reading(Request.RESET)], 1.0 + RESET_HOLD_S)
    assert test.done


def test_a_reset_without_a_stop_or_let_go_between_does_not_count():
    test = StopTest()
    for time_s in (0.0, 1.0, 2.0):
        test.look([reading(Request.RESET)], time_s)
    assert not test.done
    test.look([reading(Request.EMERGENCY_STOP)], 3.0)
    test.look([reading(Request.RESET)], 3.1)
    test.look([reading()], 3.6)
    test.look([reading(Request.RESET)], 3.7)
    test.look([reading(Request.RESET)], 4.2)
    assert not test.done


def test_a_reset_with_a_deflected_stick_is_refused_with_the_reason():
    test = StopTest()
    test.look([reading(Request.EMERGENCY_STOP)], 0.0)
    for time_s in (1.0, 2.0, 3.0):
        test.look([reading(Request.RESET, moving=True)], time_s)
    assert not test.done
    assert "Let go" in test.say


def press_after(trials, rng_times, delay_s, now_s):
    """Press some time after the square has turned; return the time then."""
    while not trials.turned(now_s):
        trials.look(now_s, pressed=False)
        now_s += 0.025
    trials.look(now_s + delay_s, pressed=True)
    return now_s + delay_s


def test_the_latency_is_the_median_of_five_times():
    trials, now_s = Trials(np.random.default_rng(1), 0.0), 0.0
    for delay_s in (0.2, 0.9, 0.25, 0.3, 0.21):
        assert not trials.done
        now_s = press_after(trials, None, delay_s, now_s)
    assert trials.done
    # Up to one picture is added by the sampling of the turn.
    assert 250 <= trials.median_ms <= 276


def test_the_square_turns_at_times_that_nobody_can_know():
    turns = []
    for seed in range(40):
        trials, now_s = Trials(np.random.default_rng(seed), 0.0), 0.0
        while not trials.turned(now_s):
            now_s += 0.01
        turns.append(now_s)
    assert min(turns) >= SOONEST_S
    assert max(turns) <= LATEST_S + 0.01
    assert np.std(turns) > 0.3


def test_presses_before_the_turn_do_not_count():
    trials = Trials(np.random.default_rng(1), 0.0)
    for _ in range(3 * TRIALS):
        trials.look(0.1, pressed=True)
    assert trials.times_ms == []
    assert trials.say.startswith("Too early")
    assert not trials.done


def test_the_test_ends_where_nobody_is():
    trials, now_s = Trials(np.random.default_rng(1), 0.0), 0.0
    while not trials.done and now_s < 60:
        now_s += 0.1
        trials.look(now_s, pressed=False)
    assert now_s < 20
    assert trials.median_ms is None


def test_names_are_picked_letter_by_letter():
    name = Name()
    name.move(2, 0)
    assert name.cell == "C"
    name.move(0, -1)
    assert name.cell == DONE
    assert name.take(DONE)
    for cell in "ADA!":
        assert not name.take(cell)
    name.take(DELETE)
    assert name.text == "ADA"
    for _ in range(2 * LONGEST):
        name.take("x")
    assert len(name.text) == LONGEST
    assert Name("x" * 99).text == "x" * LONGEST


def test_every_letter_can_be_reached_with_four_directions():
    name, seen = Name(), set()
    for _ in ROWS:
        for _ in range(15):
            seen.add(name.cell)
            name.move(1, 0)
        name.move(0, 1)
    assert seen == {cell for row in ROWS for cell in row}


@pytest.fixture
def policy(tmp_path):
    return shutil.copy(find_policy("rover_rocks"), tmp_path / "mine.safetensors")


def evaluation(sha256, created, successes, **changes):
    return {
        "schema": "iml_robot.eval/1",
        "policy": {"sha256": sha256},
        "created_utc": created,
        "evaluations": [{"name": "familiar", "successes": successes, "driven": 100}],
        **changes,
    }


def test_a_policy_is_known_by_its_hash_and_what_made_it(policy):
    facts = facts_of(policy)
    assert facts.sha256 == hashlib.sha256(policy.read_bytes()).hexdigest()
    assert "demonstrations 90" in facts.lineage
    assert (facts.evaluation, facts.trouble) == ("", "")


def test_the_newest_report_about_just_this_file_counts(policy):
    sha256 = facts_of(policy).sha256
    folder = policy.parent
    reports = {
        "old": evaluation(sha256, "2026-01-01T00:00:00Z", 60),
        "new": evaluation(sha256, "2026-02-01T00:00:00Z", 81),
        "other": evaluation("0" * 64, "2026-03-01T00:00:00Z", 99),
        "foreign": evaluation(sha256, "2026-04-01T00:00:00Z", 98, schema="else/1"),
        "parts": {"schema": "iml_robot.eval/1"},
        "list": [1, 2],
    }
    for name, report in reports.items():
        (folder / f"{name}.json").write_text(json.dumps(report))
    (folder / "broken.json").write_text("{")
    assert facts_of(policy).evaluation == "familiar 81/100"


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 64, b"\x02" + b"\0" * 7 + b"[]"]
)
def test_a_file_that_is_no_policy_tells_nothing_and_breaks_nothing(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    assert facts_of(path).lineage == ""


def test_a_missing_policy_is_trouble(tmp_path):
    assert "choose another policy" in facts_of(tmp_path / "gone.safetensors").trouble
