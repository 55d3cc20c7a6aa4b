"""Episodes know who drove when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.core.errors import (
    ArtifactError,
    ConfigError,
    InfrastructureError,
    UsageError,
)
from iml_robot.core.types import Episode, EpisodeInfo, OperatorSignal, Source


def episode(sources):
    count = len(sources)
    return Episode(
        info=EpisodeInfo(0, "practice", "x", 0),
        observations=np.zeros((count + 1, 2), np.float32),
        policy_actions=np.zeros((count, 1), np.float32),
        operator_actions=np.zeros((count, 1), np.float32),
        executed_actions=np.zeros((count, 1), np.float32),
        sources=np.array(sources, np.int64),
        authorities=np.zeros(count, np.float32),
        rewards=np.zeros(count, np.float32),
        evaluations=np.full(count, np.nan, np.float32),
    )


@given(st.lists(st.sampled_from(list(Source)), max_size=30))
def test_takeovers_are_the_longest_runs_of_operator_steps(sources):
    trial = episode(sources)
    assert len(trial) == len(sources)
    marked = np.zeros(len(sources), bool)
    for run in trial.takeovers():
        assert all(s is Source.OPERATOR for s in sources[run])
        assert run.start == 0 or sources[run.start - 1] is not Source.OPERATOR
        assert run.stop == len(sources) or sources[run.stop] is not Source.OPERATOR
        marked[run] = True
    assert marked.tolist() == [s is Source.OPERATOR for s in sources]


def test_a_blend_counts_as_human_controlled_but_not_as_correction():
    trial = episode([Source.POLICY, Source.OPERATOR, Source.BLEND, Source.SAFETY])
    assert trial.human_controlled.tolist() == [False, True, True, False]
    assert trial.corrected.tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("fields", "engaged"),
    [
        ({}, False),
        ({"moving": True}, False),
        ({"action": np.zeros(2, np.float32)}, False),
        ({"action": np.zeros(2, np.float32), "moving": True}, True),
        ({"action": np.zeros(2, np.float32), "gripping": True}, True),
    ],
)
def test_an_operator_wants_to_drive_when_a_control_is_held(fields, engaged):
    assert OperatorSignal(**fields).engaged is engaged


def test_errors_carry_the_exit_codes_of_the_command_line():
    errors = (UsageError, ConfigError, ArtifactError, InfrastructureError)
    assert [error.exit_code for error in errors] == [2, 2, 4, 5]
