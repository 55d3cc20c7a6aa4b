"""The key that takes back what was learned last, pressed in a real session."""

import pygame
import pytest
import torch

from iml_robot.cli.crews.window import WindowCrew
from iml_robot.core.config import load_config
from iml_robot.data.store import SessionStore
from iml_robot.operators.simulated import SimulatedOperator

SETTINGS = ("trainer=blocking", "learner.updates=5", "operator=human")


class Presser:
    """A simulated operator who presses a key in the middle of an episode."""

    def __init__(self, crew):
        self._operator, self._crew = SimulatedOperator(crew.env, preset="ideal"), crew
        self.episode, self._steps, self.presses = 0, 0, {}
        self.notices = set()

    def reset(self, *, seed):
        self.episode, self._steps = self.episode + 1, 0
        self._operator.reset(seed=seed)

    def advise(self, observation, policy_action, info):
        self._steps += 1
        if self._steps <= self.presses.get(self.episode, 0):
            press = {"key": pygame.K_F8, "scancode": pygame.KSCAN_F8}
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, press))
        self._crew.pump.pump()
        self.notices.add((self.episode, self._crew._window.status.notice))
        return self._operator.advise(observation, policy_action, info)


@pytest.fixture
def crew(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    before = torch.get_num_threads()
    crew = WindowCrew(load_config("point", SETTINGS))
    crew.pacer.wait = lambda: 0.05  # Nobody is there to keep up with.
    yield crew
    crew.close()
    torch.set_num_threads(before)


def test_the_key_takes_back_the_policy_that_drove_and_pressing_twice_does_not(
    crew, tmp_path
):
    (tmp_path / "policies").mkdir()
    operator = Presser(crew)
    operator.presses = {1: 1, 2: 1, 3: 2}
    with SessionStore.create(tmp_path / "session.db") as store:
        session = crew.session(tmp_path, store, operator)
        session.start()
        session.run(4)
        undone = [e.detail for e in store.events() if e.kind == "policy_rolled_back"]
    assert undone == [{"from": 1, "to": 0}]
    assert [row.policy_version for row in session.rows] == [0, 1, 2, 3]
    assert session.trainer.versions.good == (0, 2, 3, 4)
    assert (1, "Nothing to undo: the first policy drives.") in operator.notices
    said = [n for n, text in operator.notices if text.startswith("Undo: from the next")]
    assert set(said) == {2, 3}
    crew._window.help_shown = True
    assert ("F8", "undo the last learning") in crew._window._keys()
