"""Policies are tried from stored moments; the micro-regression believes what it sees."""

import numpy as np
import pytest
from point_corrections import ENV_ID, Idle, corrected_episode, made_up_episode, make_point

from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Source
from iml_robot.learners.cloning.trials import (
    FAMILIAR,
    GUARDED,
    PRACTICE,
    Trials,
    fresh_moments,
    stored_moments,
)
from iml_robot.robots.replays import Replays
from iml_robot.training.micro_regression import MicroRegression

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741
FAMILIAR_MAPS = {"level": 0, "split": "train"}
PRACTICE_MAPS = {"level": 0, "split": "correction"}
ALL = 3 + 3 + PRACTICE + FAMILIAR
"""A takeover and a start of each episode, and the maps that nobody has driven."""


class Steered(Idle):
    """Drives as the task's pilot does."""

    def __init__(self, env):
        self._pilot = env.get_wrapper_attr("make_pilot")()

    def act_batch(self, observations):
        return np.stack([self._pilot.act(row) for row in observations])


class Stopped(Steered):
    """Does not set out from some places."""

    def __init__(self, env, *places):
        super().__init__(env)
        self._places = np.array(places)

    def act_batch(self, observations):
        near = np.isclose(observations[:, None], self._places, atol=1e-3)
        here = near.all(axis=2).any(axis=1)
        return np.where(here[:, None], 0, super().act_batch(observations))


class Away(Steered):
    """Drives the other way, off the map."""

    def act_batch(self, observations):
        return -super().act_batch(observations)


class Broken(Idle):
    """Answers with what is no number."""

    def act_batch(self, observations):
        return np.full((len(observations), 2), np.nan, np.float32)


@pytest.fixture(scope="module")
def point():
    env = make_point()
    yield env
    env.close()


@pytest.fixture(scope="module")
def episodes(point):
    return [corrected_episode(point, Idle(), number) for number in range(3)]


@pytest.fixture
def trials():
    replays = Replays(ENV_ID)
    yield Trials(replays, practice=PRACTICE_MAPS, familiar=FAMILIAR_MAPS, seed=0)
    replays.close()


def test_who_drives_well_copes_and_who_stands_still_does_not(trials, point, episodes):
    coped = trials.drive(Steered(point), episodes)
    assert coped.shape == (ALL,)
    # The pilot reaches the goal of nearly every map.
    assert coped.sum() >= ALL - 2
    assert not trials.drive(Idle(), episodes).any()


def test_moments_lie_before_takeovers_and_failures_and_at_starts():
    helped = made_up_episode([P] * 50 + [O] * 10 + [P] * 30, number=0)
    failed = made_up_episode([P] * 100, number=1, outcome="stuck")
    found = [(m.episode.info.episode_id, m.step) for m in stored_moments([helped, failed])]
    assert found == [(1, 40), (0, 30), (1, 0), (0, 0)]


def test_a_better_policy_is_accepted_and_a_worse_one_refused(trials, point, episodes):
    judge = MicroRegression(trials).judge
    better = judge(Steered(point), Idle(), episodes)
    assert better.accepted
    assert better.figures["moments"] == ALL
    worse = judge(Idle(), Steered(point), episodes)
    assert not worse.accepted
    assert worse.reason.startswith("copes with no more moments than the policy before (")


def test_who_drives_only_as_well_is_refused_and_so_is_who_loses_a_place(
    trials, point, episodes
):
    judge = MicroRegression(trials).judge
    equal = judge(Steered(point), Steered(point), episodes)
    assert not equal.accepted
    stopped = Stopped(point, episodes[0].observations[0])
    worse = judge(stopped, Steered(point), episodes)
    # The episode's start, which is also what lies a second before its takeover.
    coped = [trials.drive(driver, episodes).sum() for driver in (stopped, Steered(point))]
    assert coped[0] == coped[1] - 2 == worse.figures["coped_before"] - 2
    assert not worse.accepted


