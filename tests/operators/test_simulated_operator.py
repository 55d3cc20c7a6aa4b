"""The simulated person: how late, how often, how exactly it does what its pilot would."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Request
from iml_robot.operators import OPERATORS

DT = 0.05
WANTED = np.array([0.6, -0.3], np.float32)
IDLE = np.zeros(2, np.float32)


class Lookout:
    """Sees as much risk as the first number of the observation says."""

    def reset(self, *, seed):
        pass

    def act(self, observation):
        return WANTED.copy()

    def risk(self, observation, action):
        return float(observation[0])


class Range(gym.Env):
    """Nothing but a place where a lookout can be had."""

    control_dt = DT

    def make_pilot(self):
        return Lookout()


def person(**options):
    return OPERATORS.build("simulated", Range(), options=options)


def watch(operator, risks, *, policy=IDLE):
    """Return the operator's signals while the risk goes up and down."""
    return [operator.advise(np.array([risk], np.float32), policy, {}) for risk in risks]


def first_grip(signals):
    return next((k for k, signal in enumerate(signals) if signal.gripping), None)


def test_an_ideal_person_takes_over_at_once_and_steers_exactly_as_wanted():
    operator = person(preset="ideal")
    operator.reset(seed=1)
    signals = watch(operator, [0.0] * 5 + [1.0] * 5)
    assert first_grip(signals) == 5
    assert signals[5].requests == {Request.TAKE_CONTROL}
    np.testing.assert_array_equal(signals[5].action, WANTED)


def test_reaction_times_are_log_normal_around_their_median():
    delays = []
    for seed in range(300):
        operator = person(traits={"miss_probability": 0, "false_alarms_per_min": 0})
        operator.reset(seed=seed)
        delays.append(DT * first_grip(watch(operator, [1.0] * 100)))
    assert np.median(delays) == pytest.approx(0.35, abs=0.05)
    assert np.percentile(delays, 95) == pytest.approx(0.35 * np.exp(0.5 * 1.645), abs=0.15)


def test_events_are_missed_as_often_as_the_trait_says_and_missed_to_their_end():
    missed = 0
    for seed in range(300):
        operator = person(traits={"miss_probability": 0.3, "false_alarms_per_min": 0})
        operator.reset(seed=seed)
        missed += first_grip(watch(operator, [1.0] * 100)) is None
    # Three standard deviations of a binomial with n = 300, p = 0.3.
    assert abs(missed / 300 - 0.3) < 3 * np.sqrt(0.3 * 0.7 / 300)


def test_who_missed_an_event_may_see_the_next_one():
    seen = 0
    for seed in range(40):
        operator = person(traits={"miss_probability": 0.5, "false_alarms_per_min": 0})
        operator.reset(seed=seed)
        missed = first_grip(watch(operator, [1.0] * 40)) is None
        watch(operator, [0.0] * 40)
        seen += missed and first_grip(watch(operator, [1.0] * 40)) is not None
    assert seen > 0


def test_false_alarms_come_as_often_as_the_trait_says():
    operator = person(traits={"false_alarms_per_min": 4, "least_takeover_s": 0.1})
    operator.reset(seed=3)
    minutes = 60
    signals = watch(operator, [0.0] * round(minutes * 60 / DT), policy=WANTED)
    takeovers = sum(Request.TAKE_CONTROL in signal.requests for signal in signals)
    # A person who drives cannot be alarmed: 4 a minute, less the time at the controls.
    driving = sum(signal.gripping for signal in signals) * DT / 60
    expected = 4 * (minutes - driving)
    assert abs(takeovers - expected) < 4 * np.sqrt(expected)


def test_hands_stay_on_for_the_release_lag():
    lengths = {}
    for lag in (0.0, 0.5):
        operator = person(preset="ideal", traits={"release_lag_s": lag})
        operator.reset(seed=1)
        signals = watch(operator, [1.0] + [0.0] * 100, policy=WANTED)
        lengths[lag] = DT * sum(signal.gripping for signal in signals)
    assert lengths[0.0] == pytest.approx(1.0, abs=0.051)
    assert lengths[0.5] - lengths[0.0] == pytest.approx(0.5, abs=0.001)


def test_a_person_at_the_keyboard_knows_three_positions():
    operator = person(preset="poor", traits={"miss_probability": 0})
    operator.reset(seed=2)
    signals = watch(operator, [1.0] * 200)
    shown = {float(part) for signal in signals if signal.gripping for part in signal.action}
    assert shown <= {-1.0, 0.0, 1.0}
    assert len(shown) > 1


def test_steering_errors_have_the_size_of_the_trait_and_change_slowly():
    operator = person(traits={"action_noise": 0.1, "miss_probability": 0})
    operator.reset(seed=5)
    signals = watch(operator, [1.0] * 4000)
    errors = np.array([s.action - WANTED for s in signals if s.gripping])
    assert errors.std() == pytest.approx(0.1, rel=0.2)
    near = np.corrcoef(errors[:-1, 0], errors[1:, 0])[0, 1]
    assert near == pytest.approx(np.exp(-DT / 0.5), abs=0.05)


def test_the_same_seed_gives_the_same_person():
    runs = []
    for _ in range(2):
        operator = person(preset="poor")
        operator.reset(seed=11)
        runs.append(watch(operator, [0.0, 1.0] * 100))
    assert [s.gripping for s in runs[0]] == [s.gripping for s in runs[1]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"preset": "perfect"}, "ideal, poor, typical"),
        ({"traits": {"patience": 1}}, "unknown trait 'patience'"),
        ({"traits": {"miss_probability": 1.5}}, "chance up to 1, got 1.5"),
        ({"traits": {"action_noise": "much"}}, "is a number, got 'much'"),
        ({"traits": {"stall_s": -1}}, "0 or more, got -1"),
        ({"traits": {"levels": 1.5}}, "a whole number, got 1.5"),
        ({"traits": "ideal"}, "given by name, as in {miss_probability: 0.2}, got 'ideal'"),
    ],
)
def test_wrong_options_are_refused_with_what_is_allowed(options, words):
    with pytest.raises(UsageError, match=words):
        person(**options)
