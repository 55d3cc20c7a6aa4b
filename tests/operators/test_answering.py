"""The simulated person, asked for help by the robot."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.core.types import Request
from iml_robot.operators import OPERATORS

DT = 0.05


class Calm:
    """A pilot that sees no risk in anything."""

    def reset(self, *, seed):
        pass

    def act(self, observation):
        return np.array([0.6, -0.3], np.float32)

    def risk(self, observation, action):
        return 0.0


class Range(gym.Env):
    control_dt = DT

    def make_pilot(self):
        return Calm()


def ask(seed, steps=400, asking=True, **traits):
    """Return the signals of a person who sees no reason of their own."""
    options = {"traits": {"false_alarms_per_min": 0, "stall_s": 1e6, **traits}}
    operator = OPERATORS.build("simulated", Range(), options=options)
    operator.reset(seed=seed)
    still = np.zeros(2, np.float32)
    return [operator.advise(still, still, {"asking": asking}) for _ in range(steps)]


def taken_at(signals):
    return next((k for k, signal in enumerate(signals) if signal.gripping), None)


def refused_at(signals):
    return [k for k, s in enumerate(signals) if Request.GIVE_BACK in s.requests]


def test_nobody_comes_who_is_not_asked():
    assert taken_at(ask(0, asking=False)) is None


def test_who_is_asked_takes_over_after_the_answering_time():
    times = [DT * taken_at(ask(n, refusal_probability=0)) for n in range(200)]
    assert np.median(times) == pytest.approx(1.0, abs=0.15)


def test_one_in_ten_is_refused_once_and_without_a_takeover():
    refused = [refused_at(ask(seed, steps=120)) for seed in range(300)]
    assert {len(found) for found in refused} <= {0, 1}
    count = sum(map(len, refused))
    # Three standard deviations of a binomial with n = 300, p = 0.1.
    assert abs(count / 300 - 0.1) < 3 * np.sqrt(0.1 * 0.9 / 300)


def test_who_refused_is_asked_anew_when_the_robot_asks_again():
    options = {"traits": {"false_alarms_per_min": 0, "refusal_probability": 1}}
    operator = OPERATORS.build("simulated", Range(), options=options)
    operator.reset(seed=0)
    still = np.zeros(2, np.float32)
    asking = [True] * 100 + [False] * 5 + [True] * 100
    signals = [operator.advise(still, still, {"asking": a}) for a in asking]
    assert len(refused_at(signals)) == 2


def test_being_asked_changes_nothing_else_that_a_person_does():
    def signals(asking_at):
        operator = OPERATORS.build("simulated", Range())
        operator.reset(seed=5)
        still = np.zeros(2, np.float32)
        return [operator.advise(still, still, {"asking": n in asking_at}) for n in range(9)]

    quiet, asked = signals(()), signals((2, 3))
    assert [s.gripping for s in quiet] == [s.gripping for s in asked]
