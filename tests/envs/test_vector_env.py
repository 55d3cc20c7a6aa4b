"""Many robots at once: equal to Gymnasium's batch of single ones bit for bit."""

import gymnasium as gym
import numpy as np
import pytest
from batches import MODES, differences, one_by_one, swings, vector
from driving_range import IDS, swing

from iml_robot_envs.autoreset import FINAL_OBSERVATION, HAS_MODES
from iml_robot_envs.snapshot import unpack

COUNT = 3
LIMIT = 12
MAPS = {"level": 2, "split": "val", "index": [4, 9, 4], "noise": [1, 1, 2]}


@pytest.fixture(params=IDS)
def name(request):
    return request.param


def bodies(env):
    """Return the simulated robots of each kind of batch, with their numbers."""
    if hasattr(env, "envs"):
        return [(single.unwrapped.simulation.robots, 0) for single in env.envs]
    return [(env.simulation.robots, robot) for robot in range(env.num_envs)]


def upset(env, robot):
    """Let one robot's simulation diverge, if it is one that can."""
    robots, row = bodies(env)[robot]
    if hasattr(robots, "batch"):
        robots.batch.bind("qvel")[row, 0] = 1e9


def restart(env, result):
    """Begin anew what is over, as one has to without automatic resets."""
    over = result[2] | result[3]
    return env.reset(options={"reset_mask": over, "level": 1}) if over.any() else None


@pytest.mark.parametrize("mode", MODES)
def test_step_for_step_it_is_equal_to_single_environments(name, mode):
    theirs = one_by_one(name, COUNT, mode=mode, max_episode_steps=LIMIT)
    ours = vector(name, COUNT, max_episode_steps=LIMIT, autoreset_mode=mode)
    assert differences(theirs.reset(seed=7), ours.reset(seed=7)) == []
    ends = np.zeros(2)
    for k in range(3 * LIMIT):
        if k in (5, 20):
            upset(theirs, 1)
            upset(ours, 1)
        results = [env.step(swings(env, k)) for env in (theirs, ours)]
        assert differences(*results) == [], f"in step {k}"
        ends += results[1][2].sum(), results[1][3].sum()
        if mode == "Disabled":
            again = [
                restart(env, result)
                for env, result in zip((theirs, ours), results, strict=True)
            ]
            assert differences(*again) == [], f"after step {k}"
    assert ends[0] == 2 if hasattr(bodies(ours)[0][0], "batch") else ends[0] >= 0
    assert ends[1] >= 5
    theirs.close()
    ours.close()


@pytest.mark.parametrize("seeds", [[3], [[5, 1, 8]], [[5, None, 8], None], [4, None, None]])
def test_seeds_draw_the_maps_that_they_draw_for_single_environments(name, seeds):
    theirs, ours = one_by_one(name, COUNT), vector(name, COUNT)
    both = [theirs, ours]
    for env in both:
        env.reset(seed=1)
    for seed in seeds:
        results = [env.reset(seed=seed) for env in both]
        assert differences(*results) == []
    drawn = [[rng.random() for rng in env.np_random] for env in both[1:]]
    assert len(set(drawn[0])) == COUNT


def test_points_that_reach_their_goals_begin_anew_as_single_ones_do():
    theirs, ours = one_by_one("iml/Point-v0", 6), vector("iml/Point-v0", 6)
    pilot = ours.make_pilot()
    seen, _ = theirs.reset(seed=2)
    ours.reset(seed=2)
    successes = 0
    for _ in range(150):
        actions = np.array([pilot.act(observation) for observation in seen])
        results = [env.step(actions) for env in (theirs, ours)]
        assert differences(*results) == []
        seen = results[0][0]
        successes += results[0][2].sum()
    assert successes >= 6


def test_one_and_two_threads_give_the_same_bits(name):
    runs = []
    for threads in (1, 2):
        env = vector(name, 5, threads=threads)
        runs.append([env.reset(seed=3), *(env.step(swings(env, k)) for k in range(15))])
    assert differences(*runs) == []


