"""Any Gymnasium environment with a flat Box is a robot; others are refused in words."""

import numpy as np
import pytest

from iml_robot.core.errors import UsageError
from iml_robot.robots.environment import control_period_s, make_env


def named(name):
    return f"foreign_envs:Foreign{name}-v0"


def test_actions_from_minus_one_to_one_reach_the_ends_of_any_range():
    env = make_env(named("Fine"))
    env.reset(seed=0)
    for action in ([-1, -1], [0, 0], [1, 1]):
        env.step(np.float32(action))
    np.testing.assert_allclose(env.unwrapped.received, [[-2, 0], [0, 0.5], [2, 1]])
    np.testing.assert_array_equal(env.action_space.low, [-1, -1])


def test_the_control_period_is_that_of_the_frame_rate_where_nothing_else_is_said():
    assert control_period_s(make_env(named("Fine"))) == pytest.approx(1 / 25)


@pytest.mark.parametrize("name", ["Pendulum-v1", "MountainCarContinuous-v0"])
def test_the_small_environments_of_gymnasium_draw_themselves_while_driven(name):
    env = make_env(name, render_mode="rgb_array")
    env.reset(seed=0)
    for action in (-1.0, 0.3, 1.0):
        env.step(np.array([action], np.float32))
        picture = env.render()
        assert picture.shape[2] == 3
        assert picture.std() > 1
    env.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Endless", "have no bounds"),
        ("Switches", r"actions of .* are MultiBinary\(3\); .* flat Box"),
        ("Whole", "are whole numbers"),
        ("Camera", "hold pictures .* ObservationWrapper"),
        ("Filmed", "hold pictures .* ObservationWrapper"),
        ("Talking", "have no fixed number of parts"),
        ("Vast", "are 5000 numbers when flattened, at most 4096"),
        ("Broken", "no port /dev/ttyUSB0"),
        ("Nobody", "ForeignNobody"),
    ],
)
def test_an_environment_that_does_not_fit_is_refused_with_the_reason(name, words):
    with pytest.raises(UsageError, match=words):
        make_env(named(name))


def test_an_environment_without_pictures_is_refused_only_for_the_window():
    make_env(named("Blind"))
    with pytest.raises(UsageError, match="needs the render mode 'rgb_array': it has ansi"):
        make_env(named("Blind"), render_mode="rgb_array")


def test_a_module_that_cannot_be_imported_is_named():
    with pytest.raises(UsageError, match="no_such_module"):
        make_env("no_such_module:X-v0")


def test_observations_of_several_parts_become_one_vector_and_lose_nothing():
    env = make_env(named("Named"))
    seen, _ = env.reset(seed=0)
    # Gymnasium flattens the parts by name: gear, a choice of three, before speed.
    assert env.observation_space.shape == (5,)
    np.testing.assert_allclose(seen, [0, 0, 1, 0.5, -0.5])
    assert seen.dtype == np.float32
    assert env.step(np.float32([0, 0]))[0] in env.observation_space


def test_an_environment_without_time_limit_goes_on_and_keeps_its_action_bounds():
    env = make_env(named("Short"), time_limit=False)
    for _ in range(4):
        *_, truncated, _ = env.step(np.float32([1, 1]))
        assert not truncated
    np.testing.assert_allclose(env.unwrapped.received, [[2, 1]] * 4)
    limited = make_env(named("Short"))
    limited.reset(seed=0)
    assert [limited.step(np.float32([0, 0]))[3] for _ in range(3)] == [False, False, True]
