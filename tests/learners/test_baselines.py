"""What is particular to the learners that are there to compare with."""

import numpy as np
import pytest
import torch
from point_corrections import (
    OBS_DIM,
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
from iml_robot.learners.frames.contrasts import Contrasts, PreferenceTerm
from iml_robot.learners.frames.foreseen import EVERY, foresee
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.policies.ensemble.files import new_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy

P, O, B = Source.POLICY, Source.OPERATOR, Source.BLEND  # noqa: E741
RETRAINING = ["behaviour_cloning", "iwr", "sirius"]


@pytest.fixture(scope="module")
def point():
    env = make_point()
    yield env
    env.close()


def build(name, *, seed=0, **options):
    return LEARNERS.build(name, SPACES, None, seed, options=options)


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


def actions_of(learner):
    probes = np.random.default_rng(1).normal(size=(40, OBS_DIM)).astype(np.float32)
    return learner.policy.act_batch(probes)


def with_demonstrations(name, frames, **options):
    """A learner whose policy carries so many demonstrated frames."""
    learner = build(name, **options)
    shown = [made_up_episode([O] * frames, seed=99)]
    learner.pretrain(shown, updates=5, rehearsal=frames, on_progress=lambda _: None)
    return learner


def masses(learner, episodes):
    """Return the sampling mass of each frame, one array a kind, adding up to 1."""
    lesson = learner.lesson(episodes, np.random.default_rng(0))
    return [
        share * frames.masses / max(1e-9, frames.masses.sum())
        for frames, share in zip(lesson.kinds, lesson.shares, strict=True)
    ]


@pytest.mark.parametrize("name", RETRAINING)
def test_what_an_update_did_is_forgotten_at_the_next(name):
    episodes = [made_up_episode([P] * 30 + [O] * 20, number=n, seed=n) for n in range(2)]
    often, once = build(name, updates=20), build(name, updates=20)
    update(often, episodes[:1])
    update(often, episodes)
    update(once, episodes)
    np.testing.assert_array_equal(actions_of(often), actions_of(once))


@pytest.mark.parametrize("name", RETRAINING)
def test_demonstrations_are_kept_from_update_to_update(name):
    learner = with_demonstrations(name, 40, updates=2)
    for count in (1, 2):
        update(
            learner, [made_up_episode([P] * 30 + [O] * 20, number=n) for n in range(count)]
        )
    assert len(learner.rehearsal) == 40


def test_whole_demonstrations_alone_teach_to_drive(point):
    learner = build("behaviour_cloning")
    before = success_rate(point, learner.policy, maps=10)
    shown = [corrected_episode(point, Idle(), n, policy_steps=0) for n in range(6)]
    update(learner, shown)
    assert before <= 0.3
    assert success_rate(point, learner.policy, maps=10) >= 0.7


def test_cloning_counts_every_frame_of_the_operator_and_no_other():
    learner = with_demonstrations("behaviour_cloning", 60)
    episode = made_up_episode([P] * 50 + [O] * 5 + [P] * 20 + [B] * 6 + [O] * 35)
    driven, shown = masses(learner, [episode])
    np.testing.assert_allclose(driven, np.full(40, 1 / 100), rtol=1e-5)
    np.testing.assert_allclose(shown, np.full(60, 1 / 100), rtol=1e-5)


def test_iwr_draws_half_of_its_frames_from_takeovers_however_few():
    """A frame of a takeover weighs (N - n) / n times as much as another, n of N frames."""
    learner = with_demonstrations("iwr", 60)
    episodes = [
        made_up_episode([P] * 130 + [O] * 5 + [P] * 5),
        made_up_episode([P] * 70, number=1, outcome="stuck"),
    ]
    takeovers, own, shown = masses(learner, episodes)
    rest = 130 + 5 + 60
    assert (len(takeovers), len(own), len(shown)) == (5, 135, 60)
    for others in (own, shown):
        np.testing.assert_allclose(takeovers[0] / others, rest / 5, rtol=1e-5)
    lesson = learner.lesson(episodes, np.random.default_rng(0))
    mixture = Mixture(lesson.kinds, lesson.shares, members=1, rng=np.random.default_rng(0))
    labels = {tuple(row) for row in lesson.kinds[0].actions}
    drawn = np.mean([tuple(row) in labels for row in mixture.draw(4000)[1]])
    assert drawn == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("shown", "share"), [(40, 40 / 200), (500, 0.5)])
def test_sirius_gives_each_class_its_share_and_nothing_before_takeovers(shown, share):
    learner = with_demonstrations("sirius", shown)
    episode = made_up_episode([P] * 100 + [O] * 20 + [P] * 40)
    takeovers, own, demonstrated = masses(learner, [episode])
    assert len(own) == 140 - 15
    assert takeovers.sum() == pytest.approx(0.5)
    assert demonstrated.sum() == pytest.approx(share)
    assert own.sum() == pytest.approx(0.5 - share, abs=1e-6)
    driven = learner.lesson([episode], np.random.default_rng(0)).kinds[1].actions
    before = {tuple(row) for row in episode.executed_actions[85:100]}
    assert not before & {tuple(row) for row in driven}


