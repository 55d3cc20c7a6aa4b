"""Human-gated DAgger: shares, demonstrations and what it leaves alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from point_corrections import (
    OBS_DIM,
    SPACES,
    corrected_episode,
    made_up_episode,
    make_point,
    success_rate,
)

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.learners.frames.selection import demonstrated_frames
from iml_robot.learners.hg_dagger import HumanGatedDagger
from iml_robot.policies.ensemble.files import load_policy

pytestmark = pytest.mark.slow

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


def build(*, seed=0, **options):
    return LEARNERS.build("hg_dagger", SPACES, None, seed, options=options)


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


def actions_of(learner):
    probes = np.random.default_rng(1).normal(size=(40, OBS_DIM)).astype(np.float32)
    return learner.policy.act_batch(probes)


def pretrain(learner, demonstrations, *, rehearsal=50):
    return learner.pretrain(
        demonstrations, updates=100, rehearsal=rehearsal, on_progress=lambda _: None
    )


def test_a_few_corrections_bring_the_point_to_its_goal():
    env = make_point()
    learner = build(updates=150)
    before = success_rate(env, learner.policy, maps=10)
    episodes = []
    for number in range(5):
        episodes.append(corrected_episode(env, learner.policy, number))
        update(learner, episodes)
    assert before <= 0.3
    assert success_rate(env, learner.policy, maps=10) >= 0.7
    env.close()


def test_demonstrations_alone_make_a_policy_that_drives():
    env = make_point()
    learner = build()
    pilot_only = [
        corrected_episode(env, learner.policy, number, policy_steps=0, split="train")
        for number in range(8)
    ]
    figures = pretrain(learner, pilot_only)
    assert figures["frames"] == sum(len(e) for e in pilot_only)
    assert figures["loss_after"] < 0.5 * figures["loss_before"]
    env.close()


@pytest.mark.parametrize(("wanted", "kept"), [(0, 0), (10, 10), (10_000, 60)])
def test_it_carries_as_many_demonstrated_frames_as_wanted(wanted, kept, tmp_path):
    learner = build()
    demonstrations = [made_up_episode([O] * 30, seed=n) for n in range(2)]
    pretrain(learner, demonstrations, rehearsal=wanted)
    rehearsal = learner._file.rehearsal
    assert len(rehearsal) == kept
    shown = np.concatenate([e.operator_actions for e in demonstrations])
    halves = {tuple(row) for row in shown.astype(np.float16).astype(np.float32)}
    assert {tuple(row) for row in rehearsal.actions} <= halves


def test_going_on_from_a_pretrained_file_is_going_on(tmp_path):
    learner = build()
    pretrain(learner, [made_up_episode([O] * 30)])
    learner.save(tmp_path / "policy.safetensors")
    resumed = build()
    resumed.load(tmp_path / "policy.safetensors")
    episodes = [made_up_episode([P] * 30 + [O] * 10, seed=3)]
    assert update(learner, episodes) == update(resumed, episodes)
    np.testing.assert_array_equal(actions_of(learner), actions_of(resumed))


def test_every_labelled_step_of_a_demonstration_is_shown_once():
    demonstrations = [made_up_episode([O] * 5), made_up_episode([P, O, O], seed=1)]
    demonstrations[0].operator_actions[2] = np.nan
    frames = demonstrated_frames(demonstrations)
    np.testing.assert_array_equal(frames.groups, [0, 0, 0, 0, 1, 1])
    kept = demonstrations[0].observations[[0, 1, 3, 4]]
    np.testing.assert_array_equal(frames.observations[:4], kept)


def test_the_policys_own_driving_counts_only_where_it_led_to_success():
    def figure(outcome):
        episode = made_up_episode([P] * 50 + [O] * 5 + [P] * 10, outcome=outcome)
        return update(build(updates=2), [episode])["policy_frames"]

    assert figure("success") == 50 - 20 + 10
    assert figure("rolled_over") == 0


def test_what_was_demonstrated_is_not_forgotten():
    """Corrections elsewhere must not undo what the policy carries along."""
    rng = np.random.default_rng(0)
    shown = rng.normal(size=(201, OBS_DIM)).astype(np.float32)
    shown[:, 0] = 2.0
    right = np.tile(np.array([[0.8, -0.8]], np.float32), (200, 1))
    demonstration = made_up_episode([O] * 200, observations=shown, operator_actions=right)
    elsewhere = shown[:41] * [-1, 1, 1, 1, 1, 1]
    correction = made_up_episode(
        [O] * 40, observations=elsewhere.astype(np.float32), operator_actions=-right[:40]
    )

    def error(rehearsal):
        learner = build(updates=150)
        pretrain(learner, [demonstration], rehearsal=rehearsal)
        update(learner, [correction])
        corrected = np.abs(learner.policy.act_batch(correction.observations) + right[0])
        assert corrected.mean() < 0.2
        return np.abs(learner.policy.act_batch(shown) - right[0]).mean()

    assert error(rehearsal=100) < 0.1
    assert error(rehearsal=0) > 2 * error(rehearsal=100)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"operator_share": 0.9, "policy_share": 0.2}, "0.9 and 0.2"),
        ({"operator_share": 0.0, "policy_share": 0.0}, "0.0 and 0.0"),
        ({"updates": 0}, "updates must be at least 1, got 0"),
        ({"learning_rate": -1.0}, "learning_rate must be above 0, got -1.0"),
    ],
)
def test_options_that_cannot_be_are_refused(options, part):
    with pytest.raises(UsageError) as caught:
        build(**options)
    assert part in str(caught.value)


def test_an_update_that_runs_away_is_thrown_away():
    env = make_point()
    learner = HumanGatedDagger(SPACES, None, 0, learning_rate=1e30, updates=5)
    before = [w.clone() for w in learner.policy.network.parameters()]
    episode = corrected_episode(env, learner.policy, 0)
    figures = learner.update([episode], on_progress=lambda fraction: None)
    assert figures["updates"] == 0
    after = list(learner.policy.network.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_policy_knows_which_corrections_made_it(tmp_path):
    env = make_point()
    learner = HumanGatedDagger(SPACES, None, 0, updates=3)
    episodes = [corrected_episode(env, learner.policy, number) for number in (4, 7)]
    learner.update(episodes, on_progress=lambda fraction: None)
    learner.save(tmp_path / "policy.safetensors")
    lineage = load_policy(tmp_path / "policy.safetensors").lineage
    assert lineage["corrections"] == {
        str(e.info.episode_id): int((e.sources == Source.OPERATOR).sum()) for e in episodes
    }


def test_a_policy_says_on_which_maps_it_learned(tmp_path):
    learner = LEARNERS.build("hg_dagger", SPACES, None, 0, options={"updates": 5})
    episodes = []
    for number in range(2):
        episode = made_up_episode([P] * 30 + [O] * 9, number=number, seed=number)
        options = {"level": 2, "split": "correction", "index": 7 + number}
        episodes.append(replace(episode, info=replace(episode.info, options=options)))
        learner.update(episodes, on_progress=lambda _: None)
    learner.save(tmp_path / "policy.safetensors")
    (row,) = load_policy(tmp_path / "policy.safetensors").lineage["maps"]
    assert row["options"] == {"level": 2, "split": "correction"}
    assert row["indices"] == [7, 8]
