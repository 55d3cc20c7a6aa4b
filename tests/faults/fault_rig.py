"""A whole loop with real devices, and a clock on which things go wrong at given steps."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
from input_rig import CONTROL_DT_S, InputRig
from virtual_joystick import VirtualJoystick

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import EpisodeInfo, Mode
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators.human import HumanOperator
from iml_robot.session.loop import Loop

START = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3, options={"index": 4})


class Circling:
    """A policy that never arrives, so that an episode lasts its 10 s."""

    action = np.array([0.2, -0.2], np.float32)

    def act(self, observation):
        self.action = -self.action
        return self.action


class Witness:
    """A view that remembers every step."""

    def __init__(self):
        self.steps = []

    def begin(self, start):
        pass

    def show(self, step, info):
        self.steps.append(step)

    @property
    def decisions(self):
        return [step.decision for step in self.steps]

    @property
    def modes(self):
        """Modes in the order in which they began."""
        found = []
        for decision in self.decisions:
            if not found or found[-1] is not decision.mode:
                found.append(decision.mode)
        return found


class Script:
    """A pacer without waiting that calls functions at given steps.

    Args:
        rig: Owner of the clock.
        happenings: Functions by the number of the first step that they come before; what
            they return is the time that the step before took, if it is not None [s].
    """

    def __init__(self, rig, happenings):
        self._rig, self._happenings = rig, happenings
        self._step = 0

    def restart(self):
        self._step = 0
        self._happen()
        return CONTROL_DT_S

    def wait(self):
        self._step += 1
        elapsed_s = self._happen()
        self._rig.now_s += elapsed_s
        return elapsed_s

    def late(self):
        return False

    def _happen(self):
        elapsed_s = CONTROL_DT_S
        for happening in self._happenings.get(self._step, ()):
            elapsed_s = happening() or elapsed_s
        return elapsed_s


class FaultRig(InputRig):
    """Dummy window, devices, operator, arbiter and loop; `pads` are virtual joysticks."""

    def __init__(self, *, pads=0, operator=None, **arbiter):
        super().__init__()
        self._wanted, self._operator, self._options = pads, operator or {}, arbiter

    def __enter__(self):
        super().__enter__()
        self.pads = [VirtualJoystick() for _ in range(self._wanted)]
        self.env = gym.make("iml/Point-v0", disable_env_checker=True)
        devices = ("gamepad", "keyboard") if self.pads else ("keyboard",)
        options = {"devices": devices, **self._operator}
        self.operator = HumanOperator(self.env, pump=self.pump, **options)
        self.arbiter = Takeover(2, **self._options)
        self.operator.open()
        return self

    def __exit__(self, *details):
        self.operator.close()
        for pad in self.pads:
            pad.unplug()
        super().__exit__(*details)

    def drive(self, happenings, *, steps=None, policy=None, **parts):
        """Drive one episode; return the recorded episode and what the view has seen.

        Args:
            happenings: Functions by step, see `Script`.
            steps: Step at which somebody closes the window; None: nobody does.
            policy: Drives while nobody takes over.
            **parts: Other parts of the loop, as a pacer that is not the script.
        """
        view = Witness()
        if steps is not None:
            happenings = {**happenings, steps: [lambda: self.tap("BACKSPACE")]}
        loop = self.loop(**{"view": view, "pacer": Script(self, happenings), **parts})
        return loop.drive(policy or Circling(), START), view

    def loop(self, **parts):
        """Return a loop around an episode, some of its parts others than usual."""
        usual = {
            "env": self.env,
            "operator": self.operator,
            "arbiter": self.arbiter,
            "recorder": MemoryRecorder(),
            "view": Witness(),
            "pacer": Script(self, {}),
        }
        return Loop(**{**usual, **parts})


def standing_still(decisions):
    """Return whether nothing was executed but the action zero."""
    return not any(decision.executed.any() for decision in decisions)


POLICY_MODES = {Mode.AUTO, Mode.ASKING, Mode.RELEASING}
