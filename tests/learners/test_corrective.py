"""The corrective learner: what frames are worth, contrasts, repetitions and candidates."""

import numpy as np
import pytest
import torch
from point_corrections import (
    SPACES,
    Idle,
    corrected_episode,
    made_up_episode,
    make_point,
    success_rate,
)

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.trials import Trials
from iml_robot.learners.frames.contrasts import (
    Contrasts,
    PreferenceTerm,
    Pull,
    find_contrasts,
)
from iml_robot.learners.frames.reexecution import Reexecutions
from iml_robot.learners.frames.selection import Worth, helpful
from iml_robot.policies.ensemble.files import between, copy_policy, new_policy

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


@pytest.fixture(scope="module")
def episodes():
    env = make_point()
    yield [corrected_episode(env, Idle(), number) for number in range(3)]
    env.close()


def build(*, replays=None, seed=0, **options):
    trials = None
    if replays is not None:
        familiar = {"level": 0, "split": "train"}
        trials = Trials(replays, familiar=familiar, seed=seed)
    return LEARNERS.build("corrective", SPACES, None, seed, options=options, trials=trials)


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


@pytest.mark.slow
def test_some_corrections_bring_the_point_to_its_goal(replays):
    env = make_point()
    learner = build(replays=replays, updates=200, weights={"preference": 0.5})
    before = success_rate(env, learner.policy, maps=10)
    episodes, updates, stayed = [], [], []
    for number in range(12):
        episodes.append(corrected_episode(env, learner.policy, number))
        drove = learner.policy.fingerprint
        said = update(learner, episodes)
        if "mastered" in said or "agreed" in said:
            # Who copes alone, or is driven as it wants to drive, stays what it is.
            assert learner.policy.fingerprint == drove
            stayed.append(said)
        elif said["updates"]:
            updates.append(said)
    figures = updates[-1]
    assert stayed
    assert before <= 0.3
    assert success_rate(env, learner.policy, maps=10) > 0.6
    assert figures["contrasts"] > 0
    assert figures["repeated_frames"] > 0
    assert figures.get("step", 1.0) in (4.0, 2.0, 1.0, 0.5, 0.25)
    env.close()


def test_parts_that_are_switched_off_leave_nothing(replays, episodes):
    off = {"preference": 0, "pull": 0}
    learner = build(replays=replays, updates=5, weights=off, shares={"repeated": 0})
    figures = update(learner, episodes)
    assert figures["contrasts"] == figures["repeated_frames"] == 0
    learner = build(replays=replays, updates=5, candidates=False)
    assert "step" not in update(learner, episodes)


class Told:
    """Trials that tell how many of 20 moments are coped with, one policy after another."""

    possible, replays = True, None

    def __init__(self, *coped):
        self._coped, self.driven = iter(coped), []

    def drive(self, policy, episodes, *, beyond=-1):
        if not self.driven or policy.fingerprint != self.driven[0]:
            self.driven.append(policy.fingerprint)
        if policy.fingerprint == self.driven[0]:
            self._before = getattr(self, "_before", None) or next(self._coped)
            return np.arange(20) < self._before
        return np.arange(20) < next(self._coped)


@pytest.mark.parametrize(
    ("coped", "tried", "attempt", "step"),
    [
        # From 12 of 20 to 18 at once: enough.
        ((12, 18), 1, 0, 1.0),
        # To 15 is not enough, going farther is worse, and the second attempt brings more.
        ((12, 15, 14, 18), 3, 1, 1.0),
        ((12, 15, 14, 13, 13), 4, 0, 1.0),
        # Going farther is better, and better again.
        ((12, 14, 16, 18), 3, 0, 4.0),
        # The first attempt brings nothing, the second helps half of the way.
        ((12, 12, 11, 10, 12, 13), 5, 1, 0.5),
        # A policy that copes with 18 of 20 is tried with one attempt.
        ((18, 17, 18, 16), 3, 0, 0.5),
    ],
)
def test_a_policy_with_much_to_learn_is_trained_once_more(
    episodes, coped, tried, attempt, step
):
    trials = Told(*coped)
    options = {"updates": 5, "shares": {"repeated": 0}}
    learner = LEARNERS.build("corrective", SPACES, None, 0, options=options, trials=trials)
    progress = []
    figures = learner.update(episodes, on_progress=progress.append)
    assert len(trials.driven) == 1 + tried
    assert (figures["attempt"], figures["step"]) == (attempt, step)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": {"robot": 0.1}}, "shares: unknown 'robot'"),
        ({"shares": {"operator": 0.0}}, "operator must be above 0"),
        ({"shares": {"operator": 0.9}}, "all together at most 1"),
        ({"weights": {"pull": -1}}, "weights: pull must be a number from 0"),
        ({"weights": {"pull": True}}, "weights: pull must be a number from 0"),
    ],
)
def test_wrong_options_are_refused_with_what_is_allowed(options, message):
    with pytest.raises(UsageError, match=message):
        build(**options)