def test_every_robot_can_have_its_own_map(name):
    env = vector(name, COUNT)
    observations, infos = env.reset(options=MAPS)
    assert infos["index"].tolist() == MAPS["index"]
    assert infos["noise"].tolist() == MAPS["noise"]
    assert infos["level"].tolist() == [2] * COUNT
    single = gym.make(name, disable_env_checker=True)
    for robot in range(COUNT):
        own = {key: v[robot] if isinstance(v, list) else v for key, v in MAPS.items()}
        alone, _ = single.reset(options=own)
        assert alone.tobytes() == observations[robot].tobytes()


def test_numpy_arrays_and_lists_of_text_choose_maps_too(name):
    env = vector(name, 2)
    options = {"level": np.array([0, 3]), "split": ["val", "test"], "index": np.int64(5)}
    infos = env.reset(options=options)[1]
    assert infos["level"].tolist() == [0, 3]
    assert infos["split"].tolist() == ["val", "test"]
    assert infos["index"].tolist() == [5, 5]


def test_a_mask_resets_some_robots_and_leaves_the_others_alone(name):
    env, other = vector(name, COUNT), vector(name, COUNT)
    for each in (env, other):
        each.reset(options=MAPS)
    for k in range(6):
        before = env.step(swings(env, k))
        other.step(swings(other, k))
    options = {"reset_mask": np.array([False, True, False]), "index": 8}
    observations, infos = env.reset(options=options)
    assert options["index"] == 8
    assert "reset_mask" in options
    assert infos["_index"].tolist() == [False, True, False]
    assert infos["index"].tolist() == [0, 8, 0]
    assert infos["split"].tolist() == [None, "train", None]
    np.testing.assert_array_equal(observations[[0, 2]], before[0][[0, 2]])
    later = [each.step(swings(each, 6)) for each in (env, other)]
    np.testing.assert_array_equal(later[0][0][[0, 2]], later[1][0][[0, 2]])
    assert later[0][4]["sim_time"][1] == pytest.approx(env.control_dt)


def test_the_spaces_are_those_of_one_robot_repeated(name):
    single, env = gym.make(name, disable_env_checker=True), vector(name, COUNT)
    assert env.single_observation_space == single.observation_space
    assert env.single_action_space == single.action_space
    assert env.observation_space.shape == (COUNT, *single.observation_space.shape)
    assert env.action_space.shape == (COUNT, *single.action_space.shape)
    observations, _ = env.reset(seed=0)
    assert env.observation_space.contains(observations)
    assert env.action_space.contains(env.action_space.sample())


def test_gymnasium_makes_it_by_its_id(name):
    mode = {} if HAS_MODES else {"vectorization_mode": "custom"}
    env = gym.make_vec(name, num_envs=2, **mode)
    assert type(env.unwrapped).__name__ == "RobotVectorEnv"
    assert env.num_envs == 2
    env.reset(seed=0)
    for k in range(3):
        _, rewards, *_ = env.step(swings(env, k))
    assert rewards.shape == (2,)
    env.close()
    env.close()


def test_the_registration_with_its_batch_survives_being_written_as_text(name):
    spec = gym.envs.registration.EnvSpec.from_json(gym.spec(name).to_json())
    assert spec.vector_entry_point == gym.spec(name).vector_entry_point
    mode = {} if HAS_MODES else {"vectorization_mode": "custom"}
    assert gym.make_vec(spec, num_envs=2, **mode).num_envs == 2


