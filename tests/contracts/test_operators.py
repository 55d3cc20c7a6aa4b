"""What every operator must do, human or simulated."""

import gymnasium
import numpy as np
import pytest
from input_rig import InputRig

from iml_robot.core.types import OperatorSignal
from iml_robot.operators import OPERATORS

ENV_ID = "iml_robot_envs:iml/Point-v0"


@pytest.fixture
def env():
    try:
        env = gymnasium.make(ENV_ID)
    except (ImportError, gymnasium.error.Error) as error:
        pytest.skip(f"{ENV_ID} is not there: {error}")
    yield env
    env.close()


@pytest.fixture(params=OPERATORS.names())
def operator(request, env):
    with InputRig():
        operator = OPERATORS.build(request.param, env)
        yield operator
        getattr(operator, "close", lambda: None)()


def test_both_operators_are_found():
    assert {"human", "simulated"} <= set(OPERATORS.names())


def test_an_operator_advises_through_episodes(env, operator):
    for seed in (0, 1):
        operator.reset(seed=seed)
        observation, info = env.reset(seed=seed)
        for _ in range(20):
            policy_action = np.zeros(env.action_space.shape, dtype=np.float32)
            signal = operator.advise(observation, policy_action, info)
            assert isinstance(signal, OperatorSignal)
            assert signal.age_s >= 0.0
            if signal.action is not None:
                assert signal.action.shape == env.action_space.shape
                assert signal.action.dtype == np.float32
                assert np.abs(signal.action).max() <= 1.0
            observation, _, terminated, truncated, info = env.step(policy_action)
            if terminated or truncated:
                break


def test_an_operator_leaves_the_observation_alone(env, operator):
    operator.reset(seed=3)
    observation, info = env.reset(seed=3)
    before = observation.copy()
    operator.advise(observation, np.zeros(2, dtype=np.float32), info)
    np.testing.assert_array_equal(observation, before)
