"""Whatever happens in whatever order: what must never be wrong."""

import numpy as np
from driving import DT_S, HUMAN, NAN, POLICY, REST
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Link, Mode, OperatorSignal, Request, Source

ACTIONS = st.sampled_from([None, REST, HUMAN, -HUMAN, NAN, np.zeros(3, np.float32)])

SIGNALS = st.builds(
    OperatorSignal,
    action=ACTIONS,
    moving=st.booleans(),
    gripping=st.booleans(),
    requests=st.frozensets(st.sampled_from(Request), max_size=2),
    link=st.sampled_from([Link.OK, Link.OK, Link.OK, *Link]),
)

STEPS = st.lists(
    st.tuples(
        SIGNALS,
        st.sampled_from([POLICY, POLICY, POLICY, NAN, np.full(2, 9.0)]),
        st.sampled_from([DT_S, DT_S, 0.3, 0.7]),
        st.integers(1, 30),
    ),
    max_size=12,
)

ASKING = {Request.GIVE_BACK, Request.TAKE_CONTROL, Request.PAUSE}


def run(steps):
    """Yield mode before, signal, policy action and decision of every step."""
    arbiter = Takeover(2)
    for signal, policy, elapsed_s, count in steps:
        for repeat in range(count):
            # A press is sent once, everything that is held again and again.
            held = signal.requests if repeat == 0 else signal.requests & {Request.RESET}
            now = OperatorSignal(
                action=signal.action,
                moving=signal.moving,
                gripping=signal.gripping,
                requests=held,
                link=signal.link,
            )
            before = arbiter.mode
            yield before, now, policy, arbiter.decide(policy, now, elapsed_s=elapsed_s)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_is_executed_is_finite_and_in_range(steps):
    for _, _, _, decision in run(steps):
        assert decision.executed.shape == (2,)
        assert decision.executed.dtype == np.float32
        assert np.isfinite(decision.executed).all()
        assert np.abs(decision.executed).max() <= 1.0
        assert 0.0 <= decision.authority <= 1.0


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_the_policy_never_drives_after_a_loss_until_a_person_asked_for_it(steps):
    waiting = False
    for before, signal, _, decision in run(steps):
        lost = signal.link is not Link.OK and before in (Mode.HUMAN, Mode.RELEASING)
        asked = bool(signal.requests & ASKING) or signal.engaged
        if asked and signal.link is Link.OK and not lost:
            waiting = False
        if lost:
            waiting = True
        if waiting:
            assert decision.source is Source.SAFETY


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_source_mode_and_action_always_fit(steps):
    for _, signal, policy, decision in run(steps):
        if decision.mode in (Mode.HOLD, Mode.ESTOP, Mode.PAUSED):
            assert decision.source is Source.SAFETY
        if decision.source is Source.SAFETY:
            np.testing.assert_array_equal(decision.executed, REST)
        if decision.source is Source.POLICY:
            assert decision.mode is Mode.AUTO
            np.testing.assert_array_equal(decision.executed, np.clip(policy, -1, 1))
        if decision.source is Source.OPERATOR:
            assert decision.mode is Mode.HUMAN
            assert signal.link is Link.OK
            assert np.isfinite(signal.action).all()
        if decision.source is Source.BLEND:
            assert decision.mode is Mode.RELEASING
        assert decision.countdown_s is None or decision.countdown_s >= 0.0


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_stop_works_at_once_and_lasts_until_a_reset_was_held(steps):
    reset_s = 0.0
    for before, signal, _, decision in run(steps):
        if Request.EMERGENCY_STOP in signal.requests:
            assert decision.mode is Mode.ESTOP
        if before is Mode.ESTOP and decision.mode is not Mode.ESTOP:
            assert decision.mode is Mode.HOLD
            assert Request.RESET in signal.requests
            assert not signal.moving
            assert not signal.gripping
            assert reset_s > 0.0
        held = Request.RESET in signal.requests and decision.mode is Mode.ESTOP
        reset_s = reset_s + DT_S if held else 0.0


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_the_same_events_always_give_the_same_decisions(steps):
    first, second = ([d for *_, d in run(steps)] for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert (a.mode, a.source, a.reason) == (b.mode, b.source, b.reason)
        np.testing.assert_array_equal(a.executed, b.executed)
