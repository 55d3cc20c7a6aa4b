"""Rewinding in the middle of an episode: farther and farther, and where a robot stands."""

import numpy as np
from rewinding_rig import Rig

from iml_robot.core.config import load_config
from iml_robot.core.types import EpisodeInfo, OperatorSignal, Request
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators import OPERATORS
from iml_robot.session.chains import REWOUND, continuation
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import build_arbiter, build_env, build_rewinding


class Impatient:
    """Lets the policy drive, and rewinds while it does, after so many steps each time."""

    def __init__(self, *at):
        self._at, self.possible = list(at), []

    def in_env(self, env):
        return self

    def reset(self, *, seed):
        self._steps = 0

    def advise(self, observation, policy_action, info):
        self._steps += 1
        self.possible.append(info["can_rewind"])
        if self._at and self._steps == self._at[0]:
            del self._at[0]
            return OperatorSignal(requests=frozenset({Request.REWIND}))
        return OperatorSignal()


def test_one_can_rewind_in_the_middle(tmp_path):
    session = Rig(tmp_path, Impatient(30)).run(1)
    first, second = session.episodes
    assert first.info.outcome == REWOUND
    assert len(first) == 30
    assert second.info.begins_at in range(30 - 20 - 2, 30 - 20 + 1)


def test_who_rewinds_again_at_once_goes_back_farther_as_often_as_is_allowed(tmp_path):
    operator = Impatient(60, 2, 4)
    session = Rig(tmp_path, operator).run(1)
    first, second, third = session.episodes
    begun = [episode.info.begins_at for episode in session.episodes]
    assert begun[1] in range(60 - 20 - 2, 60 - 20 + 1)
    assert begun[2] in range(begun[1] + 2 - 20 - 2, begun[1] + 2 - 20 + 1)
    assert [len(first), len(second)] == [60, 2]
    assert third.info.outcome != REWOUND
    np.testing.assert_array_equal(third.observations[0], first.observations[begun[2]])
    np.testing.assert_array_equal(third.prelude, first.executed_actions[: begun[2]])
    # There is nothing to go back to at the first step, and after the second time.
    assert operator.possible == [False] + [True] * 61 + [False] * len(third)


def test_who_comes_to_a_robot_that_stands_goes_back_and_drives_past_it():
    class Stands:
        def act(self, observation):
            return np.zeros(2, np.float32)

    config = load_config("point", ["rewind={back_s: 1.0, times: 2}"])
    env = build_env(config)
    # It sees no danger in standing, and takes over where nothing goes on any more.
    patient = {"preset": "ideal", "traits": {"risk_threshold": 1.0}}
    loop = Loop(
        env=env,
        operator=OPERATORS.build("simulated", env, options=patient),
        arbiter=build_arbiter(config, env),
        recorder=MemoryRecorder(),
        view=NullView(),
        pacer=FullSpeedPacer(0.05),
        rewinding=build_rewinding(config, env, people=False),
    )
    start = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3, options={"index": 4})
    stuck = loop.drive(Stands(), start)
    assert (stuck.info.outcome, stuck.human_controlled.any()) == (REWOUND, False)
    again = loop.drive(Stands(), continuation(stuck, 1))
    assert again.info.outcome == "success"
    assert again.corrected[:60].all()
