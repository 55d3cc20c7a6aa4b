"""What a person did is recorded and played back: the robot does the same again."""

import json
import random
from contextlib import suppress
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from input_rig import CONTROL_DT_S, InputRig

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.types import EpisodeInfo, Request
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators.human import HumanOperator
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.witness import witnessed

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


class Late(FullSpeedPacer):
    """Steps that come late by chance, some by so much that the loop stood still."""

    def __init__(self, chance):
        super().__init__(CONTROL_DT_S)
        self._chance = chance

    def wait(self):
        odds = self._chance.random()
        often = 0.3 * odds if odds < 0.5 else CONTROL_DT_S
        return self._chance.choice([0.6, 2.5]) if odds > 0.98 else often

    def late(self):
        return self._chance.random() < 0.1


class Menu:
    """Stands between the hands and the arbiter, as the pause menu and a drawn path do."""

    def __init__(self, person, chance):
        self._person, self._chance = person, chance

    def __getattr__(self, name):
        return getattr(self._person, name)

    def reset(self, *, seed):
        self._person.reset(seed=seed)

    def advise(self, observation, policy_action, info):
        signal = self._person.advise(observation, policy_action, info)
        if self._chance.random() < 0.05:
            return replace(signal, requests=signal.requests ^ {Request.PAUSE})
        if self._chance.random() < 0.1:
            drawn = np.float32([self._chance.random(), -1 / 3])
            return replace(signal, action=drawn, gripping=True)
        return signal


def drive(operator, view, *, index=4, pacer=None):
    """Episodes of the same seeds on a map, driven with this operator."""
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    loop = Loop(
        env=env,
        operator=operator,
        arbiter=ARBITERS.build("takeover", 2),
        recorder=MemoryRecorder(),
        view=view,
        pacer=pacer or FullSpeedPacer(CONTROL_DT_S),
    )
    loop = loop if pacer is None else witnessed(loop)
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


class Bounded(NullView):
    """Looks at so many steps and no longer."""

    def __init__(self, steps):
        self._left = steps

    def show(self, step, info):
        self._left -= 1
        if self._left < 0:
            raise TimeoutError


def equal(before, after):
    """Whether two runs are the same to the last bit."""
    names = ("observations", "executed_actions", "operator_actions", "sources")
    return all(
        a.info == b.info and getattr(a, name).tobytes() == getattr(b, name).tobytes()
        for a, b in zip(before, after, strict=True)
        for name in names
    )


def test_late_steps_and_menus_are_played_back_to_the_last_bit(tmp_path):
    file = tmp_path / "person.jsonl"
    with InputRig() as rig:
        env = gym.make("iml/Point-v0", disable_env_checker=True)
        person = HumanOperator(env, pump=rig.pump, devices=("keyboard",), record=str(file))
        menu = Menu(person, random.Random(2))
        before = drive(menu, Fingers(rig), pacer=Late(random.Random(3)))
    punctual = FullSpeedPacer(CONTROL_DT_S)
    assert equal(before, drive(playing(str(file)), NullView(), pacer=punctual))
    # Neither the times nor the menu could be left out.
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line.get("elapsed_s") for line in lines} >= {None, 0.05, 0.6, 2.5}
    for left_out in ("elapsed_s", "final", "late"):
        kept = [{k: v for k, v in line.items() if k != left_out} for line in lines]
        file.write_text("".join(f"{json.dumps(line)}\n" for line in kept))
        played = Bounded(2 * len(lines))
        # Without what the menu said a pause never ends.
        with suppress(TimeoutError):
            assert not equal(before, drive(playing(str(file)), played, pacer=punctual))


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