@pytest.mark.skipif(not HAS_MODES, reason="Gymnasium 0.29 passes no options on")
def test_a_made_batch_can_be_made_again_from_the_text_of_its_spec(name):
    env = gym.make_vec(name, num_envs=2, level=3, autoreset_mode="SameStep", threads=1)
    again = gym.make_vec(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert again.num_envs == 2
    assert again.metadata["autoreset_mode"] is gym.vector.AutoresetMode.SAME_STEP
    assert again.reset(seed=0)[1]["level"].tolist() == [3, 3]


def test_results_share_no_memory_with_the_robots_nor_with_each_other(name):
    env, other = vector(name, 2), vector(name, 2)
    for each in (env, other):
        each.reset(seed=5)
    for k in range(4):
        results = [each.step(swings(each, k)) for each in (env, other)]
        assert differences(*results) == []
        observations, rewards, terminations, truncations, infos = results[0]
        for array in (observations, rewards, terminations, truncations, *infos.values()):
            if isinstance(array, np.ndarray):
                array[:] = 1


def test_the_next_step_after_an_end_begins_anew_and_ignores_the_action():
    env = vector("iml/Point-v0", 2, max_episode_steps=3, autoreset_mode="NextStep")
    env.reset(seed=0, options={"index": [1, 2]})
    for _ in range(3):
        *_, truncations, infos = env.step(np.ones((2, 2), np.float32))
    assert truncations.tolist() == [True, True]
    assert FINAL_OBSERVATION not in infos
    observations, rewards, terminations, truncations, infos = env.step(
        np.ones((2, 2), np.float32)
    )
    assert rewards.tolist() == [0.0, 0.0]
    assert not terminations.any()
    assert not truncations.any()
    assert infos["sim_time"].tolist() == [0.0, 0.0]
    assert (observations[:, 2:4] == 0).all()


def test_in_the_same_step_the_last_observation_is_in_the_info():
    env = vector("iml/Point-v0", 2, max_episode_steps=3, autoreset_mode="SameStep")
    other = vector("iml/Point-v0", 2, max_episode_steps=None, autoreset_mode="Disabled")
    for each in (env, other):
        each.reset(seed=0, options={"index": [1, 2]})
    actions = np.ones((2, 2), np.float32)
    for _ in range(3):
        result, expected = env.step(actions), other.step(actions)
    assert result[3].tolist() == [True, True]
    final = result[4][FINAL_OBSERVATION]
    np.testing.assert_array_equal(np.stack(final), expected[0])
    np.testing.assert_array_equal(result[1], expected[1])
    assert result[4]["sim_time"].tolist() == [0.0, 0.0]


def test_without_automatic_resets_an_episode_that_is_over_has_to_be_begun_anew():
    env = vector("iml/Point-v0", 2, max_episode_steps=3, autoreset_mode="Disabled")
    env.reset(seed=0)
    for _ in range(2):
        env.step(np.zeros((2, 2)))
    env.reset(options={"reset_mask": np.array([True, False])})
    env.step(np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"episodes of robots 1 are over; reset them"):
        env.step(np.zeros((2, 2)))


def test_a_robot_that_diverges_does_not_touch_its_neighbours():
    env, calm = (vector("iml/RoverRocks-v0", 4, autoreset_mode="Disabled") for _ in "ab")
    for each in (env, calm):
        each.reset(seed=9)
        each.step(swings(each, 0))
    env.simulation.robots.batch.bind("qvel")[2] = np.nan
    observations, _, terminations, _, infos = env.step(swings(env, 1))
    expected = calm.step(swings(calm, 1))[0]
    assert terminations.tolist() == [False, False, True, False]
    assert infos["outcome"].tolist() == ["", "", "simulation_unstable", ""]
    assert np.isfinite(observations).all()
    np.testing.assert_array_equal(observations[[0, 1, 3]], expected[[0, 1, 3]])


def test_a_snapshot_moves_between_one_robot_and_many(name):
    single, env = gym.make(name, disable_env_checker=True).unwrapped, vector(name, COUNT)
    env.reset(options=MAPS)
    single.reset(options={"level": 1, "split": "val", "index": 0, "noise": 3})
    for k in range(8):
        single.step(swing(single.action_space, k))
    observation, info = env.set_state(1, single.get_state())
    assert info["sim_time"] == pytest.approx(8 * env.control_dt)
    assert env.get_state(1) == single.get_state()
    for k in range(8, 16):
        actions = swings(env, k)
        actions[1] = swing(single.action_space, k)
        result, alone = env.step(actions), single.step(actions[1])
        assert result[0][1].tobytes() == alone[0].tobytes()
        assert result[1][1] == alone[1]
    assert observation.shape == env.single_observation_space.shape
    assert single.set_state(env.get_state(1))[0].tobytes() == alone[0].tobytes()


def test_the_time_limit_goes_back_with_a_snapshot():
    env = vector("iml/Point-v0", 2, max_episode_steps=10, autoreset_mode="Disabled")
    env.reset(seed=0)
    actions = np.zeros((2, 2))
    for _ in range(4):
        env.step(actions)
    early = env.get_state(0)
    for _ in range(5):
        env.step(actions)
    env.set_state(0, early)
    assert env.step(actions)[3].tolist() == [False, True]
    env.reset(options={"reset_mask": np.array([False, True])})
    ends = [env.step(actions)[3].tolist() for _ in range(5)]
    assert ends == [[False, False]] * 4 + [[True, False]]


def test_pictures_are_those_of_single_environments(name):
    env = vector(name, 2, render_mode="rgb_array", render_size=(160, 120))
    single = gym.make(
        name, render_mode="rgb_array", render_size=(160, 120), disable_env_checker=True
    )
    env.reset(options={"level": 1, "split": "val", "index": [3, 6], "noise": 0})
    single.reset(options={"level": 1, "split": "val", "index": 6, "noise": 0})
    pictures = env.render()
    assert [picture.shape for picture in pictures] == [(120, 160, 3)] * 2
    np.testing.assert_array_equal(pictures[1], single.render())
    assert (pictures[0] != pictures[1]).any()
    assert vector(name, 1).render() is None


def test_extras_are_there_as_for_one_robot(name):
    env, single = vector(name, 2), gym.make(name, disable_env_checker=True).unwrapped
    assert env.observation_layout == single.observation_layout
    assert env.control_dt == single.control_dt
    assert env.action_names == single.action_names
    assert env.single_action_space.contains(env.make_pilot().act(env.reset(seed=0)[0][0]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"map": 1}, r"unknown reset option 'map' \(known: index, level, noise, split\)"),
        ({"level": 5}, "level must be one of 0, 1, 2, 3, 4, got 5"),
        ({"level": [1, 2]}, r"level must be one value or 3, one for each robot"),
        ({"index": np.array([1, -1, 2])}, "index must be a whole number from 0 to 9999"),
        ({"split": ["val", "val", "exam"]}, "split must be one of train, .* got 'exam'"),
        ({"reset_mask": [True] * 3}, r"reset_mask must be a Boolean array of shape \(3,\)"),
        ({"reset_mask": np.ones(3)}, "reset_mask must be a Boolean array"),
        ({"reset_mask": np.ones(2, bool)}, "reset_mask must be a Boolean array"),
        ({"reset_mask": np.zeros(3, bool)}, "with at least one True"),
    ],
)
def test_a_wrong_reset_option_names_what_is_allowed(name, options, message):
    env = vector(name, COUNT)
    env.reset(seed=0)
    before = [env.get_state(robot) for robot in range(COUNT)]
    with pytest.raises(ValueError, match=message):
        env.reset(options=options)
    assert [env.get_state(robot) for robot in range(COUNT)] == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda actions: actions * np.nan,
        lambda actions: np.where(np.arange(COUNT)[:, None] == 2, np.inf, actions),
        lambda actions: actions[:2],
        lambda actions: actions[0],
        lambda actions: "ahead",
        lambda actions: None,
    ],
    ids=["nan", "inf in a row", "too few", "one", "text", "nothing"],
)
def test_wrong_actions_are_refused_and_change_nothing(name, spoil):
    env = vector(name, COUNT)
    env.reset(seed=0)
    before = [env.get_state(robot) for robot in range(COUNT)]
    size = env.single_action_space.shape[0]
    with pytest.raises(ValueError, match=rf"3 x {size} finite numbers in \[-1, 1\], got"):
        env.step(spoil(np.zeros((COUNT, size))))
    assert [env.get_state(robot) for robot in range(COUNT)] == before


