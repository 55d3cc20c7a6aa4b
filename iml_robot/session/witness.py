"""Lets what a person does be recorded, and played back, with all that it depended on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from iml_robot.core.interfaces import Operator, Pacer
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.devices.input.reading import LASTING_REQUESTS
from iml_robot.devices.input.recording import Around, Final
from iml_robot.session.loop import Loop


class Recorded(Protocol):
    """A person whose input is recorded, or comes from a recording."""

    @property
    def played(self) -> Around:
        """What the next step depended on, where a recording is played back."""
        ...

    @property
    def final(self) -> Final | None:
        """What reached the arbiter when the last answer was recorded; None: not known."""
        ...

    def witness(self, around: Around) -> None:
        """Take in what the last answer depended on besides."""
        ...


def witnessed(loop: Loop) -> Loop:
    """Return a loop whose person is recorded with the time that steps took.

    A loop that nobody drives who could be recorded comes back as it is.

    Args:
        loop: The loop.
    """
    person: Any = loop.operator
    # Not by isinstance: whoever stands before the person passes such questions on.
    if not all(hasattr(person, name) for name in ("played", "final", "witness")):
        return loop
    pacer = _Pacer(loop.pacer, person)
    return replace(loop, operator=_Person(loop.operator, person, pacer), pacer=pacer)


class _Pacer:
    """Paces as ever, and says what was recorded where a recording is played back."""

    def __init__(self, pacer: Pacer, person: Recorded) -> None:
        self._pacer, self._person = pacer, person
        self.elapsed_s: float | None = None
        self.was_late = False

    def __getattr__(self, name: str) -> Any:
        """Return what the pacer offers besides."""
        return getattr(self._pacer, name)

    def restart(self) -> float:
        """Begin anew after a pause; return the time that counts as elapsed [s]."""
        return self._counted(self._pacer.restart())

    def wait(self) -> float:
        """Wait for the next control step; return the time since the last one [s]."""
        return self._counted(self._pacer.wait())

    def late(self) -> bool:
        """Return whether the world went on by a control period since the step began."""
        played = self._person.played
        self.was_late = self._pacer.late() if played.elapsed_s is None else played.late
        return self.was_late

    def _counted(self, elapsed_s: float) -> float:
        played_s = self._person.played.elapsed_s
        self.elapsed_s = elapsed_s if played_s is None else played_s
        return self.elapsed_s


class _Person:
    """The person, with whatever stands between their devices and the arbiter.

    Args:
        operator: Answers.
        person: The same, as somebody who is recorded.
        pacer: Knows how long steps took.
    """

    def __init__(self, operator: Operator, person: Recorded, pacer: _Pacer) -> None:
        self._operator, self._person, self._pacer = operator, person, pacer

    def __getattr__(self, name: str) -> Any:
        """Return what the person offers besides."""
        return getattr(self._operator, name)

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        self._pacer.elapsed_s, self._pacer.was_late = None, False
        self._operator.reset(seed=seed)

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step, or wanted when it was recorded."""
        signal = self._operator.advise(observation, policy_action, info)
        recorded = self._person.final
        if recorded is not None:
            signal = _as_it_was(signal, recorded)
        pacer = self._pacer
        self._person.witness(Around(pacer.elapsed_s, pacer.was_late, _final(signal)))
        pacer.was_late = False
        return signal


def _final(signal: OperatorSignal) -> Final:
    """Return a signal as it is recorded."""
    action = None if signal.action is None else tuple(map(float, signal.action))
    if action is not None and not np.isfinite(action).all():
        # The arbiter takes that for nobody, and a file of numbers cannot hold it.
        action = None
    return Final(action, signal.moving, signal.gripping, signal.requests)


def _as_it_was(signal: OperatorSignal, final: Final) -> OperatorSignal:
    """Return a signal with what reached the arbiter when it was recorded.

    Whoever watches can still stop the robot, and close the window.
    """
    action = None if final.action is None else np.array(final.action, np.float32)
    return replace(
        signal,
        action=action,
        moving=final.moving,
        gripping=final.gripping,
        requests=final.requests | (signal.requests & LASTING_REQUESTS),
    )
