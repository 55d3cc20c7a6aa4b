"""What every robot of this package promises; new ones are tested by being registered."""

import gymnasium as gym
import numpy as np
import pytest
from driving_range import IDS, fingerprint, run, swing
from gymnasium.utils.env_checker import check_env

INFO = {
    "outcome": str, "success": bool, "speed": float, "yaw_rate": float, "roll": float,
    "pitch": float, "heading": float, "position": tuple, "altitude": float,
    "distance_to_goal": float, "level": int, "split": str, "index": int, "noise": int,
    "sim_time": float, "reward_terms": dict, "features": np.ndarray,
}  # fmt: skip
CHOICE = {"level": 2, "split": "val", "index": 4, "noise": 7}


def make(name, **options):
    return gym.make(name, disable_env_checker=True, **options)


@pytest.fixture(params=IDS)
def name(request):
    return request.param


@pytest.fixture
def env(name):
    made = make(name)
    yield made
    made.close()


def test_there_are_a_rover_and_a_point():
    assert {"iml/RoverRocks-v0", "iml/Point-v0"} <= set(IDS)


@pytest.mark.parametrize("mode", [None, "rgb_array", "human"])
def test_gymnasium_finds_nothing_wrong(name, mode):
    checked = make(name, render_mode=mode)
    check_env(checked.unwrapped, skip_render_check=False)
    checked.close()
    checked.close()


def test_the_same_seed_gives_the_same_run_bit_for_bit(name):
    runs = []
    for _ in range(2):
        env = make(name)
        observation, info = env.reset(seed=11)
        runs.append((observation.tobytes(), repr(info), fingerprint(run(env, 40))))
    assert runs[0] == runs[1]


def test_different_seeds_and_a_second_reset_give_different_maps(env):
    indices = [env.reset(seed=1)[1]["index"], env.reset(seed=2)[1]["index"]]
    indices.append(env.reset()[1]["index"])
    assert len(set(indices)) == 3


def test_reset_options_choose_the_map_and_the_seed_does_not(env):
    seen = [env.reset(seed=seed, options=dict(CHOICE)) for seed in (1, 2)]
    assert seen[0][0].tobytes() == seen[1][0].tobytes()
    assert {key: seen[0][1][key] for key in CHOICE} == CHOICE


def test_level_and_split_of_the_constructor_are_what_reset_falls_back_to(name):
    env = make(name, level=3, split="practice")
    info = env.reset(seed=0)[1]
    assert (info["level"], info["split"]) == (3, "practice")
    assert env.reset(options={"level": 1})[1]["split"] == "practice"


def test_observations_share_no_memory_and_do_not_change_afterwards(env):
    observations = [env.reset(options=dict(CHOICE))[0]]
    copies = [observations[0].copy()]
    infos = []
    for k in range(5):
        observation, _, _, _, info = env.step(swing(env.action_space, k))
        assert not any(np.shares_memory(observation, old) for old in observations)
        assert not any(info is old for old in infos)
        observations.append(observation)
        copies.append(observation.copy())
        infos.append(info)
    np.testing.assert_array_equal(observations, copies)
    assert len({o.tobytes() for o in observations}) == len(observations)


def test_observations_are_in_their_space_whatever_the_actions(env):
    rng = np.random.default_rng(0)
    for level in range(5):
        observation, _ = env.reset(options={"level": level, "split": "val", "index": 1})
        for _ in range(60):
            assert env.observation_space.contains(observation)
            action = rng.choice([-1, -0.3, 0, 0.7, 1], env.action_space.shape)
            observation, reward, terminated, _, _ = env.step(action.astype(np.float32))
            assert np.isfinite(reward)
            if terminated:
                break


def test_reward_terms_add_up_to_the_reward(env):
    env.reset(options=dict(CHOICE))
    results = run(env, 60)
    for _, reward, _, _, info in results:
        assert sum(info["reward_terms"].values()) == pytest.approx(reward, abs=1e-12)
    assert len(info["reward_terms"]) >= 2


