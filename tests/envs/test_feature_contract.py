"""What the reward features of every task promise."""

import dataclasses
import importlib

import gymnasium as gym
import numpy as np
import pytest
from batches import swings, vector
from driving_range import IDS, run, swing

from iml_robot_envs.features.driving import Driving
from iml_robot_envs.features.feature_set import FeatureSet
from iml_robot_envs.maps import MapChoice
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.snapshot import pack, unpack

CHOICE = {"level": 2, "split": "val", "index": 4, "noise": 7}
MOST = 10
"""More features than this take more answers than anybody gives."""


@pytest.fixture(params=IDS)
def name(request):
    return request.param


@pytest.fixture
def env(name):
    made = gym.make(name, disable_env_checker=True)
    yield made
    made.close()


def task_of(env):
    module = importlib.import_module(type(env.unwrapped).__module__)
    return module.TASK


def told(results):
    return np.array([info["features"] for *_, info in results])


def test_features_have_names_meanings_scales_and_weights(env):
    described = env.get_wrapper_attr("reward_features")
    assert 4 <= len(described) <= MOST
    for name, facts in described.items():
        assert name.replace("_", "").isalpha()
        assert set(facts) == {"meaning", "unit", "mean", "std", "weight"}
        assert len(facts["meaning"].split()) >= 3
        assert np.isfinite([facts["mean"], facts["std"], facts["weight"]]).all()
        assert facts["weight"] != 0


def test_every_feature_varied_in_the_reference_drives(env):
    described = env.get_wrapper_attr("reward_features")
    scales = np.array([[f["mean"], f["std"]] for f in described.values()])
    assert (scales[:, 1] > 1e-3).all()
    # Who has measured nothing has 0 and 1.
    assert not (scales == [0, 1]).all(axis=1).any()


def test_many_robots_describe_their_features_as_one_does(name, env):
    assert vector(name, 2).reward_features == env.get_wrapper_attr("reward_features")


def test_whoever_changes_a_description_changes_no_other(env):
    described = env.get_wrapper_attr("reward_features")
    first = next(iter(described))
    described[first]["weight"] = 99.0
    assert env.get_wrapper_attr("reward_features")[first]["weight"] != 99.0


def test_every_info_has_finite_features_and_a_reset_zeros(env):
    count = len(env.get_wrapper_attr("reward_features"))
    _, info = env.reset(options=dict(CHOICE))
    assert (info["features"].dtype, info["features"].shape) == (np.float32, (count,))
    assert not info["features"].any()
    rng = np.random.default_rng(0)
    features = []
    for _ in range(60):
        action = rng.choice([-1, -0.3, 0, 0.7, 1], env.action_space.shape)
        *_, terminated, _, info = env.step(action.astype(np.float32))
        features.append(info["features"])
        if terminated:
            break
    assert np.array(features).dtype == np.float32
    assert np.isfinite(features).all()
    assert np.ptp(features, axis=0)[:2].all()


def test_features_are_arrays_of_their_own(env):
    env.reset(options=dict(CHOICE))
    features = [info["features"] for *_, info in run(env, 3)]
    copies = [row.copy() for row in features]
    run(env, 2, first=3)
    assert [row.tobytes() for row in features] == [row.tobytes() for row in copies]


def test_only_progress_and_what_ends_an_episode_can_be_negative(env):
    described = env.get_wrapper_attr("reward_features")
    env.reset(options=dict(CHOICE))
    features = told(run(env, 60))
    for column, name in enumerate(described):
        if name != "progress":
            assert (features[:, column] >= 0).all(), name


def test_progress_is_the_metres_gained_in_a_second(env):
    column = list(env.get_wrapper_attr("reward_features")).index("progress")
    info = env.reset(options=dict(CHOICE))[1]
    for *_, later in run(env, 20):
        gained = info["distance_to_goal"] - later["distance_to_goal"]
        expected = gained / env.get_wrapper_attr("control_dt")
        assert later["features"][column] == pytest.approx(expected, abs=1e-5)
        info = later


