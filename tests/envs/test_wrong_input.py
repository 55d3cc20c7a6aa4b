"""Mistakes are said in words, and a diverging simulation ends the episode."""

import gymnasium as gym
import numpy as np
import pytest
from driving_range import IDS


@pytest.fixture(params=IDS)
def name(request):
    return request.param


@pytest.fixture
def env(name):
    return gym.make(name, disable_env_checker=True).unwrapped


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"map": 1}, r"unknown reset option 'map' \(known: index, level, noise, split\)"),
        ({"level": 5}, r"level must be one of 0, 1, 2, 3, 4, got 5"),
        ({"level": "2"}, r"level must be one of 0, 1, 2, 3, 4, got '2'"),
        ({"level": True}, r"level must be one of 0, 1, 2, 3, 4, got True"),
        ({"level": np.nan}, r"level must be one of .*, got nan"),
        ({"split": "exam"}, r"split must be one of train, val, test, .*, got 'exam'"),
        ({"split": ["val"]}, r"split must be one of .*, got \['val'\]"),
        (
            {"index": -1},
            r"index must be a whole number from 0 to 9999 in split 'train', got -1",
        ),
        ({"split": "val", "index": 1000}, r"from 0 to 999 in split 'val', got 1000"),
        ({"index": 1.5}, r"index must be a whole number .*, got 1.5"),
        ({"noise": -1}, r"noise must be a whole number from 0 to 999999, got -1"),
        ({"noise": False}, r"noise must be a whole number from 0 to 999999, got False"),
    ],
)
def test_a_wrong_reset_option_names_what_is_allowed(env, options, message):
    with pytest.raises(ValueError, match=message):
        env.reset(options=options)


def test_numpy_integers_are_whole_numbers(env):
    _, info = env.reset(options={"level": np.int64(1), "index": np.int32(7)})
    assert (info["level"], info["index"]) == (1, 7)
    assert type(info["index"]) is int


@pytest.mark.parametrize(
    "spoil",
    [
        lambda action: [np.nan, *action[1:]],
        lambda action: [*action[1:], np.inf],
        lambda action: action[1:],
        lambda action: [0.0, *action],
        lambda action: [action],
        lambda action: 0.5,
        lambda action: "ahead",
        lambda action: None,
    ],
    ids=["nan", "inf", "short", "long", "nested", "number", "text", "nothing"],
)
def test_an_action_that_is_none_is_refused_and_changes_nothing(env, spoil):
    env.reset(options={"index": 0})
    before = env.get_state()
    size = env.action_space.shape[0]
    with pytest.raises(
        ValueError, match=rf"an action is {size} finite numbers in \[-1, 1\], got"
    ):
        env.step(spoil([0.0] * size))
    assert env.get_state() == before


def test_actions_beyond_the_limits_count_as_the_limits(env):
    futures = []
    signs = np.where(np.arange(env.action_space.shape[0]) % 2, -1.0, 1.0)
    for action in (signs * 1e9, signs):
        env.reset(options={"index": 0, "noise": 0})
        futures.append([env.step(np.array(action))[0].tobytes() for _ in range(5)])
    assert futures[0] == futures[1]


def test_step_and_render_before_reset_are_refused(name):
    fresh = gym.make(name, render_mode="rgb_array", disable_env_checker=True).unwrapped
    with pytest.raises(ValueError, match=r"step before reset: call env\.reset"):
        fresh.step(np.zeros(fresh.action_space.shape, np.float32))
    with pytest.raises(ValueError, match="render before reset"):
        fresh.render()
    with pytest.raises(ValueError, match="project before render"):
        fresh.project(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"render_mode": "ansi"},
            "render_mode must be None, human or rgb_array, got 'ansi'",
        ),
        ({"level": 9}, "level must be one of"),
        ({"split": "none"}, "split must be one of"),
    ],
)
def test_a_wrong_argument_of_the_constructor_names_what_is_allowed(name, options, message):
    task = type(gym.make(name, disable_env_checker=True).unwrapped)
    with pytest.raises(ValueError, match=message):
        task(**options)


@pytest.mark.parametrize("absurd", [1e3, 1e9, 1e200, np.inf, np.nan])
@pytest.mark.parametrize("dof", [0, 4, 7], ids=["ahead", "pitching", "wheel"])
def test_a_diverging_simulation_ends_the_episode_without_nan(absurd, dof):
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 2, "split": "val", "index": 0})
    action = np.array([0.5, 0.1], np.float32)
    _, _, _, _, sound = env.step(action)
    env.simulation.robots.batch.bind("qvel")[0, dof] = absurd
    observation, reward, terminated, truncated, info = env.step(action)
    assert info["outcome"] == "simulation_unstable"
    assert (terminated, truncated) == (True, False)
    assert env.observation_space.contains(observation)
    assert reward == pytest.approx(-10.02)
    assert info["position"] == sound["position"]
    assert all(np.isfinite(v) for v in info.values() if isinstance(v, float))
    env.reset()
    assert env.step(action)[4]["outcome"] == ""


def test_mujocos_warnings_go_to_the_log_and_not_to_a_file(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True).unwrapped
    env.reset()
    env.simulation.robots.batch.bind("qvel")[0, 0] = np.nan
    env.step(np.zeros(2, np.float32))
    assert "simulation is unstable" in caplog.text
    assert list(tmp_path.iterdir()) == []