def test_progress_pays_the_metres_gained(env):
    info = env.reset(options=dict(CHOICE))[1]
    for _, _, _, _, later in run(env, 20):
        gained = info["distance_to_goal"] - later["distance_to_goal"]
        assert later["reward_terms"]["progress"] == pytest.approx(gained, abs=1e-12)
        info = later


def test_info_has_the_same_keys_and_types_at_reset_and_step(env):
    infos = [env.reset(options=dict(CHOICE))[1], run(env, 1)[0][4]]
    for info in infos:
        assert {key: type(value) for key, value in info.items()} == INFO
        assert [type(part) for part in info["position"]] == [float, float]
    assert infos[0]["outcome"] == ""
    assert infos[0]["reward_terms"] == {}


def test_simulated_time_counts_control_periods(env):
    assert env.reset(options=dict(CHOICE))[1]["sim_time"] == 0
    dt = env.get_wrapper_attr("control_dt")
    times = [info["sim_time"] for *_, info in run(env, 10)]
    np.testing.assert_allclose(times, dt * np.arange(1, 11))


def test_a_point_at_rest_without_wind_is_truncated_by_the_time_limit_alone():
    env = make("iml/Point-v0")
    env.reset(options={"level": 0, "split": "val", "index": 0})
    ends = [env.step(np.zeros(2, np.float32))[2:] for _ in range(200)]
    assert [end[:2] for end in ends] == [(False, False)] * 199 + [(False, True)]
    assert ends[-1][2]["outcome"] == ""
    assert ends[-1][2]["sim_time"] == pytest.approx(10.0)


def test_time_limits_are_whole_seconds(env):
    seconds = env.spec.max_episode_steps * env.get_wrapper_attr("control_dt")
    assert seconds % 1 == pytest.approx(0)


def test_extras_are_reached_through_wrappers(env):
    assert env.get_wrapper_attr("control_dt") == 0.05
    layout = env.get_wrapper_attr("observation_layout")
    size, names = env.observation_space.shape[0], layout["state"]["names"]
    assert layout["state"]["start"] + len(names) == size
    assert len(env.get_wrapper_attr("action_names")) == env.action_space.shape[0]
    assert len(layout["action"]["names"]) == env.action_space.shape[0]


def test_the_pilot_acts_within_the_action_space_and_judges_risk(env):
    pilot = env.get_wrapper_attr("make_pilot")()
    pilot.reset(seed=0)
    observation, _ = env.reset(options=dict(CHOICE))
    for k in range(20):
        action = pilot.act(observation)
        assert env.action_space.contains(action)
        assert 0 <= pilot.risk(observation, swing(env.action_space, k)) <= 1
        observation, *_ = env.step(action)


@pytest.mark.parametrize("size", [(320, 240), (241, 500)])
def test_pictures_have_the_size_that_was_set(name, size):
    env = make(name, render_mode="rgb_array")
    env.reset(options=dict(CHOICE))
    env.unwrapped.render_size = size
    picture = env.render()
    assert (picture.dtype, picture.shape) == (np.uint8, (size[1], size[0], 3))
    assert picture.std() > 1


def test_the_robot_and_a_path_ahead_of_it_are_where_project_says(name):
    env = make(name, render_mode="rgb_array")
    info = env.reset(options=dict(CHOICE))[1]
    env.render()
    project = env.get_wrapper_attr("project")
    width, height = env.unwrapped.render_size
    x, y = project(np.array([info["position"]]))[0]
    assert 0 <= x <= width
    assert 0 <= y <= height
    ahead = np.zeros(env.action_space.shape, np.float32)
    ahead[0] = 1
    path = env.get_wrapper_attr("preview_path")(ahead, 1.0)
    assert path.shape == (10, 2)
    along = (np.cos(info["heading"]), np.sin(info["heading"]))
    assert ((path - info["position"]) @ along > 0).all()
    assert project(path).shape == (10, 2)


def test_without_a_render_mode_nothing_is_drawn(env):
    env.reset()
    assert env.unwrapped.render() is None


def test_the_spec_survives_being_written_as_text(env):
    spec = gym.envs.registration.EnvSpec.from_json(env.spec.to_json())
    assert gym.make(spec).observation_space == env.observation_space
