"""Films of recorded segments show exactly what happened, or nothing."""

import time
from dataclasses import replace

import foreign_envs  # noqa: F401  # registers environments
import numpy as np
import pytest
from point_corrections import ENV_ID, Idle, corrected_episode, make_point

from iml_robot.core.feedback import Segment
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.robots.environment import make_env
from iml_robot.robots.film import Film, SegmentFilms

ROVER = "iml_robot_envs:iml/RoverRocks-v0"
SIZE = (120, 90)


def camera_on(env_id):
    """An environment that draws pictures of the size of these tests."""
    env = make_env(env_id, render_mode="rgb_array")
    if hasattr(env.unwrapped, "render_size"):
        env.unwrapped.render_size = SIZE
    return env


def driven(env_id, steps, *, seed=3, options=None):
    """An episode with wavering actions."""
    env, rng = camera_on(env_id), np.random.default_rng(0)
    seen, actions = [env.reset(seed=seed, options=options or {})[0]], []
    for _ in range(steps):
        actions.append(rng.uniform(-0.3, 0.6, env.action_space.shape).astype(np.float32))
        seen.append(env.step(actions[-1])[0])
    env.close()
    nothing = np.zeros(steps, np.float32)
    info = EpisodeInfo(0, "practice", env_id, seed, options or {})
    did = np.array(actions)
    columns = (did, did, did, np.zeros(steps, np.int64), nothing, nothing, nothing)
    return Episode(info, np.array(seen, np.float32), *columns)


def pictures(episode, *courses):
    """What somebody sees who drives from the reset and looks at some states.

    The light on the maps depends on what was looked at before, hence several courses in
    one environment; the pictures of the last are returned.
    """
    env = camera_on(episode.info.env_id)
    for states in courses:
        env.reset(seed=episode.info.seed, options=dict(episode.info.options))
        seen = [np.array(env.render())] if 0 in states else []
        for state, action in enumerate(episode.executed_actions[: max(states)], 1):
            env.step(action)
            if state in states:
                seen.append(np.array(env.render()))
    env.close()
    return seen


@pytest.fixture(scope="module", params=["Point", "RoverRocks", "DroneForest"])
def recorded(request):
    options = {"level": 1, "split": "train", "index": 4}
    return driven(f"iml_robot_envs:iml/{request.param}-v0", 60, options=options)


@pytest.fixture
def film(recorded):
    camera = Film(recorded.info.env_id, size=SIZE)
    yield camera
    camera.close()


def same(frames, pictures):
    return len(frames) == len(pictures) and all(
        np.array_equal(a, b) for a, b in zip(frames, pictures, strict=True)
    )


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_film_equals_the_pictures_of_the_drive_itself(film, recorded, every):
    frames = film.frames(recorded, 12, 52, every=every)
    assert same(frames, pictures(recorded, range(12, 53, every)))
    assert film.reason == ""


def test_a_film_taken_up_from_a_snapshot_is_the_same(film, recorded):
    film.frames(recorded, 50, 60)
    looked = [range(50, 61, 2), range(30, 41, 2), range(0, 21, 2)]
    assert same(film.frames(recorded, 30, 40), pictures(recorded, *looked[:2]))
    assert same(film.frames(recorded, 0, 20), pictures(recorded, *looked))


def test_the_pictures_have_the_size_that_was_chosen(film, recorded):
    film.size = (96, 64)
    assert film.frames(recorded, 0, 4)[0].shape == (64, 96, 3)


def test_pictures_come_at_10_hz_at_most(film):
    # All robots are driven at 20 Hz.
    assert film.every == 2
    assert film.period_s(2) == pytest.approx(0.1)


def test_a_film_that_was_shown_is_not_made_again(film, recorded):
    first = film.frames(recorded, 10, 50)
    begun_s = time.process_time()
    assert film.frames(recorded, 10, 50) is first
    assert time.process_time() - begun_s < 0.005


