"""A simulated person who drives whole episodes."""

import numpy as np
import pytest
from point_corrections import ENV_ID, make_point

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import EpisodeInfo, Source
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators import OPERATORS
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop


class Wrong:
    """A policy that steers to one side only."""

    def act(self, observation):
        return np.array([-1.0, -1.0], np.float32)


def drive(seed, **options):
    env = make_point()
    operator = OPERATORS.build("simulated", env, options=options)
    loop = Loop(
        env, operator, Takeover(2), MemoryRecorder(), NullView(), FullSpeedPacer(0.05)
    )
    start = EpisodeInfo(0, "practice", ENV_ID, seed, {"level": 0, "split": "correction"})
    episode = loop.drive(Wrong(), start)
    env.close()
    return episode


@pytest.mark.parametrize("preset", ["ideal", "typical"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_step_is_the_operators_and_leads_to_the_goal(preset, seed):
    episode = drive(seed, preset=preset, demonstrates=True)
    assert (episode.sources == Source.OPERATOR).all()
    assert [(t.start, t.stop) for t in episode.takeovers()] == [(0, len(episode))]
    assert episode.human_controlled.all()
    assert np.isfinite(episode.operator_actions).all()
    assert episode.info.outcome == "success"


def test_without_it_the_policy_drives_first():
    assert drive(0, preset="ideal").sources[0] == Source.POLICY
