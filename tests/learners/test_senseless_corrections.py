"""Corrections that make no sense: trained or skipped by a rule, never a crash or NaN."""

import numpy as np
import pytest
from point_corrections import ACT_DIM, ENV_ID, OBS_DIM, SPACES, made_up_episode

from iml_robot.core.registry import option_names
from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.trials import Trials
from iml_robot.policies.ensemble.network import all_sound
from iml_robot.robots.replays import Replays

P, O, B, S = Source  # noqa: E741
USUAL = [P] * 30 + [O] * 12 + [P] * 25 + [O] * 5 + [P] * 3
LABEL = np.float32([0.9, -0.9])
SKIPPED, TRAINED = 0, 1


def contradictory():
    """The same view asks for opposite actions, half and half."""
    episodes = []
    for number, sign in enumerate((1, -1)):
        labels = np.full((75, ACT_DIM), np.nan, np.float32)
        labels[np.array(USUAL) == O] = sign * LABEL
        seen = np.ones((76, OBS_DIM), np.float32)
        columns = {"observations": seen, "operator_actions": labels}
        episodes.append(made_up_episode(USUAL, number=number, **columns))
    return episodes


def one_step():
    """A takeover of one step."""
    episode = made_up_episode([P] * 40 + [O] + [P] * 40)
    episode.operator_actions[40] = -np.sign(episode.policy_actions[40])
    return [episode]


def no_correction():
    """Nobody takes over."""
    return [made_up_episode([P] * 60)]


def none_lately():
    """There was a takeover once, but not in the newest episode."""
    return [made_up_episode(USUAL), made_up_episode([P] * 60, number=1)]


def standing_still():
    """Operator and policy do nothing at all."""
    zeros = np.zeros((75, ACT_DIM), np.float32)
    names = ("operator_actions", "policy_actions", "executed_actions")
    return [made_up_episode(USUAL, outcome="stuck", **dict.fromkeys(names, zeros))]


def never_handed_back():
    """The operator drives from the first step, or from the tenth, to the end."""
    return [
        made_up_episode([O] * 200),
        made_up_episode([P] * 10 + [O] * 190, number=1, outcome="time_limit"),
    ]


def labels_with_gaps():
    """Every other command of the operator is no number, or infinite."""
    episode = made_up_episode(USUAL)
    episode.operator_actions[31::4] = np.nan
    episode.operator_actions[33::4] = np.inf
    return [episode]


def nothing_usable():
    """No frame of the operator can be used."""
    episode = made_up_episode(USUAL)
    episode.operator_actions[np.array(USUAL) == O] = np.nan
    return [episode]


def nothing_seen():
    """The sensors gave nothing but NaN while the operator drove."""
    episode = made_up_episode(USUAL)
    episode.observations[:-1][np.array(USUAL) == O] = np.nan
    return [episode]


def broken_policy():
    """What the policy wanted was no number."""
    wanted = np.full((75, ACT_DIM), np.nan, np.float32)
    return [made_up_episode(USUAL, policy_actions=wanted)]


def one_step_in_all():
    """An episode of a single step."""
    return [made_up_episode([O])]


def only_hand_overs():
    """Every step blends two actions, or was stopped by the arbiter."""
    return [made_up_episode([B] * 20 + [S] * 20)]


RULES = {
    contradictory: TRAINED,
    one_step: TRAINED,
    no_correction: SKIPPED,
    none_lately: SKIPPED,
    standing_still: TRAINED,
    never_handed_back: TRAINED,
    labels_with_gaps: TRAINED,
    nothing_usable: SKIPPED,
    nothing_seen: SKIPPED,
    broken_policy: TRAINED,
    one_step_in_all: TRAINED,
    only_hand_overs: SKIPPED,
}
EXCEPTIONS = {
    # It learns from the two actions together.
    ("pvp", broken_policy): SKIPPED,
    # It learns from what was done otherwise.
    ("corrective", standing_still): SKIPPED,
}


@pytest.fixture(scope="module")
def trials():
    replays = Replays(ENV_ID)
    yield Trials(replays, seed=0)
    replays.close()


@pytest.mark.parametrize("case", RULES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("name", LEARNERS.names())
@pytest.mark.filterwarnings("error")
def test_odd_corrections_are_trained_or_skipped_by_a_rule(name, case, trials):
    known = option_names(LEARNERS.get(name))
    options = {key: 10 for key in ("updates", "batches") if key in known}
    wants = getattr(LEARNERS.get(name), "wants_trials", False)
    parts = {"trials": trials} if wants else {}
    learner = LEARNERS.build(name, SPACES, None, 3, options=options, **parts)
    probes = np.random.default_rng(8).normal(size=(30, OBS_DIM)).astype(np.float32)
    before = learner.policy.act_batch(probes)
    figures = learner.update(case(), on_progress=lambda _: None)
    after = learner.policy.act_batch(probes)
    assert all(np.isfinite(value) for value in figures.values())
    assert all_sound(learner.policy.network)
    assert np.isfinite(after).all()
    trained = EXCEPTIONS.get((name, case), RULES[case])
    assert (figures["updates"] > 0) == bool(trained)
    assert np.array_equal(before, after) != bool(trained)


def test_contradictory_corrections_meet_in_the_middle():
    learner = LEARNERS.build("behaviour_cloning", SPACES, None, 3, options={"updates": 300})
    learner.update(contradictory(), on_progress=lambda _: None)
    assert np.abs(learner.policy.act(np.ones(OBS_DIM, np.float32))).max() < 0.3
