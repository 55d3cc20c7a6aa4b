"""What a correction changes at once, where, and how long it lasts."""

import logging

import numpy as np
import pytest

from iml_robot.adaptation import ADAPTATIONS
from iml_robot.adaptation.residual import Residual
from iml_robot.core.errors import UsageError
from iml_robot.core.types import (
    Decision,
    Episode,
    EpisodeInfo,
    Mode,
    OperatorSignal,
    Source,
    Step,
)

PLACE = np.array([3.0, 1.0, 0.0], np.float32)
WANTED = np.array([0.5, -0.8], np.float32)


class Steady:
    """A policy with one action everywhere, whose features are what it sees."""

    def __init__(self, action=(0.5, 0.5), fingerprint="first"):
        self.action = np.asarray(action, np.float32)
        self.fingerprint = fingerprint

    def act(self, observation):
        return self.action

    def act_batch(self, observations):
        return np.tile(self.action, (len(observations), 1))

    def features(self, observations):
        return np.asarray(observations, np.float32)


def drive(place=PLACE, steps=40):
    """Observations of a drive through a place, in small steps."""
    return place + np.linspace(-1, 1, steps, dtype=np.float32)[:, None]


def step(observation, action=None):
    source = Source.POLICY if action is None else Source.OPERATOR
    mode = Mode.AUTO if action is None else Mode.HUMAN
    signal = OperatorSignal(action=action, gripping=action is not None)
    executed = np.zeros(2, np.float32)
    return Step(observation, executed, signal, Decision(executed, source, 0.0, mode), 0.0)


def take_over(adaptation, seen, action=WANTED):
    for observation in seen:
        adaptation.add(step(observation, action))


def episode(seen, action=WANTED, number=0):
    """An episode that is one takeover."""
    steps = len(seen) - 1
    actions = np.tile(np.asarray(action, np.float32), (steps, 1))
    nothing = np.zeros(steps, np.float32)
    info = EpisodeInfo(number, "practice", "", 0, outcome="success")
    return Episode(
        info, seen, np.zeros_like(actions), actions, actions,
        sources=np.full(steps, int(Source.OPERATOR)), authorities=nothing,
        rewards=nothing, evaluations=nothing,
    )  # fmt: skip


def test_when_the_operator_lets_go_the_policy_does_the_same_there():
    adaptation = Residual()
    policy = adaptation.begin(Steady(), [])
    take_over(adaptation, drive())
    np.testing.assert_array_equal(policy.act(PLACE), Steady().action)
    adaptation.add(step(PLACE))
    np.testing.assert_allclose(policy.act(PLACE), WANTED, atol=0.1)


def test_elsewhere_nothing_changes():
    adaptation = Residual()
    policy = adaptation.begin(Steady(), [])
    take_over(adaptation, drive())
    adaptation.add(step(PLACE))
    far = PLACE + np.array([30, 0, 0], np.float32)
    np.testing.assert_array_equal(policy.act(far), Steady().action)
    np.testing.assert_array_equal(policy.act_batch(far[None])[0], Steady().action)


def test_a_resumed_session_drives_the_same_to_the_last_bit():
    episodes = [episode(drive(PLACE + shift), number=shift) for shift in range(3)]
    straight, resumed = Residual(), Residual()
    for count in range(4):
        policy = straight.begin(Steady(), episodes[:count])
        take_over(straight, drive(PLACE + count))
        straight.add(step(PLACE))
    policy = straight.begin(Steady(), episodes)
    again = resumed.begin(Steady(), episodes)
    seen = drive(PLACE + 0.3)
    np.testing.assert_array_equal(policy.act_batch(seen), again.act_batch(seen))


def test_what_a_new_policy_does_by_itself_is_dropped_and_the_rest_stays():
    other = PLACE + 20
    episodes = [episode(drive(PLACE), WANTED), episode(drive(other), -WANTED, number=1)]
    adaptation = Residual()
    adaptation.begin(Steady(), episodes)
    learned = Steady(WANTED, fingerprint="second")
    policy = adaptation.begin(learned, episodes)
    np.testing.assert_array_equal(policy.act(PLACE), WANTED)
    np.testing.assert_allclose(policy.act(other), -WANTED, atol=0.15)


def test_only_the_newest_corrections_are_kept():
    episodes = [episode(drive(PLACE)), episode(drive(PLACE + 20), number=1)]
    policy = Residual(rows=37).begin(Steady(), episodes)
    np.testing.assert_array_equal(policy.act(PLACE), Steady().action)
    np.testing.assert_allclose(policy.act(PLACE + 20), WANTED, atol=0.1)


@pytest.mark.parametrize("steps", [1, 2, 3, 5000])
def test_takeovers_of_any_length_give_actions_within_bounds(steps):
    adaptation = Residual(rows=300)
    policy = adaptation.begin(Steady(), [])
    take_over(adaptation, drive(steps=steps))
    adaptation.add(step(PLACE))
    policy = adaptation.begin(Steady(), [episode(drive(steps=steps + 1))])
    assert np.abs(policy.act_batch(drive())).max() <= 1


def test_what_is_not_finite_teaches_nothing():
    adaptation = Residual()
    policy = adaptation.begin(Steady(), [])
    seen = drive()
    seen[::2] = np.nan
    take_over(adaptation, seen)
    adaptation.add(step(PLACE))
    take_over(adaptation, drive(), np.full(2, np.nan, np.float32))
    adaptation.add(step(PLACE))
    assert np.isfinite(policy.act_batch(drive())).all()


def test_a_robot_that_stood_still_throughout_teaches_nothing():
    adaptation = Residual()
    policy = adaptation.begin(Steady(), [])
    take_over(adaptation, np.tile(PLACE, (40, 1)))
    adaptation.add(step(PLACE))
    np.testing.assert_array_equal(policy.act(PLACE), Steady().action)


def test_a_policy_without_features_drives_as_it_is_and_that_is_said_once(caplog):
    class Plain:
        def act(self, observation):
            return np.zeros(2, np.float32)

    adaptation, plain = Residual(), Plain()
    with caplog.at_level(logging.WARNING):
        assert adaptation.begin(plain, []) is plain
        take_over(adaptation, drive())
        adaptation.add(step(PLACE))
        assert adaptation.begin(plain, []) is plain
    assert len(caplog.records) == 1


@pytest.mark.parametrize("options", [{"rows": 0}, {"reach": 0.0}, {"reach": float("nan")}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(UsageError, match="must be"):
        ADAPTATIONS.build("residual", options=options)
