"""Failures that are taken back: what is driven, recorded, counted and learned."""

import logging
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from rewinding_rig import ENV, KilledError, Rig

import iml_robot_envs  # noqa: F401
from iml_robot.core.config import load_config
from iml_robot.core.errors import ConfigError
from iml_robot.core.types import EpisodeInfo, Mode, OperatorSignal, Request, Source
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.data.store import SessionStore
from iml_robot.learners.frames.selection import helpful, policy_frames
from iml_robot.operators import OPERATORS
from iml_robot.robots.replays import Moment, Replays
from iml_robot.session.chains import continuation, whole_chains
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_arbiter,
    build_env,
    build_learner,
    build_rewinding,
)


class Reckless:
    """Drives off the map, goes back, and drives to the goal; where told so, not at once."""

    def __init__(self, *, rewinds=True):
        self._rewinds, self._failures = rewinds, 0
        self._rewound = False

    def in_env(self, env):
        self._sober = OPERATORS.build("simulated", env, options={"demonstrates": True})
        return self

    def reset(self, *, seed):
        self._sober.reset(seed=seed)
        self._failures = self._failures if self._rewound else 0
        self._rewound = False
        self._wild = self._failures == 0 or (seed % 2 and self._failures == 1)

    def advise(self, observation, policy_action, info):
        if "ended" in info:
            self._failures += 1
            self._rewound = self._rewinds
            request = Request.REWIND if self._rewinds else Request.GIVE_BACK
            return OperatorSignal(requests=frozenset({request}))
        if self._wild:
            return OperatorSignal(action=np.array([-1, 0.3], np.float32), gripping=True)
        return self._sober.advise(observation, policy_action, info)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return Rig(tmp_path_factory.mktemp("rewound"), Reckless()).run(6)


def chains(episodes):
    """Pairs of an episode that was rewound and the one that goes on from it."""
    known = {episode.info.episode_id: episode for episode in episodes}
    return [(known[e.info.continues], e) for e in episodes if e.info.continues is not None]


def test_failures_go_on_from_before_they_happened(session):
    pairs = chains(session.episodes)
    assert pairs
    for failed, following in pairs:
        at = following.info.begins_at - failed.info.begins_at
        assert failed.info.rewound_to == following.info.begins_at
        assert 20 <= len(failed) - at < 20 + 3 or at == 0
        np.testing.assert_array_equal(following.observations[0], failed.observations[at])
        assert following.sources[0] == Source.OPERATOR


def test_each_map_counts_once_and_is_the_same_as_without_rewinding(session, tmp_path):
    plain = Rig(tmp_path, Reckless(), rewind="0").run(6)
    seeds = [e.info.seed for e in session.episodes if e.info.continues is None]
    assert seeds == [e.info.seed for e in plain.episodes]
    assert all(e.info.rewound_to is None for e in plain.episodes)


def test_time_is_counted_exactly(session):
    for row, episode in zip(session.rows, session.episodes, strict=True):
        steps = sum(s in (Source.OPERATOR, Source.BLEND) for s in episode.sources)
        assert row.human_controlled_s == pytest.approx(0.05 * steps)
        assert row.rewound_s == pytest.approx(0.05 * episode.rewound_steps)
    assert sum(row.rewound_s for row in session.rows) > 0


def test_nobody_gets_more_time_or_more_rewinds_than_there_are(session):
    for failed, following in chains(session.episodes):
        assert following.info.begins_at + len(following) <= 200
        first = following
        depth = 0
        while first.info.continues is not None:
            depth += 1
            first = next(
                e for e in session.episodes if e.info.episode_id == first.info.continues
            )
        assert depth <= 2
        assert failed.info.seed == first.info.seed


def test_what_failed_never_counts_as_good_driving(session):
    for failed, _ in chains(session.episodes):
        assert failed.info.outcome != "success"
        assert not len(policy_frames([failed], before_takeover_steps=0))
        if failed.takeovers() and failed.takeovers()[-1].stop > len(failed) - 20:
            assert not helpful(failed)[-1]


def test_a_takeover_that_was_taken_back_did_not_help(session):
    episode = next(e for e in session.episodes if e.takeovers())
    run = episode.takeovers()[0]
    info = replace(episode.info, outcome="success", rewound_to=None)
    begun = info.begins_at
    alone = replace(episode, info=info, sources=np.zeros(len(episode), np.int64))
    alone.sources[run] = Source.OPERATOR
    assert helpful(alone) == [True]
    for stop, helped in ((run.stop, True), (run.stop - 1, False), (run.start, False)):
        back = replace(alone, info=replace(info, rewound_to=begun + stop))
        assert helpful(back) == [helped]


def test_moments_of_a_continuation_can_be_forked(session):
    replays = Replays(ENV)

    class Again:
        def __init__(self, actions):
            self.actions = list(actions)

        def act_batch(self, observations):
            return self.actions.pop(0)[None]

    for _, following in chains(session.episodes):
        step = len(following) // 2
        rest = following.executed_actions[step:]
        (future,) = replays.futures(
            [Moment(following, step)], [Again(rest)], steps=len(rest)
        )
        np.testing.assert_array_equal(future.observations, following.observations[step:])
    replays.close()


def test_the_file_says_the_same_as_the_session(session):
    with SessionStore.read(session.folder / "session.db") as store:
        again = store.episodes()
    assert [e.info for e in again] == [e.info for e in session.episodes]
    for one, other in zip(again, session.episodes, strict=True):
        np.testing.assert_array_equal(one.prelude, other.prelude)