def test_a_little_better_is_enough_if_it_is_as_good_on_further_maps(
    trials, point, episodes
):
    judge = MicroRegression(trials).judge
    stopped = Stopped(point, episodes[0].observations[0])
    better = judge(Steered(point), stopped, episodes)
    assert better.figures["coped"] == better.figures["coped_before"] + 2
    assert better.figures["further"] >= better.figures["further_before"]
    assert better.accepted


@pytest.mark.parametrize("case", [(1, 2, True), (2, 2, False), (2, 6, True)])
def test_who_is_a_little_better_must_not_unlearn_what_was_familiar(
    trials, point, episodes, case
):
    lost, gained, accepted = case
    seed = named_seed(0, "guarded familiar")
    guarded = fresh_moments("guarded", FAMILIAR_MAPS, GUARDED, seed=seed)
    known = trials.drive_familiar(Steered(point))
    assert known.sum() >= GUARDED - 2
    mastered = [m.episode.info for m, good in zip(guarded, known, strict=True) if good]
    starts = [point.reset(seed=i.seed, options=dict(i.options))[0] for i in mastered[:lost]]
    # Each start is also what lies a second before a takeover.
    before = Stopped(point, *(e.observations[0] for e in episodes[: gained // 2]))
    verdict = MicroRegression(trials).judge(Stopped(point, *starts), before, episodes)
    assert verdict.figures["coped"] == verdict.figures["coped_before"] + gained
    assert verdict.accepted == accepted
    assert ("of 20 familiar maps with at least 2 fewer" in verdict.reason) != accepted


def test_actions_that_are_no_numbers_are_refused_without_driving(episodes):
    foreign = Trials(Replays("MountainCarContinuous-v0"), familiar=None, seed=0)
    assert not MicroRegression(foreign).judge(Broken(), Idle(), episodes).accepted
    assert MicroRegression(foreign).judge(Idle(), Idle(), episodes).accepted


def test_maps_that_nobody_drove_are_others_after_each_episode(trials, episodes):
    def fresh(count):
        moments = trials.moments(episodes[:count])
        return [m.episode.info.seed for m in moments if m.episode.info.episode_id < 0]

    first, second = fresh(1), fresh(2)
    assert len({*first, *second}) == 2 * (PRACTICE + FAMILIAR)
    assert fresh(1) == first


class Forgetful(Steered):
    """Does not set out from some places."""

    def __init__(self, env, starts):
        super().__init__(env)
        self._starts = starts

    def act_batch(self, observations):
        here = np.array(
            [
                np.isclose(self._starts, row, atol=1e-3).all(axis=1).any()
                for row in observations
            ]
        )
        return np.where(here[:, None], 0, super().act_batch(observations))


def test_better_on_the_moments_is_not_enough_if_it_is_worse_on_further_maps(
    trials, point, episodes
):
    def starts(moments):
        found = []
        for moment in moments:
            info = moment.episode.info
            found.append(point.reset(seed=info.seed, options=dict(info.options))[0])
        return np.array(found)

    seed = named_seed(0, "further practice", len(episodes))
    further = fresh_moments("further", PRACTICE_MAPS, PRACTICE, seed=seed)
    verdict = MicroRegression(trials).judge(
        Forgetful(point, starts(further[:5])),
        Stopped(point, episodes[0].observations[0]),
        episodes,
    )
    assert verdict.figures["coped"] == verdict.figures["coped_before"] + 2
    assert not verdict.accepted
    assert "further maps with fewer than" in verdict.reason


def test_who_can_no_longer_win_is_stopped_and_who_wins_is_driven_to_the_end(
    trials, point, episodes
):
    driven = []
    futures = trials.replays.futures

    def noted(*args, **kwargs):
        found = futures(*args, **kwargs)
        driven.append(sum(len(future.actions) for future in found))
        return found

    trials.replays.futures = noted
    whole = trials.drive(Away(point), episodes)
    stopped = trials.drive(Away(point), episodes, beyond=ALL - 1)
    assert driven[1] < driven[0]
    assert stopped.sum() <= whole.sum()
    winner = trials.drive(Steered(point), episodes)
    np.testing.assert_array_equal(
        winner, trials.drive(Steered(point), episodes, beyond=int(winner.sum()) - 1)
    )
    assert driven[2] == driven[3]
