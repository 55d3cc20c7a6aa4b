"""Which episodes are handed to a learner that works beside the loop."""

import numpy as np
import pytest
from point_corrections import OBS_DIM, SPACES, made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.training.improver import Improver
from iml_robot.training.worker import newly_learnable

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


def episode(kind):
    """An episode that teaches something, agrees with the policy, or is not corrected."""
    sources = [P] * 20 if kind == "plain" else [P] * 10 + [O] * 5 + [P] * 5
    found = made_up_episode(sources)
    found.policy_actions[:] = 0.0
    if kind != "plain":
        found.operator_actions[10:15] = 0.9 if kind == "teaches" else 0.1
    return found


@pytest.mark.parametrize(
    ("kinds", "learned", "end"),
    [
        (["teaches", "agrees", "plain"], 0, 1),
        (["agrees", "teaches", "agrees"], 0, 2),
        (["teaches", "teaches", "plain"], 0, 2),
        # What was learned already hides nothing.
        (["teaches", "agrees", "plain"], 1, 2),
        (["teaches", "plain", "plain"], 1, 3),
        (["plain"], 0, 1),
    ],
)
def test_the_newest_episode_that_teaches_something_new_comes_last(kinds, learned, end):
    episodes = [episode(kind) for kind in kinds]
    assert len(newly_learnable(episodes, learned)) == end


def test_the_report_says_that_the_operator_did_what_the_policy_wanted(tmp_path):
    improver = Improver(
        LEARNERS.build("corrective", SPACES, None, 0, options={"updates": 5}),
        policy_path=lambda version: tmp_path / f"{version}.safetensors",
    )
    seen = np.ones((4, OBS_DIM), np.float32)
    before = improver.learner.policy.act_batch(seen)
    episodes = [episode("teaches"), episode("agrees")]
    said = improver.improve(episodes, on_progress=lambda part: None)
    assert said.decision == "policy 0 stays: the operator did what it wanted"
    np.testing.assert_array_equal(improver.learner.policy.act_batch(seen), before)
    said = improver.improve(episodes[:1], on_progress=lambda part: None)
    assert said.accepted
