"""What every learner must do, whatever its algorithm is."""

import numpy as np
import pytest
import torch
from point_corrections import (
    ACT_DIM,
    OBS_DIM,
    SPACES,
    corrected_episode,
    made_up_episode,
    make_point,
    pilot_error,
)

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.registry import option_names
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.network import Spaces

pytestmark = pytest.mark.slow

SEED = 5
P, O, B, S = 0, 1, 2, 3  # noqa: E741

AS_PUBLISHED = {"iwr", "pvp"}
"""Learners whose papers learn from the steps just before a takeover too."""
VALUES = {"pvp"}
"""Learners that learn what actions are worth, and need thousands of steps to act on it."""


@pytest.fixture(params=LEARNERS.names(), scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def point():
    env = make_point()
    yield env
    env.close()


def build(name, *, start=None, seed=SEED, options=None):
    return LEARNERS.build(name, SPACES, start, seed, options=options)


def short(name):
    """Options for few gradient steps, where their number does not matter."""
    known = option_names(LEARNERS.get(name))
    return {key: 15 for key in ("updates", "batches") if key in known}


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


def probes():
    """Observations to compare policies on."""
    return np.random.default_rng(8).normal(size=(50, OBS_DIM)).astype(np.float32)


def actions_of(learner):
    actions = learner.policy.act_batch(probes())
    assert np.isfinite(actions).all()
    assert np.abs(actions).max() <= 1
    return actions


def usual_episode(number=0, **columns):
    sources = [P] * 30 + [O] * 12 + [P] * 25 + [O] * 5 + [P] * 3
    return made_up_episode(sources, number=number, seed=number, **columns)


def test_corrections_make_the_policy_act_more_like_the_operator(name, point):
    if name in VALUES:
        pytest.skip("does not clone; its own tests say what it learns")
    learner = build(name)
    before = pilot_error(point, learner.policy)
    episodes = []
    for number in range(8):
        episodes.append(corrected_episode(point, learner.policy, number))
        figures = update(learner, episodes)
        nothing_new = "agreed" in figures or not episodes[-1].corrected.any()
        assert figures["updates"] > 0 or nothing_new
    assert pilot_error(point, learner.policy) < 0.85 * before


def test_the_same_seed_gives_the_same_policy_to_the_last_bit(name):
    episodes = [usual_episode(0), usual_episode(1)]
    results = []
    for _ in range(2):
        # Neither global streams nor what ran before may leak in.
        torch.manual_seed(len(results))
        np.random.seed(len(results))  # noqa: NPY002
        learner = build(name, options=short(name))
        figures = [update(learner, episodes[:1]), update(learner, episodes)]
        results.append((actions_of(learner), figures))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_another_seed_gives_another_policy(name):
    first, second = (
        build(name, options=short(name)),
        build(name, seed=SEED + 1, options=short(name)),
    )
    for learner in (first, second):
        update(learner, [usual_episode()])
    assert not np.array_equal(actions_of(first), actions_of(second))


def test_learning_leaves_the_global_random_streams_alone(name):
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = torch.rand(3), np.random.random(3)  # noqa: NPY002
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    update(build(name, options=short(name)), [usual_episode()])
    np.testing.assert_array_equal(torch.rand(3), expected[0])
    np.testing.assert_array_equal(np.random.random(3), expected[1])  # noqa: NPY002


@pytest.mark.parametrize("updates_before", [0, 1])
def test_a_resumed_learner_goes_on_as_if_it_had_never_stopped(
    name, updates_before, tmp_path
):
    episodes = [usual_episode(0), usual_episode(1)]
    learner = build(name, options=short(name))
    for count in range(1, updates_before + 1):
        update(learner, episodes[:count])
    learner.save(tmp_path / "policy.safetensors")
    resumed = build(name, options=short(name))
    resumed.load(tmp_path / "policy.safetensors")
    np.testing.assert_array_equal(actions_of(resumed), actions_of(learner))
    assert update(resumed, episodes) == update(learner, episodes)
    np.testing.assert_array_equal(actions_of(resumed), actions_of(learner))


def test_saving_changes_nothing(name, tmp_path):
    saved, other = build(name, options=short(name)), build(name, options=short(name))
    saved.save(tmp_path / "policy.safetensors")
    for learner in (saved, other):
        update(learner, [usual_episode()])
    np.testing.assert_array_equal(actions_of(saved), actions_of(other))


def test_the_start_is_left_as_it_was(name, tmp_path):
    first = build(name, options=short(name))
    update(first, [usual_episode()])
    first.save(tmp_path / "start.safetensors")
    start = load_policy(tmp_path / "start.safetensors", SPACES)
    weights = {k: v.clone() for k, v in start.network.state_dict().items()}
    learner = build(name, start=start, options=short(name))
    np.testing.assert_array_equal(actions_of(learner), actions_of(first))
    update(learner, [usual_episode(1)])
    assert not np.array_equal(actions_of(learner), actions_of(first))
    for key, value in start.network.state_dict().items():
        torch.testing.assert_close(value, weights[key], rtol=0, atol=0)


def test_a_policy_of_another_environment_is_refused(name, tmp_path):
    learner = LEARNERS.build(name, Spaces(OBS_DIM + 1, ACT_DIM), None, SEED)
    learner.save(tmp_path / "other.safetensors")
    with pytest.raises(ArtifactError, match="size 7"):
        build(name, options=short(name)).load(tmp_path / "other.safetensors")


def test_a_missing_policy_is_a_mistake_of_the_user(name, tmp_path):
    with pytest.raises(UsageError, match="no such policy"):
        build(name, options=short(name)).load(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize("sources", [[P] * 40, [B] * 40, [S] * 40, [P]])
def test_an_episode_without_takeovers_changes_nothing(name, sources):
    learner = build(name, options=short(name))
    update(learner, [usual_episode()])
    before = actions_of(learner)
    done = []
    figures = learner.update(
        [usual_episode(), made_up_episode(sources, number=1)], on_progress=done.append
    )
    assert figures["updates"] == 0.0
    assert done[-1] == 1.0
    np.testing.assert_array_equal(actions_of(learner), before)


def test_no_episodes_change_nothing(name):
    learner = build(name, options=short(name))
    before = actions_of(learner)
    assert update(learner, [])["updates"] == 0.0
    np.testing.assert_array_equal(actions_of(learner), before)


def test_steps_without_a_label_do_not_count(name):
    whole = usual_episode()
    garbage = whole.observations.copy()
    labels = whole.operator_actions.copy()
    labels[33:36] = np.nan
    garbage[33:36] = 1e6
    learners = build(name, options=short(name)), build(name, options=short(name))
    clean = {"operator_actions": labels}
    for learner, columns in zip(
        learners, (clean, clean | {"observations": garbage}), strict=True
    ):
        # A failure keeps the policy's own frames out of it.
        figures = update(learner, [usual_episode(outcome="stuck", **columns)])
        assert figures["correction_frames"] > 0
    np.testing.assert_array_equal(*map(actions_of, learners))


def test_a_takeover_without_any_label_changes_nothing(name):
    sources = [P] * 5 + [O] * 5
    nothing = np.full((10, ACT_DIM), np.nan, np.float32)
    episode = made_up_episode(sources, operator_actions=nothing)
    learner = build(name, options=short(name))
    before = actions_of(learner)
    assert update(learner, [episode])["updates"] == 0.0
    np.testing.assert_array_equal(actions_of(learner), before)


def test_frames_just_before_a_takeover_are_not_learned_from(name):
    """What the policy did there led to the takeover."""
    sources = [P] * 60 + [O] * 10
    episode = made_up_episode(sources)
    changed = episode.executed_actions.copy()
    changed[50:60] *= -1
    wanted = np.concatenate([changed[:60], episode.policy_actions[60:]])
    other = made_up_episode(sources, executed_actions=changed, policy_actions=wanted)
    learners = build(name, options=short(name)), build(name, options=short(name))
    for learner, given in zip(learners, (episode, other), strict=True):
        update(learner, [given])
    left_out = np.array_equal(*map(actions_of, learners))
    assert left_out == (name not in AS_PUBLISHED)


@pytest.mark.parametrize("length", [1, 2])
def test_the_shortest_takeovers_are_learned_from(name, length):
    if name in VALUES:
        pytest.skip("does not clone; its own tests say what it learns")
    observation = np.ones(OBS_DIM, np.float32)
    episode = made_up_episode([P] * 30 + [O] * length + [P] * 30, outcome="stuck")
    episode.observations[30 : 30 + length] = observation
    episode.operator_actions[30 : 30 + length] = [0.9, -0.9]
    learner = build(name)

    def error():
        return np.linalg.norm(learner.policy.act(observation) - [0.9, -0.9])

    before = error()
    figures = update(learner, [episode])
    assert figures["takeovers"] == 1.0
    assert error() < 0.5 * before


def test_a_takeover_in_the_last_step_is_learned_from(name):
    learner = build(name, options=short(name))
    before = actions_of(learner)
    assert update(learner, [made_up_episode([P] * 9 + [O])])["updates"] > 0
    assert not np.array_equal(actions_of(learner), before)


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e6])
def test_constant_observations_do_no_harm(name, scale):
    learner = build(name, options=short(name))
    constant = np.full((76, OBS_DIM), scale, np.float32)
    for count in (1, 2):
        update(learner, [usual_episode(n, observations=constant) for n in range(count)])
    actions_of(learner)


