"""Keys and directions that press numbered actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from gymnasium.spaces import Box

from iml_robot.core.errors import UsageError
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.devices.input.bindings import MOVEMENTS, rebind
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.recording import Around, Final
from iml_robot.devices.keyboard import KEYS, LABELS
from iml_robot.devices.numbered.held_keys import HeldKeys
from iml_robot.operators.human import HumanOperator

DIRECTIONS = ("forward", "turn")
"""Directions of a device that can press an action, with "-" in front to reverse them."""
PRESSED = 0.5
"""Command from which a direction presses, of 1."""
_TAKES_OVER = "(takes over)"


class PressingOperator:
    """Somebody who chooses among numbered actions with keys, a stick or a pad.

    Whatever presses an action takes over; with all of them released the neutral action is
    commanded, until the arbiter hands back. The dead-man control commands the neutral
    action too. All else, requests, devices that vanish, the focus, is as with steering.

    Args:
        env: Environment with numbered actions, as `make_env` makes it.
        actions: Number of the action by what presses it: a key by its place on a US
            keyboard ("LEFT"), keys together ("LEFT+UP"), or a direction of any device
            ("turn", "-turn").
        pump: Source of the events, shared with the window; None makes a new one.
        options: Options of `HumanOperator` but `axes`.

    Raises:
        UsageError: If there is no such key or action, or a key already does something.
    """

    def __init__(
        self,
        env: Any,
        actions: Mapping[str, int],
        *,
        pump: EventPump | None = None,
        **options: Any,
    ) -> None:
        scores = env.get_wrapper_attr("scores")
        names = env.get_wrapper_attr("action_names")
        self._neutral: FloatArray = scores(env.get_wrapper_attr("neutral_action"))
        _check(actions, names, options)
        self._scores: dict[str, FloatArray] = {
            what: scores(number) for what, number in actions.items()
        }
        # Devices know directions, and a stick that presses is a direction past its half.
        steered = SimpleNamespace(action_space=Box(-1.0, 1.0, (len(DIRECTIONS),)))
        self._person = HumanOperator(steered, pump=pump, axes=DIRECTIONS, **options)
        self.pump = self._person.pump
        keys = [what for what in actions if what.removeprefix("-") not in DIRECTIONS]
        self._keys = HeldKeys(self.pump, keys)
        self._lines = _lines(self._scores, names, keys)

    def open(self) -> None:
        """Start to listen to the devices; `reset` does it as well."""
        self._keys.open()
        self._person.open()

    def close(self) -> None:
        """Let go of the devices; must come before the window closes pygame."""
        self._keys.close()
        self._person.close()

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode: presses of the time in between are forgotten."""
        self.open()
        self._keys.reset()
        self._person.reset(seed=seed)

    def look(self) -> None:
        """Look which devices are there, between episodes."""
        self._person.look()

    @property
    def played(self) -> Around:
        """What the next step depended on, where a recording is played back."""
        return self._person.played

    @property
    def final(self) -> Final | None:
        """What reached the arbiter when the last answer was recorded; None: not known."""
        return self._person.final

    def witness(self, around: Around) -> None:
        """Take in what the last answer depended on besides, for the recording."""
        self._person.witness(around)

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label, meaning)."""
        others = self._person.bindings()
        kept = [line for line in others if not line[1].endswith(_TAKES_OVER)]
        return [*kept[:1], *self._lines, *kept[1:]]

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step.

        Raises:
            InfrastructureError: If no window is open.
        """
        signal = self._person.advise(observation, policy_action, info)
        pressed = self._keys.read() or self._direction(signal.action)
        if signal.action is None:
            return signal
        action = self._neutral if pressed is None else self._scores[pressed]
        return replace(signal, action=action.copy(), moving=pressed is not None)

    def _direction(self, command: FloatArray | None) -> str | None:
        """Return the direction that presses an action; None if none does."""
        if command is None:
            return None
        for place in np.argsort(-np.abs(command)).tolist():
            sign = "-" if command[place] < 0 else ""
            what = sign + DIRECTIONS[place]
            if abs(command[place]) >= PRESSED and what in self._scores:
                return what
        return None


def _check(
    actions: Mapping[str, int], names: tuple[str, ...], options: Mapping[str, Any]
) -> None:
    """Refuse what cannot be meant.

    Raises:
        UsageError: With what to do instead.
    """
    if not actions:
        raise UsageError(
            f"this environment has {len(names)} numbered actions ({', '.join(names)}), and "
            "nothing says which key presses which; set env.actions, for example to "
            "{LEFT: 0, RIGHT: 1}"
        )
    if options.get("axes") is not None:
        raise UsageError(
            "operator.axes steers actions that are a vector, and those of this environment "
            "are numbered; leave it away and set env.actions"
        )
    keyboard = (options.get("device_options") or {}).get("keyboard", {})
    bound = rebind(KEYS["rover"], keyboard.get("keys") or {})
    wanted = {key for what in actions for key in what.split("+")}
    for action, keys in bound.items():
        taken = sorted(set(keys) & wanted) if action not in MOVEMENTS else ()
        if taken:
            raise UsageError(
                f"the key {taken[0]!r} of env.actions is that of {action!r}; choose "
                f"another key, or bind {action!r} to another one with "
                "operator.device_options.keyboard.keys"
            )


def _lines(
    scores: Mapping[str, FloatArray], names: tuple[str, ...], keys: list[str]
) -> list[tuple[str, str]]:
    """Return what presses each action as (label, meaning)."""
    pressing: dict[int, list[str]] = {}
    for what, wanted in scores.items():
        if what in keys:
            label = "+".join(LABELS.get(key, key) for key in what.split("+"))
        else:
            label = f"stick {what}"
        pressing.setdefault(int(wanted.argmax()), []).append(label)
    return [
        ("/".join(labels), f"{names[place]} {_TAKES_OVER}")
        for place, labels in pressing.items()
    ]