def test_the_cache_keeps_to_its_size(film, recorded, monkeypatch):
    monkeypatch.setattr("iml_robot.robots.film.LARGEST_CACHE_BYTES", 5 * 90 * 120 * 3)
    first = film.frames(recorded, 0, 6)
    second = film.frames(recorded, 6, 12)
    assert film.frames(recorded, 6, 12) is second
    assert film.frames(recorded, 0, 6) is not first


def test_another_course_is_never_shown(film, recorded):
    episode = recorded
    wrong = episode.executed_actions.copy()
    wrong[20] = -wrong[20]
    other = replace(episode, executed_actions=wrong)
    assert film.frames(other, 25, 45) is None
    assert "goes another way" in film.reason
    assert film.frames(episode, 25, 45) is not None
    assert film.reason == ""


def test_snapshots_of_one_course_are_not_used_for_another(film, recorded):
    episode = recorded
    film.frames(episode, 40, 60)
    wrong = episode.executed_actions.copy()
    wrong[5] = -wrong[5]
    assert film.frames(replace(episode, executed_actions=wrong), 30, 40) is None
    looked = range(40, 61, 2), range(30, 41, 2)
    assert same(film.frames(episode, 30, 40), pictures(episode, *looked))


@pytest.mark.parametrize(("start", "stop"), [(-1, 10), (10, 10), (50, 61)])
def test_steps_that_were_not_recorded_are_not_shown(film, recorded, start, stop):
    assert film.frames(recorded, start, stop) is None
    assert "60 steps" in film.reason


def test_a_continuation_whose_beginning_is_unknown_is_not_shown():
    env = make_point()
    episode = corrected_episode(env, Idle(), 3)
    env.close()
    cut = replace(episode, info=replace(episode.info, begins_at=7, continues=0))
    film = Film(ENV_ID, size=SIZE)
    assert film.frames(cut, 0, 5) is None
    assert "not known" in film.reason


def test_a_continuation_is_driven_from_the_reset():
    episode = driven(ROVER, 40)
    later = replace(
        episode,
        info=replace(episode.info, begins_at=10, continues=0),
        observations=episode.observations[10:],
        prelude=episode.executed_actions[:10],
        **{
            name: getattr(episode, name)[10:]
            for name in (
                *("policy_actions", "operator_actions", "executed_actions", "sources"),
                *("authorities", "rewards", "evaluations", "p_help", "asked", "features"),
            )
        },
    )
    film = Film(ROVER, size=SIZE)
    assert same(film.frames(later, 5, 25), pictures(episode, range(15, 36, 2)))


def test_an_environment_without_snapshots_is_shown_all_the_same():
    episode = driven("Pendulum-v1", 30)
    film = Film("Pendulum-v1")
    assert same(film.frames(episode, 10, 20), pictures(episode, range(10, 21, 2)))


def test_an_environment_that_draws_nothing_gives_a_reason():
    episode = driven(ROVER, 5)
    film = Film("ForeignBlind-v0")
    assert film.frames(episode, 0, 5) is None
    assert "render mode" in film.reason


def test_segments_are_shown_by_the_number_of_their_episode(recorded):
    film = Film(recorded.info.env_id, size=SIZE)
    films = SegmentFilms(film, {0: recorded}.get)
    segment = Segment(0, 10, np.zeros((30, 2), np.float32))
    assert same(films(segment), pictures(recorded, range(10, 41, 2)))
    assert films.period_s == pytest.approx(0.1)
    assert films(replace(segment, episode_id=7)) is None
    assert "no episode 7" in films.reason


def test_two_segments_of_2_s_are_there_within_a_second_of_an_idle_core():
    maps = [{"level": 1, "split": "train", "index": index} for index in (1, 2)]
    pair = [driven(ROVER, 200, options=options) for options in maps]
    film = Film(ROVER)
    # The first picture of a process loads fonts and compiled code.
    film.frames(pair[0], 0, 2)
    begun_s = time.process_time()
    for episode in pair:
        assert len(film.frames(episode, 155, 195)) == 21
    assert time.process_time() - begun_s < 1.0
