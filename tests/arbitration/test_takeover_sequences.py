"""Whatever happens in whatever order: what must never be wrong.

IML_ROBOT_SEQUENCES says how many random sequences are tried. Each begins an own arbiter
and has 10 to 60 steps; what is random is what the operator does, for how long, what the
policy wants, how long the step took, and when episodes end.
"""

import os
from dataclasses import replace

import numpy as np
import pytest
from driving import DT_S, HUMAN, NAN, POLICY, REST

from iml_robot.arbitration.takeover import ASK_SPEED, Takeover
from iml_robot.core.types import Link, Mode, OperatorSignal, Request, Source

pytestmark = pytest.mark.slow

SEQUENCES = int(os.environ.get("IML_ROBOT_SEQUENCES", "3000"))
SEEDS = 10

OPERATOR_ACTIONS = [None, REST, HUMAN, HUMAN, -HUMAN, 7 * HUMAN, NAN, np.zeros(3)]
POLICY_ACTIONS = [POLICY] * 12 + [NAN, np.full(2, 9.0), np.full(2, -1e300), np.zeros(3)]
POLICY_ACTIONS += [np.array([0.1, np.inf]), None, "left"]
TIMES_S = [DT_S] * 6 + [0.0, 0.2, 0.4, 0.5, 0.7, 3.0, -1.0, np.nan, np.inf]
LINKS = [Link.OK] * 8 + list(Link)[1:]
SENSIBLE = [(), (Request.RESET,), (Request.GIVE_BACK,), (Request.TAKE_CONTROL,)]
STANDSTILL = (Mode.ESTOP, Mode.DISARMED, Mode.PAUSED)
ONCE = frozenset(Request) - {Request.RESET}


def some_signal(rng):
    """Return what an operator may say, sense or nonsense."""
    if rng.random() < 0.3:
        # Somebody who knows what to do, or no holds and stops would ever be left.
        request = SENSIBLE[rng.integers(len(SENSIBLE))]
        return OperatorSignal(action=REST, requests=frozenset(request))
    count = rng.choice([0, 0, 1, 1, 2])
    return OperatorSignal(
        action=OPERATOR_ACTIONS[rng.integers(len(OPERATOR_ACTIONS))],
        moving=bool(rng.random() < 0.35),
        gripping=bool(rng.random() < 0.25),
        requests=frozenset(
            list(Request)[i] for i in rng.choice(len(Request), count, replace=False)
        ),
        link=LINKS[rng.integers(len(LINKS))],
        evaluation=1.0 if rng.random() < 0.1 else None,
    )