def test_sirius_and_iwr_differ_by_what_led_to_the_takeover():
    """The policy did wrong for 0.75 s before each takeover, and right else."""
    rng = np.random.default_rng(0)
    episodes = []
    for number in range(4):
        seen = rng.normal(size=(151, OBS_DIM)).astype(np.float32)
        seen[85:100] = 1.0
        driven = np.tile(np.float32([0.5, 0.5]), (150, 1))
        driven[85:100] = [-0.9, 0.9]
        sources = [P] * 100 + [O] * 20 + [P] * 30
        labels = np.where(np.array(sources)[:, None] == O, driven, np.nan)
        columns = {"observations": seen, "executed_actions": driven}
        columns |= {"policy_actions": driven, "operator_actions": labels.astype(np.float32)}
        episodes.append(made_up_episode(sources, number=number, **columns))

    def error(name):
        learner = build(name, updates=300)
        update(learner, episodes)
        there = learner.policy.act(np.ones(OBS_DIM, np.float32))
        return np.linalg.norm(there - [-0.9, 0.9])

    assert error("iwr") < 0.5
    assert error("sirius") > 1.0


@pytest.mark.parametrize("steps", [1, 6])
def test_ppl_prefers_the_operator_at_every_state_the_policy_comes_to(steps, replays, point):
    episodes = [corrected_episode(point, Idle(), number) for number in range(2)]
    pairs = foresee(episodes, Idle(), replays, steps=steps)
    expected_seen, expected_better = [], []
    env = make_point().unwrapped
    for episode in episodes:
        env.reset(seed=episode.info.seed, options=dict(episode.info.options))
        (takeover,) = episode.takeovers()
        for step in range(len(episode)):
            if step >= takeover.start and (step - takeover.start) % EVERY == 0:
                state, over = env.get_state(), False
                seen = episode.observations[step]
                for _ in range(steps):
                    if over:
                        break
                    expected_seen.append(seen)
                    expected_better.append(episode.operator_actions[step])
                    seen, _, over, *_ = env.step(np.zeros(2, np.float32))
                env.set_state(state)
            env.step(episode.executed_actions[step])
    np.testing.assert_allclose(pairs.observations, expected_seen, atol=1e-6)
    np.testing.assert_array_equal(pairs.better, expected_better)
    assert not pairs.worse.any()


def test_ppl_moves_away_from_what_was_rejected_where_nobody_drove(replays, point):
    """Cloning alone says nothing about the states that the policy would have come to."""
    episodes = [corrected_episode(point, Idle(), number) for number in range(3)]

    def margin(trials, seed):
        options = {"updates": 60, "rehearsal_share": 0.0}
        learner = LEARNERS.build("ppl", SPACES, None, seed, options=options, trials=trials)
        pairs = foresee(episodes, learner.policy, replays, steps=8)
        update(learner, episodes)
        better, worse = map(torch.from_numpy, (pairs.better, pairs.worse))
        seen = torch.from_numpy(pairs.observations)
        with torch.no_grad():
            network = learner.network
            return float(
                (0.5 * network.loss(seen, worse) - network.loss(seen, better)).mean()
            )

    trials = Trials(replays, seed=0)
    gains = [margin(trials, seed) - margin(None, seed) for seed in range(4)]
    assert min(gains) > 0


def test_the_biased_preference_is_the_formula_of_the_paper():
    pairs = Contrasts(
        *(np.full((1, n), v, np.float32) for n, v in ((6, 0.3), (2, 0.5), (2, -0.5)))
    )
    network = new_policy("mlp", SPACES, 0, {"members": 1}).network
    term = PreferenceTerm(pairs, beta=0.1, bias=0.5, rng=np.random.default_rng(0))
    mean = EnsemblePolicy(network).act(pairs.observations[0]).astype(float)
    up, down = (-np.square(mean - a).sum() for a in (pairs.better[0], pairs.worse[0]))
    chance = np.exp(0.1 * up) / (np.exp(0.1 * up) + np.exp(0.5 * 0.1 * down))
    with torch.no_grad():
        assert float(term(network)) == pytest.approx(-np.log(chance), rel=1e-4)


def test_without_a_simulator_ppl_clones():
    figures = update(build("ppl", updates=2), [made_up_episode([P] * 9 + [O] * 9)])
    assert figures["contrasts"] == 0
    assert figures["updates"] == 2


@pytest.mark.parametrize(
    ("name", "options", "part"),
    [
        (
            "sirius",
            {"before_takeover_steps": -1},
            "before_takeover_steps must be at least 0",
        ),
        ("ppl", {"foreseen_steps": 0}, "foreseen_steps must be at least 1, got 0"),
        ("ppl", {"rehearsal_share": 1.0}, "rehearsal_share must be at least 0 and below 1"),
        ("pvp", {"updates": 0}, "updates must be at least 1, got 0"),
        ("pvp", {"hidden": [0]}, "hidden must be whole numbers above 0"),
    ],
)
def test_options_that_cannot_be_are_refused(name, options, part):
    with pytest.raises(UsageError) as caught:
        build(name, **options)
    assert part in str(caught.value)
