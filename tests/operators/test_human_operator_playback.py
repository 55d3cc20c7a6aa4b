"""What a person did is recorded and played back: the robot does the same again."""

import random

import gymnasium as gym
import numpy as np
import pytest
from input_rig import CONTROL_DT_S, InputRig

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators.human import HumanOperator
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

SEEDS = (3, 4, 5)


class TowardsGoal:
    """A policy whose actions depend on what it sees, so that runs that differ diverge."""

    def act(self, observation):
        return np.tanh(observation[:2] - observation[2:4]).astype(np.float32) * 0.3


class Fingers(NullView):
    """Presses and releases keys between the steps, by chance."""

    def __init__(self, rig):
        self._rig = rig
        self._chance = random.Random(1)
        self._held = set()

    def show(self, step, info):
        self._rig.now_s += CONTROL_DT_S
        if self._chance.random() < 0.2:
            key = self._chance.choice(
                ["W", "A", "D", "LSHIFT", "LCTRL", "EQUALS", "RETURN"]
            )
            (self._rig.up if key in self._held else self._rig.down)(key)
            self._held ^= {key}
        if self._chance.random() < 0.02:
            self._rig.focus(gained=False)
            self._rig.focus(gained=True)
            self._held.clear()


def drive(operator, view, *, index=4):
    """Episodes of the same seeds on a map, driven with this operator."""
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    loop = Loop(
        env=env,
        operator=operator,
        arbiter=ARBITERS.build("takeover", 2),
        recorder=MemoryRecorder(),
        view=view,
        pacer=FullSpeedPacer(CONTROL_DT_S),
    )
    starts = [
        EpisodeInfo(number, "practice", "iml/Point-v0", seed=seed, options={"index": index})
        for number, seed in enumerate(SEEDS)
    ]
    episodes = [loop.drive(TowardsGoal(), start) for start in starts]
    operator.close()
    env.close()
    return episodes


@pytest.fixture
def recorded(tmp_path):
    """A file of what fingers did, and the episodes."""
    file = str(tmp_path / "person.jsonl")
    with InputRig() as rig:
        env = gym.make("iml/Point-v0", disable_env_checker=True)
        operator = HumanOperator(env, pump=rig.pump, devices=("keyboard",), record=file)
        return file, drive(operator, Fingers(rig))


def playing(file, **options):
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    choice = {"playback": {"file": file}}
    return HumanOperator(env, devices=("playback",), device_options=choice, **options)


def test_a_recording_without_a_window_gives_the_same_run_to_the_last_bit(recorded):
    file, before = recorded
    after = drive(playing(file), NullView())
    sources = np.concatenate([episode.sources for episode in before])
    assert len(set(sources.tolist())) > 2, "the fingers must have driven"
    for first, second in zip(before, after, strict=True):
        assert first.info.outcome == second.info.outcome
        for name in ("observations", "policy_actions", "operator_actions"):
            a, b = getattr(first, name), getattr(second, name)
            np.testing.assert_array_equal(a, b, strict=True)
        assert first.executed_actions.tobytes() == second.executed_actions.tobytes()
        np.testing.assert_array_equal(first.sources, second.sources)


def test_playing_back_is_recorded_as_it_was_played(recorded, tmp_path):
    file, _ = recorded
    again = tmp_path / "again.jsonl"
    drive(playing(file, record=str(again)), NullView())
    with open(file) as first:
        assert again.read_text() == first.read()


def test_another_map_is_another_run(recorded):
    # The test above would pass as well if actions depended on nothing.
    file, before = recorded
    after = drive(playing(file), NullView(), index=5)
    assert any(
        a.executed_actions.tobytes() != b.executed_actions.tobytes()
        for a, b in zip(before, after, strict=True)
    )


def test_a_recording_is_not_written_over(recorded):
    file, _ = recorded
    operator = playing(file, record=file)
    with pytest.raises(UsageError, match="there is a recording already"):
        operator.reset(seed=0)
    operator.close()


def test_a_folder_that_is_not_there_is_said_before_the_first_step(recorded, tmp_path):
    file, _ = recorded
    operator = playing(file, record=str(tmp_path / "no" / "person.jsonl"))
    with pytest.raises(InfrastructureError, match="cannot record the input: No such file"):
        operator.reset(seed=0)
    operator.close()