class Watch:
    """Checks every decision by rules that know nothing of how the arbiter decides."""

    def __init__(self):
        self.must_not_drive = False
        self.stopped = False

    def check(self, before, signal, policy, decision):
        self._can_be_executed(decision)
        self._fits(signal, policy, decision)
        self._follows_a_stop(before, signal, decision)
        self._follows_a_loss(before, signal, decision)

    def _can_be_executed(self, decision):
        assert decision.executed.shape == (2,)
        assert decision.executed.dtype == np.float32
        assert np.isfinite(decision.executed).all()
        assert np.abs(decision.executed).max() <= 1.0
        assert 0.0 <= decision.authority <= 1.0
        assert decision.countdown_s is None or decision.countdown_s >= 0.0

    def _fits(self, signal, policy, decision):
        source, mode = decision.source, decision.mode
        if mode in (Mode.HOLD, Mode.ESTOP, Mode.DISARMED, Mode.PAUSED):
            assert source is Source.SAFETY
        if source is Source.SAFETY and mode is Mode.ASKING:
            assert np.abs(decision.executed).max() <= ASK_SPEED
        elif source is Source.SAFETY:
            assert not decision.executed.any()
        elif source is Source.POLICY:
            assert mode is Mode.AUTO
            np.testing.assert_array_equal(decision.executed, np.clip(policy, -1, 1))
        elif source is Source.OPERATOR:
            assert mode is Mode.HUMAN
            assert signal.link is Link.OK
            assert np.isfinite(signal.action).all()
        else:
            assert mode is Mode.RELEASING

    def _follows_a_stop(self, before, signal, decision):
        if Request.EMERGENCY_STOP in signal.requests:
            assert decision.mode is Mode.ESTOP
            self.stopped = True
        if before is Mode.ESTOP and decision.mode is not Mode.ESTOP:
            assert decision.mode is Mode.DISARMED
            assert Request.RESET in signal.requests
            assert not signal.moving
            assert not signal.gripping
            assert signal.link is Link.OK
        if before is Mode.DISARMED and decision.mode not in STANDSTILL:
            wanted = {Request.GIVE_BACK, Request.TAKE_CONTROL} & signal.requests
            assert wanted or signal.gripping
            assert not signal.moving
            assert signal.link is Link.OK
            self.stopped = False
        if self.stopped:
            assert decision.source is Source.SAFETY
            assert decision.mode in STANDSTILL

    def _follows_a_loss(self, before, signal, decision):
        if before in (Mode.HUMAN, Mode.RELEASING) and signal.link is not Link.OK:
            self.must_not_drive = True
        elif signal.link is Link.OK and (
            signal.engaged or {Request.GIVE_BACK, Request.TAKE_CONTROL} & signal.requests
        ):
            self.must_not_drive = False
        if before is Mode.HOLD and decision.mode in (Mode.AUTO, Mode.ASKING):
            assert Request.GIVE_BACK in signal.requests
            assert signal.link is Link.OK
        if before is Mode.PAUSED and decision.mode not in (Mode.PAUSED, Mode.ESTOP):
            assert Request.PAUSE in signal.requests
        if self.must_not_drive:
            assert decision.source is Source.SAFETY
            assert decision.mode is not Mode.ASKING


def drive_randomly(rng, steps):
    """Drive one random sequence under watch; return the modes that it came through."""
    arbiter, watch, modes = Takeover(2, presence_s=2.0), Watch(), set()
    left, ended, asking = 0, None, False
    for _ in range(steps):
        if left == 0:
            signal, left = some_signal(rng), int(rng.choice([1, 2, 5, 12]))
            elapsed_s = TIMES_S[rng.integers(len(TIMES_S))]
            asking = bool(rng.random() < 0.2)
        if ended or rng.random() < 0.02:
            arbiter.reset()
        policy = POLICY_ACTIONS[rng.integers(len(POLICY_ACTIONS))]
        before = arbiter.mode
        decision = arbiter.decide(
            policy,
            signal,
            elapsed_s=elapsed_s,
            asking=asking,
            policy_late=bool(rng.random() < 0.1),
        )
        watch.check(before, signal, policy, decision)
        modes.add(decision.mode)
        ended, left = decision.end_episode, left - 1
        # A press is sent once, everything that is held again and again.
        signal = replace(signal, requests=signal.requests - ONCE)
    return modes


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_sequence_of_events_lets_anything_go_wrong(seed):
    rng, modes = np.random.default_rng([20261123, seed]), set()
    for _ in range(SEQUENCES // SEEDS):
        modes |= drive_randomly(rng, int(rng.integers(10, 61)))
    assert modes == set(Mode)


def test_the_same_events_always_give_the_same_decisions():
    def decisions(seed):
        rng, arbiter = np.random.default_rng(seed), Takeover(2)
        for _ in range(200):
            yield arbiter.decide(
                POLICY, some_signal(rng), elapsed_s=float(rng.choice(TIMES_S))
            )

    for a, b in zip(decisions(5), decisions(5), strict=True):
        assert (a.mode, a.source, a.reason) == (b.mode, b.source, b.reason)
        np.testing.assert_array_equal(a.executed, b.executed)
