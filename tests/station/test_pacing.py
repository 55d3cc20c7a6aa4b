"""The pacer against the real clock."""

import itertools
import time

import pytest

from iml_robot.station.pacing import RealTimePacer


def test_the_first_step_starts_at_once_and_counts_as_one_period():
    pacer = RealTimePacer(0.5)
    start = time.perf_counter()
    assert pacer.wait() == 0.5
    assert time.perf_counter() - start < 0.1


def test_steps_begin_at_multiples_of_the_period_without_drift():
    pacer = RealTimePacer(0.02)
    pacer.wait()
    start = time.perf_counter()
    for _ in range(40):
        time.sleep(0.003)  # work of varying cost within the period
        pacer.wait()
    # Only late ticks of a busy machine may move the end, by what they were late.
    late_s = sum(j for j in pacer.jitter_s if j > 0.0006)
    assert time.perf_counter() - start == pytest.approx(40 * 0.02 + late_s, abs=0.003)


def test_wait_returns_the_time_since_the_last_step_began():
    pacer = RealTimePacer(0.02)
    pacer.wait()
    begins = [time.perf_counter()]
    returned = []
    for work_s in (0.0, 0.01, 0.05):
        time.sleep(work_s)
        returned.append(pacer.wait())
        begins.append(time.perf_counter())
    measured = [b - a for a, b in itertools.pairwise(begins)]
    assert returned == pytest.approx(measured, abs=0.005)
    assert returned[2] >= 0.05


def test_a_late_step_is_counted_and_not_made_up_for():
    pacer = RealTimePacer(0.02)
    pacer.wait()
    time.sleep(0.07)
    pacer.wait()
    assert pacer.late_ticks == 1
    assert pacer.jitter_s[-1] >= 0.05
    start = time.perf_counter()
    for _ in range(5):
        pacer.wait()
    # A pacer that made up for the 50 ms would return from the first two at once.
    assert time.perf_counter() - start >= 5 * 0.02 - 0.001


def test_steps_never_begin_early():
    pacer = RealTimePacer(0.005)
    for _ in range(100):
        pacer.wait()
    assert min(pacer.jitter_s) >= 0.0


def test_the_p99_jitter_is_the_delay_that_99_of_100_steps_keep():
    pacer = RealTimePacer(0.002)
    for _ in range(101):
        pacer.wait()
    time.sleep(0.1)
    pacer.wait()
    delays = sorted(pacer.jitter_s)
    assert len(delays) == 101
    assert delays[-3] <= pacer.p99_jitter_s <= delays[-1]
    assert delays[-1] > 0.09


def test_the_rate_is_that_of_the_last_steps():
    pacer = RealTimePacer(0.01)
    assert pacer.rate_hz == 0.0
    for _ in range(41):
        pacer.wait()
    assert 70 < pacer.rate_hz < 101


def test_a_break_that_was_meant_to_be_is_not_late():
    pacer = RealTimePacer(0.01)
    pacer.wait()
    time.sleep(0.05)
    pacer.restart()
    # The period, rounded and a little late, but without the break.
    assert 0.0099 < pacer.wait() < 0.05
    assert pacer.late_ticks == 0


@pytest.mark.parametrize(
    ("world_waits", "took_s", "counts_s"),
    [(True, 0.8, 0.05), (True, 2.5, 2.5), (False, 0.8, 0.8)],
)
def test_the_first_step_of_an_episode_may_warm_up(
    monkeypatch, world_waits, took_s, counts_s
):
    now_s = [100.0]
    monkeypatch.setattr("iml_robot.station.pacing.time.perf_counter", lambda: now_s[0])
    pacer = RealTimePacer(0.05, world_waits=world_waits)
    pacer.restart()
    now_s[0] += took_s
    assert pacer.wait() == pytest.approx(counts_s)
    # No other step may.
    now_s[0] += took_s
    assert pacer.wait() == pytest.approx(took_s)
    assert pacer.late_ticks == 2


@pytest.mark.parametrize("period_s", [0.0, -0.05])
def test_a_period_that_is_not_above_zero_is_refused(period_s):
    with pytest.raises(ValueError, match="period_s is"):
        RealTimePacer(period_s)


@pytest.mark.parametrize("world_waits", [True, False])
def test_only_where_the_world_does_not_wait_a_step_is_out_of_date(world_waits):
    pacer = RealTimePacer(0.02, world_waits=world_waits)
    pacer.restart()
    assert not pacer.late()
    time.sleep(0.03)
    assert pacer.late() is not world_waits
