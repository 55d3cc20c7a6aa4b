"""Networks earn their place where sums fail, and nowhere else."""

import numpy as np
import pytest
import torch
from imitation.algorithms.preference_comparisons import PreferenceModel
from imitation.data.types import Trajectory
from imitation.rewards.reward_nets import BasicRewardNet, RewardEnsemble
from reward_recordings import UNIT

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.feedback import Answer, Purpose, Question, Reply, Segment
from iml_robot.rewards.ensemble import Ensemble
from iml_robot.rewards.ensemble_files import load_networks, save_networks
from iml_robot.rewards.ensemble_training import Preferences, Training, _box
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior
from iml_robot.rewards.residual import (
    Known,
    _folds,
    learn_ensemble,
    try_residual,
)

NOISE = Noise(lapse=0.05)
NAMES = ("a", "b")


def curved(features):
    """Speed is good until it is too fast: no weighted sum says so."""
    return 2.0 * features[:, 0] - 4.0 * np.maximum(0, features[:, 0]) + features[:, 1]


def straight(features):
    return 2.0 * features[:, 0] + features[:, 1]


def asked(reward, count, seed):
    """Return answers about segments of ten steps round a mean, without slips."""
    rng = np.random.default_rng(seed)
    replies = []
    for number in range(count):
        left, right = (
            Segment(
                0,
                0,
                (rng.normal(size=2) + 0.3 * rng.normal(size=(10, 2))).astype(np.float32),
            )
            for _ in range(2)
        )
        z = 3 * (reward(left.features).mean() - reward(right.features).mean())
        answer = Answer.LEFT if z + rng.logistic() > 0 else Answer.RIGHT
        replies.append(Reply(Question(number, left, right), answer))
    return replies


def known(replies):
    return Known(replies, UNIT, Prior(np.zeros(2), 2.0, NAMES), NOISE)


def accuracy(reward_model, reward, seed=99):
    pairs = asked(reward, 300, seed)
    right = 0
    for reply in pairs:
        sides = [s.features for s in (reply.question.left, reply.question.right)]
        true, found = ([f(x).mean() for x in sides] for f in (reward, reward_model.reward))
        right += (true[0] > true[1]) == (found[0] > found[1])
    return right / len(pairs)


@pytest.fixture(scope="module")
def earned():
    return try_residual(known(asked(curved, 160, 0)), np.random.default_rng(0))


def test_networks_earn_their_place_where_a_weighted_sum_fails(earned):
    residual, trial = earned
    assert trial.decisive == 160
    assert trial.earned
    assert residual is not None
    assert accuracy(residual, curved) > accuracy(residual.linear, curved) + 0.02


def test_networks_add_at_most_a_share_of_the_weighted_sum(earned):
    residual, _ = earned
    rows = np.random.default_rng(1).normal(size=(500, 2)) * 3
    added = residual.reward(rows) - residual.linear.reward(rows)
    assert np.abs(added).max() <= residual.size
    steps = np.concatenate(
        [
            s.features
            for r in asked(curved, 160, 0)
            for s in (r.question.left, r.question.right)
        ]
    )
    assert residual.size == pytest.approx(0.3 * residual.linear.reward(steps).std())


def test_pessimism_takes_off_what_networks_disagree_in(earned):
    residual, _ = earned
    rows = np.random.default_rng(2).normal(size=(50, 2))
    plain = residual.reward(rows) - residual.linear.reward(rows)
    lowered = residual.reward(rows, pessimism=0.5) - residual.linear.reward(
        rows, pessimism=0.5
    )
    spread = residual.ensemble.opinions(rows).std(axis=1, ddof=1)
    np.testing.assert_allclose(plain - lowered, 0.5 * residual.size * spread)
    with pytest.raises(UsageError, match="pessimism"):
        residual.reward(rows, pessimism=-1)


def test_networks_stay_out_where_the_weighted_sum_is_right():
    residual, trial = try_residual(known(asked(straight, 100, 3)), np.random.default_rng(0))
    assert residual is None
    assert trial.linear_loss - trial.residual_loss <= trial.error


def test_networks_are_not_tried_on_fewer_than_a_hundred_decisive_answers():
    replies = asked(curved, 99, 4)
    equal = [Reply(r.question, Answer.EQUAL) for r in asked(curved, 50, 5)]
    residual, trial = try_residual(known(replies + equal), np.random.default_rng(0))
    assert residual is None
    assert trial.decisive == 99
    assert not trial.earned
    assert np.isnan(trial.linear_loss)


def test_a_question_and_its_repeats_are_held_out_together():
    replies = asked(straight, 60, 6)
    again = [
        Reply(
            Question(100 + k, r.question.right, r.question.left, Purpose.MIRRORED, k),
            r.answer.mirrored,
        )
        for k, r in enumerate(replies[:20])
    ]
    folds = _folds(replies + again, np.random.default_rng(0))
    np.testing.assert_array_equal(folds[:20], folds[60:])
    assert np.bincount(folds[:60]).tolist() == [12] * 5


