"""What fails in the middle of a drive: the policy, its time, the environment."""

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from leaky_point import LEAKS_AT_STEP

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.asking.never import Never
from iml_robot.core.types import EpisodeInfo, Mode, OperatorSignal, Source
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.evaluation.determinism import Difference
from iml_robot.evaluation.measuring import Part
from iml_robot.evaluation.meter import Abilities
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

START = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3, options={"index": 4})


class Watcher:
    """An operator who only watches."""

    def reset(self, *, seed):
        """Nothing to forget."""

    def advise(self, observation, policy_action, info):
        return OperatorSignal(np.zeros(2, np.float32))


class Forward:
    """Drives, and fails at some steps."""

    def __init__(self, fails=()):
        self._fails, self._step = fails, -1

    def act(self, observation):
        self._step += 1
        if self._step in self._fails:
            raise RuntimeError("no such layer")
        return np.array([0.3, 0.0], np.float32)


class Failing(gym.Wrapper):
    """Fails at one step, with an error or with what is no number."""

    def __init__(self, env, step, *, error):
        super().__init__(env)
        self._left, self._error = step, error

    def step(self, action):
        self._left -= 1
        if self._left < 0 and self._error:
            raise RuntimeError("contact buffer is full")
        seen, reward, *rest = self.env.step(action)
        return (seen * np.nan if self._left < 0 else seen), reward, *rest


class Slow(FullSpeedPacer):
    """A clock by which some policies are late."""

    def __init__(self, late):
        super().__init__(0.05)
        self._late = list(late)

    def late(self):
        return self._late.pop(0) if self._late else False


class Seen(NullView):
    def __init__(self):
        self.modes = []

    def show(self, step, info):
        self.modes.append(step.decision.mode)


class FailingToAsk(Never):
    """Cannot say whether to ask for help."""

    def consider(self, policy, observation, policy_action, last):
        raise RuntimeError("no such member")


def drive(policy=None, *, fails_at=None, error=True, late=(), asker=None):
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    if fails_at is not None:
        env = Failing(env, fails_at, error=error)
    view = Seen()
    loop = Loop(
        env=env,
        operator=Watcher(),
        arbiter=ARBITERS.build("takeover", 2, options={"hold_s": 1.0}),
        recorder=MemoryRecorder(),
        view=view,
        pacer=Slow(late),
        asker=asker or Never(),
    )
    return loop.drive(policy or Forward(), START), view.modes


def test_18_a_policy_that_is_late_once_costs_one_step_of_standstill():
    episode, modes = drive(late=[False, True, False])
    assert episode.sources[:3].tolist() == [Source.POLICY, Source.SAFETY, Source.POLICY]
    assert not episode.executed_actions[1].any()
    assert Mode.HOLD not in modes


def test_18_a_policy_that_is_late_five_times_in_a_row_is_stopped():
    episode, modes = drive(late=[True] * 5)
    assert modes[4] is Mode.HOLD
    assert not episode.executed_actions[:5].any()
    assert episode.info.outcome == "operator_lost"


def test_19_a_policy_that_fails_leads_to_a_hold_and_not_to_the_end_of_the_session(caplog):
    episode, modes = drive(Forward(fails={2}))
    assert modes[:3] == [Mode.AUTO, Mode.AUTO, Mode.HOLD]
    assert not episode.executed_actions[2:].any()
    assert episode.info.outcome == "operator_lost"
    # Whoever wrote the policy finds where it failed.
    assert "no such layer" in caplog.text


def test_19_a_policy_that_fails_at_every_step_says_so_once(caplog):
    episode, _ = drive(Forward(fails=range(1000)))
    # It holds at once and for 1 s at 20 Hz, in which the policy is asked on.
    assert (episode.info.outcome, len(episode)) == ("operator_lost", 21)
    assert caplog.text.count("Traceback") == 1


def test_19_who_cannot_say_whether_to_ask_does_not_ask_and_nothing_else_changes(caplog):
    usual, _ = drive()
    episode, modes = drive(asker=FailingToAsk())
    assert set(modes) == {Mode.AUTO}
    np.testing.assert_array_equal(episode.executed_actions, usual.executed_actions)
    assert caplog.text.count("Traceback") == 1


@pytest.mark.parametrize("error", [True, False])
def test_20_a_failing_environment_ends_the_episode_at_its_last_good_step(caplog, error):
    episode, _ = drive(fails_at=4, error=error)
    assert episode.info.outcome == "env_fault"
    assert len(episode) == 4
    assert np.isfinite(episode.observations).all()
    assert episode.observations.shape[0] == 5
    assert "environment" in caplog.text


def test_20_an_environment_that_cannot_even_begin_is_reported_at_once():
    with pytest.raises(RuntimeError, match="contact buffer"):
        drive(fails_at=0)


def steady(observation):
    """Drive to the goal and never do anything twice."""
    return np.clip(4.0 * observation[:2] - 2.0 * observation[2:4], -1, 1)


class Steady:
    """Drives all robots of a fleet."""

    def act_batch(self, observations):
        return np.array([steady(seen) for seen in observations], np.float32)


class Given:
    """A source that is loaded already."""

    def load(self, env_id):
        return Steady()


def measured(env_id):
    abilities = Abilities.of(env_id)
    part = Part(Given(), "maps", env_id, {"level": 0, "split": "test"}, (3,), abilities)
    return part(lambda done: None).records[0]


def test_21_where_two_drives_of_a_map_part_is_found_to_the_step_and_the_field():
    first, second = (
        measured("leaky_point:test/Leaky-v0"),
        measured("leaky_point:test/Leaky-v0"),
    )
    assert first.trace != second.trace
    found = Difference.between("maps", first, second)
    assert (found.index, found.step, found.field) == (3, LEAKS_AT_STEP, "observation")


def test_21_what_parts_by_an_action_or_by_its_end_is_told_apart():
    record = measured("iml_robot_envs:iml/Point-v0")
    assert len(record.prints) == 1 + 2 * record.steps
    # The action of step 2 stands behind the start and two steps of two.
    other = (*record.prints[:5], 0, *record.prints[6:])
    found = Difference.between("maps", record, replace(record, prints=other))
    assert (found.step, found.field) == (2, "action")
    found = Difference.between("maps", record, replace(record, prints=record.prints[:-2]))
    assert (found.step, found.field) == (record.steps - 1, "length")
    started = (0, *record.prints[1:])
    found = Difference.between("maps", record, replace(record, prints=started))
    assert (found.step, found.field) == (0, "observation")


@pytest.mark.parametrize("env_id", ["iml/Point-v0", "iml/RoverRocks-v0"])
def test_22_a_reset_forgets_everything_of_the_episodes_before(env_id):
    env = gym.make(env_id, disable_env_checker=True)
    rng = np.random.default_rng(7)
    actions = rng.uniform(-1, 1, (25, *env.action_space.shape)).astype(np.float32)

    def run(index):
        seen, _ = env.reset(seed=5, options={"level": 2, "split": "val", "index": index})
        trace = [seen.tobytes()]
        for action in actions:
            seen, reward, over, _, _ = env.step(action)
            trace.append((seen.tobytes(), reward, over))
            if over:
                break
        return trace

    first = run(1)
    run(2)
    assert run(1) == first
    run(0)
    assert run(1) == first
    env.close()