def test_frames_are_worth_what_the_operator_changed():
    worth = Worth(full_steps=4, full_difference=1.0, least=0.1, failed=0.25)
    labels = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, -1.0]], np.float32)
    wanted = np.array([[0.0, 0.05], [0.0, 0.0], [-1.0, -1.0]], np.float32)
    # Three of four steps, shared out by the difference, between a tenth and all of it.
    expected = 3 / 4 * np.array([0.1, 0.5, 1.0]) / 3
    np.testing.assert_allclose(worth.of(labels, wanted, helped=True), expected, rtol=1e-6)
    failed = worth.of(labels, wanted, helped=False)
    np.testing.assert_allclose(failed, 0.25 * expected, rtol=1e-6)


def test_a_takeover_helped_unless_the_end_or_the_next_one_came_at_once():
    sources = [P] * 30 + [O] * 10 + [P] * 15 + [O] * 10 + [P] * 40 + [O] * 5 + [P] * 5
    assert helpful(made_up_episode(sources)) == [False, True, True]
    assert helpful(made_up_episode(sources, outcome="stuck")) == [False, True, False]


def test_contrasts_prefer_the_operator_where_the_policy_would_have_been(replays, episodes):
    pairs = find_contrasts(episodes, Idle(), replays, steps=4)
    assert len(pairs) == 3 * 4
    for number, episode in enumerate(episodes):
        (takeover,) = episode.takeovers()
        rows = slice(4 * number, 4 * number + 4)
        start = episode.observations[takeover.start]
        np.testing.assert_array_equal(pairs.observations[rows][0], start)
        label = episode.operator_actions[takeover.start + 2]
        np.testing.assert_array_equal(pairs.better[rows], np.tile(label, (4, 1)))
    assert not pairs.worse.any()


def test_the_preference_term_is_the_logistic_of_the_difference_of_losses():
    network = new_policy("mlp", SPACES, 0).network
    rng = np.random.default_rng(0)
    pairs = Contrasts(*(rng.uniform(-1, 1, (5, n)).astype(np.float32) for n in (6, 2, 2)))
    term = PreferenceTerm(pairs, weight=2.0, beta=0.3, rng=rng)(network)
    seen, better, worse = map(
        torch.from_numpy, (pairs.observations, pairs.better, pairs.worse)
    )
    gap = (network.loss(seen, worse) - network.loss(seen, better)).detach().numpy()
    expected = 2.0 * np.log1p(np.exp(-0.3 * gap)).mean()
    assert float(term.detach()) == pytest.approx(expected, rel=1e-5)


def test_the_pull_grows_with_the_square_of_the_way():
    file = new_policy("mlp", SPACES, 0)
    pull = Pull(file.network, weight=0.5)
    assert float(pull(file.network).detach()) == 0.0
    moved = copy_policy(file)
    with torch.no_grad():
        for parameter in moved.network.parameters():
            parameter.add_(0.1)
    count = sum(p.numel() for p in moved.network.parameters())
    expected = 0.5 * 0.01 * count / moved.network.members
    assert float(pull(moved.network).detach()) == pytest.approx(expected, rel=1e-4)


def test_steps_on_the_way_between_two_policies_are_straight():
    start, goal = (new_policy("mlp", SPACES, seed) for seed in (0, 1))
    for share in (0.0, 0.25, 1.0):
        found = between(start, goal, share).network.parameters()
        ends = zip(start.network.parameters(), goal.network.parameters(), strict=True)
        for weights, (first, last) in zip(found, ends, strict=True):
            wanted = (1 - share) * first + share * last
            torch.testing.assert_close(weights, wanted)


def test_repeated_takeovers_come_from_disturbed_states_and_are_the_same_each_time(
    replays, episodes
):
    repeated = [Reexecutions(replays, copies=3, seed=4).frames(episodes) for _ in range(2)]
    np.testing.assert_array_equal(repeated[0].observations, repeated[1].observations)
    first = repeated[0]
    assert len(first)
    (takeover,) = episodes[0].takeovers()
    known = episodes[0].observations[takeover]
    own = first.observations[first.groups == 0]
    assert not (own[:, None] == known[None]).all(axis=2).any()
    labels = episodes[0].executed_actions[takeover]
    assert all(
        (labels == row).all(axis=1).any() for row in first.actions[first.groups == 0]
    )
