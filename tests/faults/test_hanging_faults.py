"""Row 18 of docs/safety.md: code of somebody else that never comes back."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from fault_rig import FaultRig
from hanging_policies import loops, waits

from iml_robot.asking.never import Never
from iml_robot.core.errors import InfrastructureError
from iml_robot.core.types import Ask
from iml_robot.session.watchdog import HungError, Watchdog

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
IMPATIENT = """
import sys
from iml_robot.cli import main
from iml_robot.session import watchdog
watchdog.PATIENCE_S, watchdog.GRACE_S = 1.0, 1.0
sys.exit(main())
"""


@contextmanager
def watching(first_s=60.0):
    """A watchdog of 0.5 s, and what it said when it gave up.

    Args:
        first_s: Its patience with the first calls, in which a busy machine compiles [s].
    """
    said = []
    watchdog = Watchdog(said.append, patience_s=0.5, first_patience_s=first_s, grace_s=0.5)
    watchdog.open()
    try:
        yield watchdog, said
    finally:
        watchdog.close()


class HangsAt:
    """Drives, and at one step hangs."""

    def __init__(self, step, hang):
        self._left, self._hang = step, hang

    def act(self, observation):
        self._left -= 1
        if self._left < 0:
            self._hang()
        return np.array([0.2, -0.2], np.float32)


class HangsInStep(gym.Wrapper):
    """An environment that hangs at one step, or in its reset."""

    def __init__(self, env, step=None):
        super().__init__(env)
        self._left = step

    def reset(self, **options):
        if self._left is None:
            waits()
        return self.env.reset(**options)

    def step(self, action):
        self._left -= 1
        if self._left < 0:
            waits()
        return self.env.step(action)


@pytest.mark.parametrize("hang", [loops, waits])
def test_18_a_policy_that_never_comes_back_ends_the_episode_before_its_step(hang, caplog):
    with watching() as (watch, said), FaultRig() as rig:
        episode, view = rig.drive({}, policy=HangsAt(7, hang), watch=watch)
        again, _ = rig.drive({}, steps=5, watch=watch)
    assert (episode.info.outcome, len(episode), len(view.steps)) == ("policy_fault", 7, 7)
    assert np.isfinite(episode.executed_actions).all()
    # The next episode is as if nothing had happened.
    assert again.info.outcome == "ended_by_operator"
    assert "the policy has not come back for 0.5 s" in caplog.text
    assert said == []


def test_18_an_asker_that_never_comes_back_ends_the_episode_before_its_step(caplog):
    class Hangs(Never):
        def consider(self, policy, observation, policy_action, last):
            if last is not None:
                waits()
            return Ask()

    with watching() as (watch, _), FaultRig() as rig:
        episode, _ = rig.drive({}, asker=Hangs(), watch=watch)
    assert (episode.info.outcome, len(episode)) == ("policy_fault", 1)
    assert "what asks for help has not come back" in caplog.text


def test_20_an_environment_that_never_comes_back_ends_the_episode_before_its_step(caplog):
    with watching() as (watch, _), FaultRig() as rig:
        rig.env = HangsInStep(rig.env, 4)
        episode, _ = rig.drive({}, watch=watch)
    assert (episode.info.outcome, len(episode)) == ("env_fault", 4)
    assert "the environment has not come back" in caplog.text


def test_18_where_every_episode_would_hang_the_session_ends_with_a_reason():
    with watching(1.0) as (watch, _), FaultRig() as rig:
        rig.drive({}, steps=2)
        began = time.monotonic()
        with pytest.raises(InfrastructureError, match="1 s at the first step"):
            rig.drive({}, policy=HangsAt(0, waits), watch=watch)
        assert 1.0 <= time.monotonic() - began < 5.0


def test_20_a_reset_that_never_comes_back_ends_the_session_with_a_reason():
    with watching(1.0) as (watch, _), FaultRig() as rig:
        rig.env = HangsInStep(rig.env)
        with pytest.raises(
            InfrastructureError, match="the reset of the environment has not"
        ):
            rig.drive({}, watch=watch)


def test_20_an_environment_that_hangs_when_it_is_taken_up_again_is_not_driven_on():
    with watching() as (watch, said), FaultRig() as rig:
        episode, _ = rig.drive({}, steps=6, watch=watch)
        assert rig.loop(env=HangsInStep(rig.env, 4), watch=watch).take_up(episode, 3) == ""
        why = rig.loop(env=HangsInStep(rig.env, 4), watch=watch).take_up(episode, 5)
    assert "the environment has not come back" in why
    assert said == []


def test_18_slow_is_not_hung_and_time_between_two_calls_does_not_count():
    with watching() as (watch, said):
        for _ in range(5):
            with watch.over("the policy"):
                time.sleep(0.15)
        time.sleep(0.6)
        with watch.over("the environment", first=True):
            time.sleep(0.6)
    assert said == []


SUSPENDED = """
import sys, time
from iml_robot.session.watchdog import Watchdog
watchdog = Watchdog(print, patience_s=1.5)
watchdog.open()
with watchdog.over("the policy"):
    print("begun", flush=True)
    for _ in range(5):
        time.sleep(0.1)
