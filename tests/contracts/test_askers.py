"""What every asker must do, whatever it goes by."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.asking import ASKERS
from iml_robot.asking.fitting.evidence import drive_alone
from iml_robot.asking.fitting.fitter import Fitter
from iml_robot.core.types import Ask, Decision, Mode, OperatorSignal, Request, Source, Step
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.files import new_policy
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy

ENV_ID = "iml_robot_envs:iml/Point-v0"
OPTIONS = {"level": 0, "split": "correction"}
DT = 0.05
SPACES = Spaces(6, 2)


class Plain:
    """A policy that is no ensemble."""

    def act(self, observation):
        return np.zeros(2, np.float32)

    def act_batch(self, observations):
        return np.zeros((len(observations), 2), np.float32)


class Unsure(Plain):
    """One whose disagreement is not a number."""

    disagreement = np.full(1, np.nan, np.float32)


def ensemble(members):
    return EnsemblePolicy(new_policy("mlp", SPACES, 0, {"members": members}).network)


POLICIES = {
    "plain": Plain,
    "unsure": Unsure,
    "one member": lambda: ensemble(1),
    "ensemble": lambda: ensemble(5),
}


class Pupil:
    """A learner as far as a fit needs one."""

    rehearsal = None

    def __init__(self, policy):
        self.policy = policy


@pytest.fixture(params=ASKERS.names())
def name(request):
    return request.param


@pytest.fixture(params=list(POLICIES))
def policy(request):
    return POLICIES[request.param]()


def build(name, **options):
    return ASKERS.build(name, {}, DT, options=options)


def drive(asker, policy, *, answer=None, steps=60):
    """Return the asks of an episode in which nothing changes but who drives."""
    asker.reset(seed=3)
    seen, last, asks = np.ones(6, np.float32), None, []
    for _ in range(steps):
        wanted = policy.act(seen)
        ask = asker.consider(policy, seen, wanted, last)
        asks.append(ask)
        requests = frozenset({answer}) if answer and ask.asking else frozenset()
        mode = Mode.ASKING if ask.asking and not answer else Mode.AUTO
        decision = Decision(wanted, Source.POLICY, 0.0, mode)
        last = Step(seen, wanted, OperatorSignal(requests=requests), decision, 0.0, ask)
    return asks


def test_it_asks_or_not_and_says_how_probably_help_is_needed(name, policy):
    for ask in drive(build(name), policy):
        assert isinstance(ask, Ask)
        assert isinstance(ask.asking, bool)
        assert np.isnan(ask.p_help) or 0 <= ask.p_help <= 1


def test_it_works_after_a_fit_on_any_policy(name, policy, tmp_path):
    asker = build(name)
    path = tmp_path / "0000.safetensors"
    if getattr(asker, "learns", False):
        asker.maps = 4
        fitter = Fitter(asker, ENV_ID, OPTIONS, dt=DT, seed=0)
        fitter.fit(Pupil(policy), (), path, path)
    asker.prepare(path, ())
    assert len(drive(asker, policy)) == 60


def test_the_same_seed_asks_the_same(name, policy):
    def asked():
        return [ask.asking for ask in drive(build(name), policy)]

    assert asked() == asked()


def test_a_refusal_silences_it_for_a_while(name, policy):
    asked = [a.asking for a in drive(build(name), policy, answer=Request.GIVE_BACK)]
    starts = np.flatnonzero(np.diff(np.r_[0, asked]) == 1)
    # Five seconds are a hundred steps, more than were driven.
    assert len(starts) <= 1


def test_a_pause_changes_nothing(name, policy):
    asker = build(name)
    asks = drive(asker, policy)
    paused = Decision(np.zeros(2, np.float32), Source.SAFETY, 0.0, Mode.PAUSED)
    seen = np.ones(6, np.float32)
    last = Step(seen, seen[:2], OperatorSignal(), paused, 0.0)
    ask = asker.consider(policy, seen, policy.act(seen), last)
    assert ask.asking == asks[-1].asking


def test_it_leaves_what_it_looks_at_alone(name, policy):
    asker = build(name)
    asker.reset(seed=0)
    seen, wanted = np.ones(6, np.float32), np.full(2, 0.5, np.float32)
    asker.consider(policy, seen, wanted, None)
    assert (seen == 1).all()
    assert (wanted == 0.5).all()


def test_a_fit_that_is_missing_or_damaged_ends_no_session(name, policy, tmp_path, caplog):
    asker = build(name)
    asker.prepare(tmp_path / "none.safetensors", ())
    (tmp_path / "0001.asking.npz").write_bytes(b"PK\x03\x04 nothing")
    asker.prepare(tmp_path / "0001.safetensors", ())
    drive(asker, policy)


BAD = {
    "calibrated": [
        {"cost": 0},
        {"cost": 1.5},
        {"unasked": -1},
        {"maps": -1},
        {"asks_per_min": 0},
    ],
    "thrifty": [{"budget": 0}, {"budget": 1}, {"maps": -1}],
    "ensemble_variance": [{"doubt": -0.1}, {"share": 0}, {"maps": -2}],
    "random": [{"per_min": -1}],
}


@pytest.mark.parametrize(
    ("kind", "options"), [(kind, bad) for kind, all_bad in BAD.items() for bad in all_bad]
)
def test_options_that_make_no_sense_are_refused(kind, options):
    from iml_robot.core.errors import UsageError

    with pytest.raises(UsageError, match=next(iter(options))):
        build(kind, **options)


def test_always_asks_and_never_does_not():
    assert all(ask.asking for ask in drive(build("always"), Plain())[2:])
    assert not any(ask.asking for ask in drive(build("never"), Plain()))


def test_random_asks_about_as_often_as_it_is_told():
    asker = build("random", per_min=6.0)
    asks = 0
    for seed in range(20):
        asker.reset(seed=seed)
        asked = [
            asker.consider(Plain(), np.ones(6), np.zeros(2), None).asking
            for _ in range(1200)
        ]
        asks += int((np.diff(np.r_[0, asked]) == 1).sum())
    # Wishes that come while it asks make no new ask: 6 a minute of 2.5 s leave 4.8.
    assert 3.8 < asks / 20 < 6.2


def test_doubt_and_thrift_have_the_share_of_steps_they_were_given(tmp_path):
    policy = ensemble(5)
    gymnasium_env = gym.make(ENV_ID)
    gymnasium_env.close()
    drives = drive_alone(policy, ENV_ID, [OPTIONS] * 6, range(6), DT)
    from iml_robot.asking.fitting.evidence import Evidence

    fitted = build("ensemble_variance", share=0.1).fit(
        Evidence(drives, (), np.zeros((0, 6), np.float32)), None
    )
    # Whatever follows the first seconds of a standstill counts for nothing.
    doubts = np.concatenate([d.disagreements[d.counted] for d in drives])
    assert (doubts > fitted["doubt"]).mean() == pytest.approx(0.1, abs=0.01)


def test_a_learner_can_be_asked_for_the_demonstrations_it_carries():
    learner = LEARNERS.build("hg_dagger", SPACES, None, 0)
    assert learner.rehearsal.observations.shape[1] == 6
