"""Episodes of environments with other bounds and parts can be taken up again too."""

import numpy as np
import pytest

from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.robots.environment import make_env
from iml_robot.robots.film import Film
from iml_robot.robots.fleet import make_fleet
from iml_robot.robots.replays import Moment, Replays
from iml_robot.robots.snapshots import Snapshots

COUNTER = "foreign_envs:ForeignCounter-v0"


class Always:
    """Does one thing."""

    def __init__(self, *action):
        self._action = np.float32(action)

    def act_batch(self, observations):
        return np.repeat(self._action[None], len(observations), axis=0)


@pytest.fixture
def episode():
    """Nine steps between the ends of the actions, as a session records them."""
    env, rng = make_env(COUNTER), np.random.default_rng(2)
    actions = rng.uniform(-1, 1, (9, 2)).astype(np.float32)
    seen = [env.reset(seed=4)[0], *(env.step(action)[0] for action in actions)]
    info = EpisodeInfo(0, "practice", COUNTER, 4)
    nothing = np.zeros(9, np.float32)
    return Episode(
        info, np.array(seen, np.float32), actions, actions * np.nan, actions,
        np.zeros(9, np.int64), nothing, nothing, nothing * np.nan,
    )  # fmt: skip


def test_what_follows_a_moment_is_driven_with_rescaled_actions(episode):
    replays = Replays(COUNTER)
    assert replays.possible
    moments = [Moment(episode, 0), Moment(episode, 6)]
    for moment, future in zip(
        moments, replays.futures(moments, [Always(1, -1)] * 2, steps=5), strict=True
    ):
        begun = episode.observations[moment.step]
        np.testing.assert_array_equal(future.observations[0], begun)
        # The ends of the actions are 2 and 0; flattened, "even" comes before "sum".
        wanted = begun[2:] + np.arange(6)[:, None] * [2, 0]
        np.testing.assert_allclose(future.observations[:, 2:], wanted, rtol=1e-5)
    replays.close()


def test_a_fleet_of_them_is_stepped_and_restored_as_one_alone_is():
    fleet = make_fleet(COUNTER, 2, time_limit=False)
    fleet.start([0, 1], [{}, {}])
    fleet.step(np.float32([[1, 1], [-1, 1]]), np.array([True, True]))
    np.testing.assert_allclose(fleet.observations, [[1, 0, 2, 1], [1, 0, -2, 1]])
    env = make_env(COUNTER)
    env.reset(seed=0)
    state = env.get_wrapper_attr("get_state")()
    fleet.restore([state, state])
    np.testing.assert_allclose(fleet.observations, [[0, 1, 0, 0]] * 2)


def test_snapshots_answer_with_the_vector_that_a_reset_answers_with():
    env = make_env(COUNTER)
    first, _ = env.reset(seed=0)
    ring = Snapshots(env, steps=6)
    ring.keep(0)
    env.step(np.float32([1, 1]))
    np.testing.assert_array_equal(ring.go_back(0)[0], first)


def test_a_film_of_them_notices_no_other_course(episode):
    film = Film(COUNTER)
    assert film.frames(episode, 2, 6) is None
    # It comes to the drawing, which this environment cannot do, and not to an error before.
    assert "NotImplementedError" in film.reason
    film.close()