watchdog.close()
print("well")
"""


def test_18_time_in_which_the_computer_was_suspended_does_not_count():
    command = [sys.executable, "-c", SUSPENDED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=30)[0] == "well\n"


def test_18_nothing_is_interrupted_under_a_debugger():
    with watching() as (watch, said):
        # A person reads what `breakpoint()` shows.
        sys.settrace(lambda *event: None)
        try:
            with watch.over("the policy"):
                time.sleep(0.8)
        finally:
            sys.settrace(None)
    assert said == []


def test_18_what_swallows_every_error_is_given_up_in_the_end():
    def swallows():
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            try:
                time.sleep(2.0)
            except BaseException as error:
                swallowed.append(type(error))

    swallowed = []
    with watching() as (watch, said), watch.over("the policy"):
        swallows()
    assert set(swallowed) == {HungError}
    assert len(said) == 1
    assert said[0].startswith("the policy has not come back for 1 s")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session whose policy hangs twice, first as can be helped and then as cannot."""
    folder = tmp_path_factory.mktemp("hanging") / "session"
    point = ("run", "point", "--set", "policy=hanging_policies:Hanging", "--out", folder)
    quick = ("--set", "evaluation=[]", "--set", "learner.updates=5", "--episodes", "4")
    process = subprocess.run(
        [sys.executable, "-c", IMPATIENT, *point, *quick],
        env={**os.environ, "PYTHONPATH": str(HERE), "HANGS": "31:loops,61:waits_in_c"},
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return folder, process


def test_18_a_session_goes_on_after_a_hang_and_ends_in_good_order_after_the_worst(session):
    folder, process = session
    assert process.returncode == InfrastructureError.exit_code
    assert "episode 1/4: policy_fault" in process.stdout
    first, last = process.stderr.splitlines()
    assert first.endswith(
        "the policy has not come back for 1 s; the episode ends at the step before"
    )
    assert last.startswith(
        "error: the policy has not come back for 2 s and cannot be inter"
    )
    assert last.endswith(f"--resume {folder}")


def test_18_a_hang_that_ends_the_program_costs_no_step_that_was_driven(session):
    with closing(sqlite3.connect(session[0] / "session.db")) as database:
        steps = database.execute("SELECT COUNT(*) FROM steps GROUP BY episode_id")
        # It was asked 61 times and came back from all but two.
        assert steps.fetchall() == [(30,), (29,)]
        outcomes = database.execute("SELECT outcome FROM episodes ORDER BY episode_id")
        assert outcomes.fetchall() == [("policy_fault",), ("",)]
        hung = database.execute("SELECT detail FROM events WHERE kind = 'hung'")
        assert "cannot be interrupted" in hung.fetchone()[0]