def test_the_same_seed_gives_the_same_features_bit_for_bit(name):
    runs = []
    for _ in range(2):
        env = gym.make(name, disable_env_checker=True)
        env.reset(seed=11)
        runs.append(told(run(env, 40)).tobytes())
    assert runs[0] == runs[1]


def test_features_of_many_robots_are_those_of_each_alone(name):
    count = 3
    batch = vector(name, count)
    maps = {"level": 2, "split": "val", "index": [4, 9, 11], "noise": [1, 1, 2]}
    _, infos = batch.reset(options=maps)
    assert not infos["features"].any()
    singles = []
    for robot in range(count):
        single = gym.make(name, disable_env_checker=True)
        single.reset(options={k: v[robot] if isinstance(v, list) else v
                              for k, v in maps.items()})  # fmt: skip
        singles.append(single)
    for k in range(25):
        actions = swings(batch, k)
        *_, infos = batch.step(actions)
        alone = [
            env.step(a)[4]["features"] for env, a in zip(singles, actions, strict=True)
        ]
        assert infos["features"].dtype == np.float32
        assert infos["features"].tobytes() == np.array(alone).tobytes()
        assert infos["_features"].all()


def test_who_stays_has_no_features(name):
    env = vector(name, 3)
    env.reset(options=CHOICE)
    env.step_only(swings(env, 0), np.ones(3, np.bool_))
    *_, infos = env.step_only(swings(env, 1), np.array([True, False, True]))
    assert infos["features"].shape == (3, len(env.reward_features))
    assert infos["features"].any(axis=1).tolist() == [True, False, True]
    *_, infos = env.step_only(swings(env, 1), np.zeros(3, np.bool_))
    assert not infos["features"].any()


def test_after_going_back_features_are_the_same_bit_for_bit(name, env):
    env.reset(options=dict(CHOICE))
    run(env, 15)
    snapshot = env.unwrapped.get_state()
    future = told(run(env, 10, first=15)).tobytes()
    for where in (env, gym.make(name, disable_env_checker=True)):
        _, info = where.unwrapped.set_state(snapshot)
        assert not info["features"].any()
        again = [where.unwrapped.step(swing(env.action_space, k)) for k in range(15, 25)]
        assert told(again).tobytes() == future


def test_copies_of_a_robot_have_its_features(env):
    env.reset(options=dict(CHOICE))
    run(env, 15)
    fork = env.unwrapped.fork(2)
    actions = np.stack([swing(env.action_space, 15)] * 2)
    *_, infos = fork.step(actions)
    *_, info = env.step(actions[0])
    assert infos["features"][0].tobytes() == info["features"].tobytes()
    assert infos["features"][1].tobytes() == info["features"].tobytes()


def test_a_snapshot_from_before_there_were_features_fits(env):
    env.reset(options=dict(CHOICE))
    run(env, 5)
    facts, arrays = unpack(env.unwrapped.get_state())
    del arrays["last_action"]
    observation, _ = env.unwrapped.set_state(pack(facts, arrays))
    env.unwrapped.set_state(env.unwrapped.get_state())
    assert env.observation_space.contains(observation)


def test_features_change_nothing_else(env):
    task = task_of(env)
    runs = []
    for features in (task.features, ()):
        simulation = Simulation(dataclasses.replace(task, features=features), 1)
        simulation.start(np.array([0]), [MapChoice(2, "val", 4, 7)])
        seen = [simulation.observe()]
        for k in range(20):
            action = swing(env.action_space, k)[None].astype(np.float64)
            rewards = simulation.step(action)
            seen += [simulation.observe(), rewards.total]
        assert rewards.features.shape == (1, len(simulation.features.features))
        runs.append([part.tobytes() for part in seen])
    assert runs[0] == runs[1]


def test_two_features_of_one_name_are_refused():
    with pytest.raises(ValueError, match="needs a name of its own"):
        FeatureSet("Point", (Driving(1.0), Driving(2.0)), 1)


def test_a_task_that_nobody_has_measured_has_the_usual_scale():
    described = FeatureSet("Nowhere", (Driving(1.0),), 1).describe()
    assert {(f["mean"], f["std"]) for f in described.values()} == {(0.0, 1.0)}