def test_standing_still_can_be_taught(name):
    if name in VALUES:
        pytest.skip("does not clone; its own tests say what it learns")
    zeros = np.zeros((75, ACT_DIM), np.float32)
    learner = build(name)
    before = np.abs(actions_of(learner)).mean()
    columns = {"operator_actions": zeros, "executed_actions": zeros, "outcome": "stuck"}
    episodes = [usual_episode(n, **columns) for n in range(2)]
    for count in (1, 2):
        update(learner, episodes[:count])
    assert np.abs(actions_of(learner)).mean() < before + 0.05
    seen = np.concatenate([e.observations[:-1][e.corrected] for e in episodes])
    assert np.abs(learner.policy.act_batch(seen)).mean() < 0.15


def test_broken_observations_never_reach_the_weights(name):
    observations = usual_episode().observations.copy()
    observations[32] = np.nan
    observations[35, 0] = np.inf
    observations[3] = -np.inf
    learner = build(name, options=short(name))
    before = actions_of(learner)
    assert update(learner, [usual_episode(observations=observations)])["updates"] > 0
    assert not np.array_equal(actions_of(learner), before)


def test_the_policy_in_hand_does_not_change_while_reading_the_episodes(name):
    learner = build(name, options=short(name))
    episodes = [usual_episode()]
    copies = {k: np.copy(v) for k, v in vars(episodes[0]).items() if k != "info"}
    for values in vars(episodes[0]).values():
        if isinstance(values, np.ndarray):
            values.setflags(write=False)
    update(learner, episodes)
    for key, value in copies.items():
        np.testing.assert_array_equal(getattr(episodes[0], key), value)


def test_progress_grows_up_to_the_end(name):
    heard = []
    build(name, options=short(name)).update([usual_episode()], on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[0] >= 0
    assert heard[-1] == 1.0


def test_figures_can_be_written_down(name):
    figures = update(build(name, options=short(name)), [usual_episode()])
    assert all(type(value) is float and np.isfinite(value) for value in figures.values())
    assert {"correction_frames", "takeovers", "updates"} <= figures.keys()
    assert figures["takeovers"] == 2.0


@pytest.mark.parametrize(
    "option", [{"no_such_option": 1}, {"learning_rate": "x"}, {"learning_rate": -0.1}]
)
def test_a_wrong_option_is_refused_at_once(name, option):
    with pytest.raises(UsageError) as caught:
        LEARNERS.build(name, SPACES, None, SEED, options=option)
    assert "\n" not in str(caught.value)
