"""Many robots together do what each does alone; foreign environments join in."""

import numpy as np
import pytest

from iml_robot.robots.environment import make_env
from iml_robot.robots.fleet import make_fleet
from iml_robot.robots.reward_features import features_of

ROVER = "iml_robot_envs:iml/RoverRocks-v0"
POINT = "iml_robot_envs:iml/Point-v0"
FOREIGN = "MountainCarContinuous-v0"


def action_of(place, step, width):
    """Some action, different for every robot and step."""
    angles = 0.7 * place + 0.1 * step + np.arange(width)
    return np.sin(angles).astype(np.float32)


def alone(env_id, seed, options, place, steps):
    """Drive one environment; return observations, rewards, outcome and features."""
    env = make_env(env_id)
    seen, rewards, outcome = [env.reset(seed=seed, options=dict(options))[0]], [], ""
    features = []
    for step in range(steps):
        action = action_of(place, step, env.action_space.shape[0])
        observation, reward, terminated, truncated, info = env.step(action)
        seen.append(observation)
        rewards.append(float(reward))
        features.append(features_of(info))
        if terminated or truncated:
            outcome = info.get("outcome") or "time_limit"
            break
    env.close()
    return np.array(seen, np.float32), rewards, outcome, np.array(features)


@pytest.mark.parametrize(
    ("env_id", "options"),
    [
        (ROVER, [{"level": 2, "split": "val", "index": i} for i in range(3)]),
        (POINT, [{"level": 0, "split": "val", "index": i} for i in range(3)]),
        (FOREIGN, [{}, {}, {}]),
        ("foreign_envs:ForeignFeatured-v0", [{}, {}, {}]),
    ],
)
def test_robots_fare_together_as_they_do_alone(env_id, options):
    fleet = make_fleet(env_id, 3)
    fleet.start([5, 6, 7], options)
    width = make_env(env_id).action_space.shape[0]
    seen = [[row.copy()] for row in fleet.observations]
    rewards, features = [[] for _ in options], [[] for _ in options]
    for step in range(40):
        # The second robot rests after ten steps.
        moving = np.array([not o for o in fleet.outcomes]) & (
            np.array([True, step < 10, True])
        )
        fleet.step(np.stack([action_of(p, step, width) for p in range(3)]), moving)
        for place in np.flatnonzero(moving):
            seen[place].append(fleet.observations[place].copy())
            rewards[place].append(fleet.rewards[place])
            features[place].append(fleet.features[place].copy())
        assert not fleet.rewards[~moving].any()
        assert not fleet.features[~moving].any()
    for place, steps in enumerate((40, 10, 40)):
        wanted = alone(env_id, 5 + place, options[place], place, steps)
        np.testing.assert_array_equal(seen[place], wanted[0])
        assert rewards[place] == pytest.approx(wanted[1], abs=1e-9)
        assert fleet.outcomes[place] == wanted[2]
        assert np.array(features[place]).tobytes() == wanted[3].tobytes()
        assert np.shape(features[place]) == wanted[3].shape
    fleet.close()


def test_snapshots_of_a_single_robot_fit_a_fleet():
    env = make_env(ROVER).unwrapped
    env.reset(seed=0, options={"level": 2, "split": "val", "index": 4})
    for step in range(7):
        env.step(action_of(0, step, 2))
    state = env.get_state()
    fleet = make_fleet(ROVER, 2, time_limit=False)
    fleet.restore([state, state])
    for step in range(7, 15):
        wanted = env.step(action_of(0, step, 2))[0]
        fleet.step(np.stack([action_of(0, step, 2)] * 2), np.array([True, step < 10]))
        np.testing.assert_array_equal(fleet.observations[0], wanted)
    fleet.restore([state, state])
    assert fleet.features.shape == (2, len(env.reward_features))
    assert not fleet.features.any()
    fleet.close()


def test_a_robot_whose_episode_is_over_cannot_move():
    fleet = make_fleet(POINT, 2)
    fleet.start([0, 1], [{"level": 0, "split": "val", "index": i} for i in range(2)])
    moving = np.ones(2, np.bool_)
    while not any(fleet.outcomes):
        fleet.step(np.ones((2, 2), np.float32), moving)
    with pytest.raises(ValueError, match=r"are over; they cannot move"):
        fleet.step(np.ones((2, 2), np.float32), moving)
    fleet.close()
