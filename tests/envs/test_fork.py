"""Forks: copies of one moment that go on alike or apart."""

import gymnasium as gym
import numpy as np
import pytest
from batches import differences, vector
from driving_range import IDS, swing

CHOICE = {"level": 3, "split": "correction", "index": 12, "noise": 5}
COPIES = 3


@pytest.fixture(params=IDS)
def name(request):
    return request.param


def under_way(name, steps=10, **options):
    """Return an environment for one robot in the middle of an episode."""
    env = gym.make(name, disable_env_checker=True, **options).unwrapped
    env.reset(seed=4, options=dict(CHOICE))
    for k in range(steps):
        env.step(swing(env.action_space, k))
    return env


def test_copies_that_do_the_same_stay_equal_to_the_original_bit_for_bit(name):
    env = under_way(name)
    fork = env.fork(COPIES)
    for k in range(10, 35):
        action = swing(env.action_space, k)
        observation, reward, terminated, _, info = env.step(action)
        seen, rewards, terminations, _, infos = fork.step(np.tile(action, (COPIES, 1)))
        assert rewards.tolist() == [reward] * COPIES
        assert terminations.tolist() == [terminated] * COPIES
        if terminated:
            break
        assert [row.tobytes() for row in seen] == [observation.tobytes()] * COPIES
        assert infos["position"].tolist() == [info["position"]] * COPIES
        assert infos["sim_time"].tolist() == [info["sim_time"]] * COPIES
    assert k >= 15


def test_copies_that_do_other_things_equal_single_robots_restored_there(name):
    env = under_way(name)
    state = env.get_state()
    fork = env.fork(COPIES)
    alone = [under_way(name, 0) for _ in range(COPIES)]
    for single in alone:
        single.set_state(state)
    ways = [[], [], []]
    over = np.zeros(COPIES, bool)
    for k in range(10, 25):
        actions = np.array([swing(env.action_space, k + 20 * c) for c in range(COPIES)])
        result = fork.step(actions)
        for robot in np.flatnonzero(~over):
            observation, reward, terminated, _, _ = alone[robot].step(actions[robot])
            assert rewards_of(result, robot) == (reward, terminated)
            if not terminated:
                assert result[0][robot].tobytes() == observation.tobytes()
            ways[robot].append(reward)
        over |= result[2]
    assert len({tuple(way) for way in ways}) == COPIES


def rewards_of(result, robot):
    return result[1][robot], bool(result[2][robot])


def test_a_fork_leaves_the_original_alone(name):
    env, other = under_way(name), under_way(name)
    fork = env.fork(2)
    for k in range(5):
        fork.step(np.full(fork.action_space.shape, (-1.0) ** k))
    assert env.get_state() == other.get_state()
    action = swing(env.action_space, 10)
    assert differences(env.step(action), other.step(action)) == []


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_robot_of_a_batch_forks_and_begins_anew_where_the_original_does(name, mode):
    env = vector(name, 2, max_episode_steps=20, autoreset_mode=mode)
    env.reset(seed=6)
    for k in range(8):
        env.step(np.array([swing(env.single_action_space, k)] * 2))
    fork = env.fork(1, COPIES)
    assert fork.get_state(COPIES - 1) == env.get_state(1)
    indices = set()
    for k in range(8, 35):
        action = swing(env.single_action_space, k)
        original, copies = (
            each.step(np.tile(action, (each.num_envs, 1))) for each in (env, fork)
        )
        for one, many in zip(original[:4], copies[:4], strict=True):
            assert [part.tobytes() for part in many] == [one[1].tobytes()] * COPIES
        assert copies[4]["index"].tolist() == [original[4]["index"][1]] * COPIES
        indices.add(int(original[4]["index"][1]))
    # The time limit, counted from the start of the original, has come once or twice.
    assert len(indices) == 2


def test_the_time_limit_of_a_fork_counts_from_the_original_start():
    env = gym.make("iml/Point-v0", disable_env_checker=True).unwrapped
    env.reset(options={"level": 0, "split": "val", "index": 0})
    for _ in range(150):
        env.step(np.zeros(2))
    fork = env.fork(2)
    short = env.fork(2, max_episode_steps=160)
    for batch, left in ((fork, 50), (short, 10)):
        ends = [batch.step(np.zeros((2, 2)))[3].tolist() for _ in range(left)]
        assert ends == [[False, False]] * (left - 1) + [[True, True]]


def test_forking_draws_no_map_anew():
    env = under_way("iml/RoverRocks-v0")
    terrain = env.simulation.grounds.terrains[0]
    assert all(t is terrain for t in env.fork(4).simulation.grounds.terrains)


def test_mistakes_are_said_in_words(name):
    env = gym.make(name, disable_env_checker=True).unwrapped
    with pytest.raises(ValueError, match="get_state before reset"):
        env.fork(2)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="a fork needs at least 1 copy, got 0"):
        env.fork(0)
    with pytest.raises(ValueError, match="robots are 0 to 1, got 2"):
        env.fork(2).fork(2, 1)