def test_a_batch_that_was_not_reset_says_so(name):
    env = vector(name, 2, render_mode="rgb_array")
    with pytest.raises(ValueError, match=r"step before reset: call env\.reset"):
        env.step(np.zeros(env.action_space.shape))
    with pytest.raises(ValueError, match="render before reset"):
        env.render()
    with pytest.raises(ValueError, match="get_state before reset"):
        env.get_state(0)
    with pytest.raises(ValueError, match="a reset of some robots before reset"):
        env.reset(options={"reset_mask": np.array([True, False])})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"render_mode": "human"}, "render_mode must be None or rgb_array, got 'human'"),
        ({"level": 9}, "level must be one of"),
        ({"split": "none"}, "split must be one of"),
        ({"threads": 0}, "threads must be at least 1, got 0"),
        (
            {"autoreset_mode": "Later"},
            "None or one of NextStep, SameStep, Disabled, got 'Later'",
        ),
    ],
)
def test_a_wrong_argument_names_what_is_allowed(name, options, message):
    with pytest.raises(ValueError, match=message):
        vector(name, 2, **options)


def test_wrong_numbers_of_robots_and_seeds_are_refused():
    with pytest.raises(ValueError, match="num_envs must be at least 1, got 0"):
        vector("iml/Point-v0", 0)
    env = vector("iml/Point-v0", 2)
    with pytest.raises(
        ValueError, match="seed must be None, a whole number or a list of 2"
    ):
        env.reset(seed=[1, 2, 3])
    env.reset(seed=[1, 2])
    for wrong in (2, -1):
        with pytest.raises(ValueError, match=f"robots are 0 to 1, got {wrong}"):
            env.get_state(wrong)


