"""The learner that tries things out between episodes."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from point_corrections import corrected_episode, made_up_episode, make_point
from sac_parts import GROUND, SCALE, TRAITS, D, model, untrained, weights_of

from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.trials import Trials
from iml_robot.learners.frames.selection import Frames
from iml_robot.learners.reinforcement.decisions import recorded_decisions
from iml_robot.learners.reinforcement.descent import SoftDescent
from iml_robot.learners.reinforcement.guiding import cloning_weight, guided_by
from iml_robot.learners.reinforcement.reward import Bounds, LinearReward
from iml_robot.policies.ensemble.files import load_policy, new_policy

pytestmark = pytest.mark.slow

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741
QUICK = {"hidden": [32, 32], "gradient_steps": 0.5, "warm_up": 200, "anew_steps": 60}
PROGRESS = model([1.0, 0, 0, 0], spread=0.1)


def build(*, start=None, seed=0, ground=GROUND, steps=1000, trials=None, **options):
    given = {"settings": QUICK, "practice_steps": steps, **options}
    parts = {"ground": ground, "trials": trials}
    return LEARNERS.build(
        "preference_sac", TRAITS.spaces, start, seed, options=given, **parts
    )


def update(learner, episodes, reward=None):
    learner.reward = reward
    return learner.update(episodes, on_progress=lambda _: None)


def weights(learner):
    return weights_of(learner.policy.network)


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


def felt_episode(number=0, **columns):
    """An episode with random features."""
    sources = [P] * 30 + [O] * 12 + [P] * 8
    rng = np.random.default_rng(number)
    features = SCALE.mean + SCALE.std * rng.normal(size=(len(sources), D))
    given = {"features": features.astype(np.float32), **columns}
    return made_up_episode(sources, number=number, seed=number, **given)


def test_transitions_hold_what_was_driven_and_its_mean_features():
    episode = felt_episode(outcome="stuck", terminated=True)
    bounds = Bounds.of(SCALE)
    network = untrained().network
    found = recorded_decisions([episode], network, hold_steps=4, bounds=bounds)
    assert (len(found.operator), len(found.others)) == (9, 41)
    first = found.operator
    np.testing.assert_array_equal(first.observations[0], episode.observations[30])
    np.testing.assert_array_equal(first.following[0], episode.observations[34])
    np.testing.assert_allclose(
        first.actions[0], episode.operator_actions[30:34].mean(0), rtol=1e-5
    )
    clipped = bounds.clipped(episode.features)
    np.testing.assert_allclose(
        first.features[0], clipped[30:34].mean(0), rtol=1e-4, atol=1e-6
    )
    # The last transition is one step long; then the robot begins anew.
    last = found.others
    expected = (clipped[49] + 3 * SCALE.mean) / 4
    np.testing.assert_allclose(last.features[-1], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(last.following[-4:], episode.observations[[0] * 4])
    np.testing.assert_array_equal(last.following[-5], episode.observations[49])


def test_transitions_of_an_episode_whose_time_was_up_stop_where_it_did():
    episode = felt_episode(outcome="time_limit", terminated=False)
    network = untrained().network
    found = recorded_decisions([episode], network, hold_steps=4, bounds=Bounds.of(SCALE))
    assert len(found.others) == 38
    np.testing.assert_array_equal(found.others.following[-1], episode.observations[50])


def test_steps_that_are_not_known_are_left_out_with_all_that_touches_them():
    episode = felt_episode(outcome="stuck", terminated=False)
    episode.features[10, 0] = np.nan
    episode.observations[20] = np.inf
    episode.operator_actions[35] = np.nan
    network = untrained().network
    found = recorded_decisions([episode], network, hold_steps=4, bounds=Bounds.of(SCALE))
    assert found.left_out == 1
    # Windows that begin at 7..10, at 16..20 and at 31..35, of which 31 belongs to nobody
    # else: it only ends there.
    lost = {*range(7, 11), *range(16, 21), *range(31, 36)}
    assert len(found.operator) + len(found.others) == 47 - len(lost)
    for part in (found.operator, found.others):
        assert np.isfinite(part.features).all()
        assert np.isfinite(part.following).all()


def test_practice_alone_makes_the_policy_reach_more():
    learner = build(steps=3000, updates=5)
    env = make_point()
    before = _gained(env, learner.policy)
    update(learner, [felt_episode()], PROGRESS)
    assert _gained(env, learner.policy) > before + 0.2
    env.close()


def _gained(env, policy, maps=8):
    """Metres gained towards the goal on unseen maps."""
    gained = []
    for index in range(maps):
        options = {"level": 0, "split": "val", "index": index}
        seen, info = env.reset(seed=index, options=options)
        first, over = info["distance_to_goal"], False
        while not over and info["sim_time"] < 4:
            seen, _, terminated, truncated, info = env.step(policy.act(seen))
            over = terminated or truncated
        gained.append(first - info["distance_to_goal"])
    return np.mean(gained)


def test_a_resumed_learner_goes_on_as_if_it_had_never_stopped(tmp_path, replays):
    episodes = [felt_episode(0), felt_episode(1)]
    trials = Trials(replays, seed=0)
    learner = build(trials=trials)
    update(learner, episodes[:1], PROGRESS)
    learner.save(tmp_path / "policy.safetensors")
    resumed = build(trials=trials, seed=0)
    resumed.load(tmp_path / "policy.safetensors")
    assert same(weights(resumed), weights(learner))
    figures = update(resumed, episodes, PROGRESS)
    assert figures == update(learner, episodes, PROGRESS)
    assert figures["critic_resets"] == 0
    assert same(weights(resumed), weights(learner))


def test_a_very_different_reward_makes_the_critics_begin_anew_after_a_break(tmp_path):
    learner = build()
    update(learner, [felt_episode()], PROGRESS)
    learner.save(tmp_path / "policy.safetensors")
    resumed = build()
    resumed.load(tmp_path / "policy.safetensors")
    other = model([-1.0, 0, 0, 0], version=1)
    figures = update(resumed, [felt_episode(), felt_episode(1)], other)
    assert figures["critic_resets"] == 1
    assert figures["reward_version"] == 1
    lineage = load_policy(tmp_path / "policy.safetensors").lineage
    assert lineage["reward"]["weights"] == [1.0, 0, 0, 0]


def test_without_a_learned_reward_the_shipped_weights_count(tmp_path):
    learner = build()
    update(learner, [felt_episode()])
    learner.save(tmp_path / "policy.safetensors")
    shipped = LinearReward.shipped(TRAITS.reward_features)
    lineage = load_policy(tmp_path / "policy.safetensors").lineage
    assert lineage["reward"] == shipped.as_json()


def test_features_of_recordings_that_are_not_finite_are_counted_and_left_out(caplog):
    episode = felt_episode()
    episode.features[3:5] = np.nan
    learner = build()
    figures = update(learner, [episode], PROGRESS)
    assert figures["steps_left_out"] == 2
    assert all(np.isfinite(value) for value in figures.values())
    assert all(torch.isfinite(value).all() for value in weights(learner).values())


def test_an_environment_without_features_is_cloned_only(caplog):
    with caplog.at_level(logging.INFO):
        learner = build(ground=None)
    assert "cloning only" in caplog.text
    figures = update(learner, [felt_episode()])
    assert figures["updates"] > 0
    assert "practice_steps" not in figures


def test_another_kind_of_policy_is_cloned_at_the_start():
    start = new_policy("mlp", TRAITS.spaces, 3)
    seen = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)
    start.network.fit_normaliser(torch.from_numpy(seen))
    with torch.no_grad():
        start.network.last.weight.mul_(20)
        wanted = start.network(torch.from_numpy(seen))[0].numpy()
    shown = replace(start.rehearsal, observations=seen, actions=wanted)
    learner = build(start=replace(start, rehearsal=shown), ground=None)
    errors = np.abs(learner.policy.act_batch(seen) - wanted).mean()
    assert errors < 0.4 * np.abs(wanted).mean()


def test_cloning_counts_less_and_less_but_never_nothing():
    weights = [cloning_weight(n) for n in range(0, 100, 5)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0.1
    assert weights[2] == pytest.approx(weights[0] / 2)


def test_nothing_is_preferred_where_nothing_is_cloned(replays):
    none = Frames(np.zeros((0, 6), "f4"), np.zeros((0, 2), "f4"), np.zeros(0, np.int64))
    policy = build(ground=None).policy
    unaided = [made_up_episode([P] * 20)]
    guidance, figures = guided_by(
        unaided, none, policy=policy, replays=replays, rng=np.random.default_rng(0)
    )
    assert guidance is None
    assert figures["takeovers"] == 0


def test_half_of_what_is_cloned_are_takeovers_that_count_alike():
    rehearsal = Frames(
        np.full((100, 6), 9.0, np.float32),
        np.zeros((100, 2), np.float32),
        np.arange(100) // 50,
    )
    episode = made_up_episode([P] * 5 + [O] * 12 + [P] * 30 + [O] * 32 + [P] * 5)
    guidance, figures = guided_by(
        [episode], rehearsal, policy=None, replays=None, rng=np.random.default_rng(0)
    )
    assert figures["takeovers"] == 2
    kept = guidance.observations[:, 0] == 9.0
    assert guidance.masses[kept].sum() == pytest.approx(0.5)
    # Two steps at the beginning of each takeover are left out.
    assert guidance.masses[:10].sum() == pytest.approx(0.25)
    assert guidance.masses.sum() == pytest.approx(1.0)


def test_the_operators_actions_become_likelier_than_the_policys_where_it_would_go(replays):
    """Cloning and preference go together, and the term is the one of the cloning loss."""
    env = make_point()
    learner = build(ground=None)
    episode = corrected_episode(env, learner.policy, 0)
    none = Frames(np.zeros((0, 6), "f4"), np.zeros((0, 2), "f4"), np.zeros(0, np.int64))
    network = learner.policy.network
    network.fit_normaliser(torch.from_numpy(episode.observations))
    guidance, figures = guided_by(
        [episode],
        none,
        policy=learner.policy,
        replays=replays,
        rng=np.random.default_rng(0),
    )
    assert figures["contrasts"] > 8
    (term,) = guidance.terms

    def preference():
        with torch.no_grad():
            return np.mean([float(term(network)) for _ in range(20)])

    descent = SoftDescent(network, np.random.default_rng(0), guidance=guidance)
    before = preference()
    for _ in range(150):
        descent.imitate()
    assert preference() < before
    env.close()
