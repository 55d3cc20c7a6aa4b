"""When an ask begins and ends."""

import numpy as np
import pytest

from iml_robot.asking.turns.gate import Gate
from iml_robot.core.types import Decision, Mode, OperatorSignal, Request, Source, Step

DT = 0.05
ZERO = np.zeros(2, np.float32)


def step(mode, *requests):
    decision = Decision(ZERO, Source.POLICY, 0.0, mode)
    return Step(ZERO, ZERO, OperatorSignal(requests=frozenset(requests)), decision, 0.0)


def gate(**options):
    return Gate(DT, **{"asks_per_min": 100, **options})


def run(one, wishes):
    return [one.advance(wish, not wish) for wish in wishes]


def test_three_of_the_last_five_steps_make_an_ask():
    assert run(gate(), [True, False, True, False, True])[-1]
    assert not any(run(gate(), [True, False, False, True, False, False] * 20))
    assert run(gate(), [True, True, True]) == [False, False, True]


def test_an_ask_ends_after_half_a_second_without_a_reason():
    asked = run(gate(), [True] * 3 + [False] * 12)
    assert asked.index(True) == 2
    # Ten calm steps are half a second; the tenth ends it.
    assert asked[2:12] == [True] * 10
    assert not any(asked[12:])


def test_steps_that_are_neither_a_reason_nor_calm_keep_an_ask():
    one = gate()
    run(one, [True] * 3)
    assert all(one.advance(False, False) for _ in range(100))


def test_after_a_refusal_nothing_is_asked_for_five_seconds():
    one = gate()
    run(one, [True] * 3)
    one.hear(step(Mode.AUTO, Request.GIVE_BACK))
    asked = run(one, [True] * 110)
    assert asked.index(True) == 100


@pytest.mark.parametrize("mode", [Mode.HUMAN, Mode.RELEASING])
def test_who_comes_ends_the_ask(mode):
    one = gate()
    run(one, [True] * 3)
    one.hear(step(mode))
    assert not one.advance(True, False)


def test_a_slow_drive_that_was_asked_for_is_no_refusal():
    one = gate()
    run(one, [True] * 3)
    one.hear(step(Mode.ASKING))
    assert one.advance(True, False)


def test_no_more_than_the_budget_is_asked_in_any_minute():
    one = gate(asks_per_min=3)
    asked = np.array(run(one, ([True] * 5 + [False] * 15) * 200))
    starts = np.flatnonzero(asked & ~np.r_[False, asked[:-1]])
    minute = round(60 / DT)
    assert len(starts) >= 6
    assert max(((starts >= s) & (starts < s + minute)).sum() for s in starts) == 3


def test_a_new_episode_does_not_renew_the_budget():
    one = gate(asks_per_min=1)
    run(one, [True] * 3)
    one.reset()
    assert not any(run(one, [True] * 100))


def test_a_gate_that_reads_the_record_goes_on_like_one_that_was_there():
    wishes = ([True] * 5 + [False] * 20) * 60
    there = gate(asks_per_min=4)
    asked = [np.array(run(there, part)) for part in (wishes[:700], wishes[:333])]
    reader = gate(asks_per_min=4)
    reader.remember(asked)
    there.reset()
    assert run(reader, wishes) == run(there, wishes)
    assert sum(np.diff(np.r_[0, asked[0]]) == 1) == 4


@pytest.mark.parametrize("number", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_refused(number):
    with pytest.raises(ValueError, match="asks_per_min must be above 0"):
        Gate(DT, asks_per_min=number)