def test_networks_alone_learn_what_a_sum_cannot_say():
    replies = asked(curved, 120, 7)
    replies += [Reply(r.question, Answer.SKIP) for r in asked(straight, 40, 8)]
    alone = learn_ensemble(replies, UNIT, NOISE, np.random.default_rng(0))
    again = learn_ensemble(replies, UNIT, NOISE, np.random.default_rng(0))
    rows = np.random.default_rng(1).normal(size=(20, 2))
    np.testing.assert_array_equal(alone.reward(rows), again.reward(rows))
    assert accuracy(alone, curved) > 0.8
    assert (alone.reward(rows, pessimism=1.0) < alone.reward(rows)).all()
    with pytest.raises(UsageError, match="NaN"):
        alone.reward([[np.nan, 0.0]])


def test_networks_need_answers():
    skipped = [Reply(r.question, Answer.SKIP) for r in asked(curved, 3, 9)]
    with pytest.raises(UsageError, match="answer some questions first"):
        learn_ensemble(skipped, UNIT, NOISE, np.random.default_rng(0))


def test_training_leaves_torchs_own_random_numbers_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    learn_ensemble(asked(straight, 10, 10), UNIT, NOISE, np.random.default_rng(0))
    assert torch.equal(torch.rand(3), expected)


def test_answers_are_as_likely_as_imitation_has_them_for_segments_of_one_length():
    """Its sums of T rewards are means at a sharpness of T."""
    space, nothing, rng = _box(3), _box(1), np.random.default_rng(0)

    def fragment():
        states = rng.normal(size=(8, 3)).astype(np.float32)
        return Trajectory(states, np.zeros((7, 1), np.float32), None, False)

    pairs = [(fragment(), fragment()) for _ in range(5)]
    nets = [BasicRewardNet(space, nothing, use_action=False) for _ in range(2)]
    ensemble = RewardEnsemble(space, nothing, nets)
    ours = Preferences(ensemble, Training(sharpness=7.0, lapse=0.2))
    theirs = PreferenceModel(ensemble, noise_prob=0.2)
    for mine, other in zip(ours.member_pref_models, theirs.member_pref_models, strict=True):
        torch.testing.assert_close(mine(pairs)[0], other(pairs)[0])


def test_a_good_segment_is_no_better_for_being_longer():
    space, nothing = _box(1), _box(1)
    net = BasicRewardNet(space, nothing, use_action=False)
    short, long = (
        Trajectory(
            np.ones((n + 1, 1), np.float32), np.zeros((n, 1), np.float32), None, False
        )
        for n in (3, 30)
    )
    likely, _ = Preferences(net, Training(lapse=0.0))([(short, long)])
    assert likely.item() == pytest.approx(0.5)


def test_networks_are_reckoned_without_torch_as_by_it():
    rng = np.random.default_rng(0)
    sizes = [(4, 8), (8, 8), (8, 1)]
    weights = tuple(rng.normal(size=(3, a, b)) for a, b in sizes)
    biases = tuple(rng.normal(size=(3, b)) for _, b in sizes)
    rows = rng.normal(size=(6, 4))
    for bounded in (False, True):
        found = Ensemble(weights, biases, bounded).opinions(rows)
        for m in range(3):
            x = torch.tensor(rows)
            for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
                x = (torch.relu(x) if k else x) @ torch.tensor(w[m]) + torch.tensor(b[m])
            x = torch.tanh(x) if bounded else x
            np.testing.assert_allclose(found[:, m], x[:, 0].numpy())


def test_log_odds_compare_the_means_of_segments():
    one = Ensemble((np.array([[[2.0]]]),), (np.array([[5.0]]),), False)
    left, right = np.array([[1.0], [3.0]]), np.array([[1.0]] * 7)
    np.testing.assert_allclose(one.log_odds([(left, right)]), [[2.0]])
    assert one.log_odds([]).shape == (0, 1)


@pytest.mark.parametrize(
    ("weights", "biases"),
    [
        ((), ()),
        ((np.zeros((2, 3, 2)),), (np.zeros((2, 2)),)),
        ((np.zeros((2, 3, 4)), np.zeros((2, 5, 1))), (np.zeros((2, 4)), np.zeros((2, 1)))),
        ((np.full((2, 3, 1), np.nan),), (np.zeros((2, 1)),)),
    ],
)
def test_layers_that_do_not_fit_together_are_refused(weights, biases):
    with pytest.raises(ValueError, match=r"fit together|finite"):
        Ensemble(weights, biases, False)


def test_rewards_with_networks_are_the_same_after_saving_and_loading(earned, tmp_path):
    residual, _ = earned
    alone = learn_ensemble(asked(straight, 20, 11), UNIT, NOISE, np.random.default_rng(0))
    rows, path = np.random.default_rng(1).normal(size=(20, 2)), tmp_path / "reward.networks"
    for reward in (residual, alone):
        save_networks(reward, path)
        again = load_networks(path)
        assert type(again) is type(reward)
        np.testing.assert_array_equal(
            again.reward(rows, pessimism=0.5), reward.reward(rows, pessimism=0.5)
        )


def test_damaged_files_of_networks_are_refused(earned, tmp_path):
    path = tmp_path / "reward.networks"
    with pytest.raises(UsageError, match="there is no reward file"):
        load_networks(path)
    save_networks(earned[0], path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for place in rng.choice(len(whole), 60, replace=False):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.integers(7)
        path.write_bytes(bytes(changed))
        with pytest.raises(ArtifactError):
            load_networks(path)
    for part in (b"", whole[:100], whole[:-1], b"{}"):
        path.write_bytes(part)
        with pytest.raises(ArtifactError):
            load_networks(path)