def test_robots_that_are_left_out_of_a_step_go_on_later_as_if_nothing_had_been(name):
    env, other = vector(name, COUNT), vector(name, COUNT)
    for each in (env, other):
        each.reset(options=MAPS)
        for k in range(5):
            before = each.step(swings(each, k))[0]
    facts, arrays = unpack(env.get_state(1))
    env.simulation.step(np.ones(env.action_space.shape), np.array([0, 2]))
    facts_now, arrays_now = unpack(env.get_state(1))
    assert facts_now == facts
    np.testing.assert_array_equal(arrays_now["trail"], arrays["trail"])
    seen = env.simulation.observe()
    assert seen[1].tobytes() == before[1].tobytes()
    assert (seen[[0, 2]] != before[[0, 2]]).any(axis=1).all()
    for k in range(5, 15):
        results = [each.step(swings(each, k)) for each in (env, other)]
        for one, two in zip(*(result[:4] for result in results), strict=True):
            assert one[1].tobytes() == two[1].tobytes()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_a_snapshot_of_an_ended_episode_goes_on_as_the_mode_says(mode):
    source = vector("iml/Point-v0", 1, max_episode_steps=3, autoreset_mode="Disabled")
    source.reset(options={"index": 5})
    actions = np.zeros((1, 2))
    for _ in range(3):
        source.step(actions)
    env = vector("iml/Point-v0", 1, max_episode_steps=3, autoreset_mode=mode)
    env.set_state(0, source.get_state(0))
    if mode == "Disabled":
        with pytest.raises(ValueError, match="episodes of robots 0 are over"):
            env.step(actions)
        return
    *_, truncations, infos = env.step(actions)
    assert truncations.tolist() == [mode == "SameStep"]
    assert (FINAL_OBSERVATION in infos) == (mode == "SameStep")
    assert infos["sim_time"].tolist() == [0.0]
