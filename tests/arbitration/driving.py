"""Short words for what operators do, and arbiters brought into each mode by doing it."""

from __future__ import annotations

import numpy as np

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Decision, Link, Mode, OperatorSignal, Request

DT_S = 0.05
POLICY = np.asarray([0.5, -0.5], dtype=np.float32)
HUMAN = np.asarray([-1.0, 1.0], dtype=np.float32)
REST = np.zeros(2, dtype=np.float32)
NAN = np.full(2, np.nan, dtype=np.float32)


def neutral(*requests: Request, link: Link = Link.OK) -> OperatorSignal:
    return OperatorSignal(action=REST, requests=frozenset(requests), link=link)


def moving(*requests: Request, link: Link = Link.OK) -> OperatorSignal:
    return OperatorSignal(
        action=HUMAN, moving=True, requests=frozenset(requests), link=link
    )


def gripping(*requests: Request, link: Link = Link.OK) -> OperatorSignal:
    return OperatorSignal(
        action=HUMAN, gripping=True, requests=frozenset(requests), link=link
    )


def seized(*requests: Request) -> OperatorSignal:
    return OperatorSignal(
        action=HUMAN, moving=True, gripping=True, requests=frozenset(requests)
    )


class Drive:
    """An arbiter, its decisions, and a robot that asks for help or not."""

    asking = False

    def __init__(self, arbiter: Takeover | None = None) -> None:
        self.arbiter = arbiter or Takeover(2)
        self.decisions: list[Decision] = []

    def __call__(
        self,
        signal: OperatorSignal,
        *,
        steps: int = 1,
        policy: np.ndarray = POLICY,
        elapsed_s: float = DT_S,
        policy_late: bool = False,
    ) -> Decision:
        for _ in range(steps):
            decision = self.arbiter.decide(
                policy,
                signal,
                elapsed_s=elapsed_s,
                asking=self.asking,
                policy_late=policy_late,
            )
            self.decisions.append(decision)
        return self.decisions[-1]

    @property
    def mode(self) -> Mode:
        return self.arbiter.mode


def driven_by_policy(**options: float) -> Drive:
    drive = Drive(Takeover(2, **options))
    drive(neutral(), steps=20)
    return drive


def asking_for_help() -> Drive:
    drive = driven_by_policy()
    drive.asking = True
    drive(neutral(), steps=5)
    return drive


def driven_by_motion() -> Drive:
    drive = driven_by_policy()
    drive(moving(), steps=20)
    return drive


def driven_by_grip() -> Drive:
    drive = driven_by_policy()
    drive(gripping(), steps=20)
    return drive


def releasing() -> Drive:
    drive = driven_by_grip()
    drive(neutral())
    return drive


def held_and_deflected() -> Drive:
    drive = driven_by_motion()
    drive(moving(link=Link.DEVICE_REMOVED))
    drive(moving())
    return drive


def held_and_ready() -> Drive:
    drive = held_and_deflected()
    drive(neutral(), steps=20)
    return drive


def stopped() -> Drive:
    drive = driven_by_policy()
    drive(neutral(Request.EMERGENCY_STOP))
    drive(neutral(), steps=20)
    return drive


def disarmed() -> Drive:
    drive = stopped()
    drive(neutral(Request.RESET), steps=20)
    drive(neutral(), steps=5)
    return drive


def disarmed_and_bumped() -> Drive:
    drive = disarmed()
    drive(moving(), steps=5)
    return drive


def paused_policy() -> Drive:
    drive = driven_by_policy()
    drive(neutral(Request.PAUSE))
    return drive


def paused_operator() -> Drive:
    drive = driven_by_motion()
    drive(neutral(Request.PAUSE))
    return drive


def paused_disarmed() -> Drive:
    drive = disarmed()
    drive(neutral(Request.PAUSE))
    return drive
