"""What every arbiter must do, whatever its rules are."""

import numpy as np
import pytest

from iml_robot.arbitration import ARBITERS
from iml_robot.core.types import Decision, Link, OperatorSignal, Request, Source

DT_S = 0.05
BAD_ACTIONS = [np.full(3, np.nan), np.full(3, np.inf), np.zeros(2), None]


@pytest.fixture(params=ARBITERS.names())
def arbiter(request):
    arbiter = ARBITERS.build(request.param, 3)
    arbiter.reset()
    return arbiter


def signals():
    action = np.asarray([1.0, -1.0, 0.5], dtype=np.float32)
    yield OperatorSignal()
    yield OperatorSignal(action=action, gripping=True)
    for request in Request:
        yield OperatorSignal(action=action, requests=frozenset({request}))
    for link in Link:
        yield OperatorSignal(action=action, moving=True, link=link)
    for bad in BAD_ACTIONS:
        yield OperatorSignal(action=bad, moving=True)


def test_every_decision_can_be_executed(arbiter):
    policies = [np.full(3, 0.3), np.full(3, 5.0), *BAD_ACTIONS]
    for signal in signals():
        for policy in policies:
            decision = arbiter.decide(policy, signal, elapsed_s=DT_S)
            assert isinstance(decision, Decision)
            assert decision.executed.shape == (3,)
            assert np.isfinite(decision.executed).all()
            assert np.abs(decision.executed).max() <= 1.0
            assert 0.0 <= decision.authority <= 1.0


def test_without_an_operator_the_policy_drives(arbiter):
    policy = np.asarray([0.1, 0.2, 0.3], dtype=np.float32)
    for _ in range(50):
        decision = arbiter.decide(policy, OperatorSignal(), elapsed_s=DT_S)
        assert decision.source is Source.POLICY
        np.testing.assert_array_equal(decision.executed, policy)


def test_a_stop_is_a_standstill_in_the_same_step(arbiter):
    stop = OperatorSignal(requests=frozenset({Request.EMERGENCY_STOP}))
    decision = arbiter.decide(np.ones(3), stop, elapsed_s=DT_S)
    assert decision.source is Source.SAFETY
    np.testing.assert_array_equal(decision.executed, np.zeros(3))


def test_decisions_do_not_share_memory_with_the_actions(arbiter):
    policy = np.full(3, 0.3, dtype=np.float32)
    executed = arbiter.decide(policy, OperatorSignal(), elapsed_s=DT_S).executed
    assert not np.shares_memory(executed, policy)