@pytest.mark.parametrize("after", ["rewind", "failure"])
def test_a_killed_session_goes_on_with_the_same_bits(session, tmp_path, after):
    failed, following = chains(session.episodes)[0]
    dies_at = (following.info.episode_id, 5)
    if after == "failure":
        dies_at = (failed.info.episode_id, len(failed))
    with pytest.raises(KilledError):
        Rig(tmp_path, Reckless(), dies_at=dies_at).run(6)
    again = Rig(tmp_path, Reckless()).run(6, resume=True)
    assert len(again.episodes) == len(session.episodes)
    for one, other in zip(again.episodes, session.episodes, strict=True):
        np.testing.assert_array_equal(one.observations, other.observations)
        np.testing.assert_array_equal(one.executed_actions, other.executed_actions)
        assert one.info.begins_at == other.info.begins_at
    assert all(row.human_controlled_s > 0 for row in again.rows)
    assert [row.human_controlled_s for row in again.rows] == [
        row.human_controlled_s for row in session.rows
    ]


def test_a_chain_without_its_end_is_driven_again_from_its_start(session):
    failed, following = chains(session.episodes)[0]
    before = session.episodes[: session.episodes.index(failed)]
    kept = whole_chains([*before, failed])
    assert [e.info.episode_id for e in kept] == [e.info.episode_id for e in before]
    assert following in whole_chains(session.episodes)


def test_who_does_not_want_to_does_not_rewind(tmp_path):
    session = Rig(tmp_path, Reckless(rewinds=False)).run(4)
    assert len(session.episodes) == 4
    assert any(e.info.outcome != "success" for e in session.episodes)


def test_without_snapshots_episodes_end_as_ever_and_that_is_said_once(caplog):
    env = gym.make("Pendulum-v1")
    config = load_config("point", ["rewind=3"])
    with caplog.at_level(logging.WARNING):
        rewinding = build_rewinding(config, env, people=False)
    assert len(caplog.records) == 1
    assert not rewinding.asked(OperatorSignal(requests=frozenset({Request.REWIND})))
    env.close()


def test_settings_that_make_no_sense_are_refused():
    for wrong in ("-1", "{times: 0}", "{patience_s: 0}", "true"):
        with pytest.raises(ConfigError):
            load_config("point", [f"rewind={wrong}"])


class Slow:
    """A person who looks at a failure for a while, rewinds, and needs time to get ready."""

    def __init__(self, answer):
        self.answer, self.asked, self.rewound = answer, 0, False

    def reset(self, *, seed):
        self._getting_ready = 10 if self.rewound else 0

    def advise(self, observation, policy_action, info):
        if "ended" in info:
            self.asked += 1
            self.rewound = self.asked >= 5 and self.answer is Request.REWIND
            requests = {self.answer} if self.asked >= 5 else set()
            return OperatorSignal(requests=frozenset(requests))
        self._getting_ready -= 1
        if self.rewound and self._getting_ready > 0:
            return OperatorSignal()
        return OperatorSignal(action=np.array([-1, 0.3], np.float32), gripping=True)


class Clock(FullSpeedPacer):
    """Counts what goes on between two episodes as part of the next wait."""

    def restart(self):
        self.between_s = 0.0
        return super().restart()

    def wait(self):
        passed_s, self.between_s = self.between_s, 0.0
        return super().wait() + passed_s


class Watched(NullView):
    def __init__(self, pacer):
        self.modes, self.reasons = [], set()
        self._pacer = pacer

    def begin(self, start):
        self._pacer.between_s = 30.0

    def show(self, step, info):
        self.modes.append(step.decision.mode)
        if step.decision.mode is Mode.PAUSED:
            self.reasons.add(step.decision.reason)


def drive_with(operator):
    """Drive an episode, and on from where it is rewound to, with time for a person."""
    config = load_config("point", ["rewind={back_s: 1.0, patience_s: 2.0}"])
    pacer = Clock(0.05)
    view = Watched(pacer)
    env = build_env(config)
    loop = Loop(
        env=env,
        operator=operator,
        arbiter=build_arbiter(config, env),
        recorder=MemoryRecorder(),
        view=view,
        pacer=pacer,
        rewinding=build_rewinding(config, env, people=True),
    )
    policy = build_learner(config, env, seed=0).policy
    start, episodes = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3), []
    while start is not None:
        episodes.append(loop.drive(policy, start))
        start = continuation(episodes[-1], len(episodes))
    env.close()
    return episodes, view


def test_time_stands_still_until_a_person_has_asked_and_is_ready():
    episodes, view = drive_with(Slow(Request.REWIND))
    first, second = episodes[:2]
    assert first.info.rewound_to is not None
    assert second.sources[0] == Source.OPERATOR
    # Four looks at the failure and nine steps to get ready, none of them recorded.
    assert view.modes[len(first) : len(first) + 13] == [Mode.PAUSED] * 13
    assert view.modes[len(first) + 13] is Mode.HUMAN
    assert "out of bounds: rewind 1 s?" in view.reasons
    begun = second.info.begins_at
    farther = "back again: steer, or rewind farther" if begun else "back again: steer"
    assert farther in view.reasons


def test_a_person_who_goes_on_is_not_kept_waiting():
    episodes, view = drive_with(Slow(Request.GIVE_BACK))
    assert len(episodes) == 1
    assert view.modes.count(Mode.PAUSED) == 4


def test_a_person_who_says_nothing_has_three_seconds_or_what_is_configured():
    episodes, view = drive_with(Slow(Request.PAUSE))
    assert len(episodes) == 1
    assert view.modes.count(Mode.PAUSED) == 40
