"""The person at the window, who may also choose from a menu while time stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iml_robot.core.interfaces import Operator
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.pause.choices import PauseChoice, spoken
from iml_robot.station.pause.menu import PauseMenu


class PausingOperator:
    """Turns what is chosen in the pause menu into requests, and lets it be done.

    Args:
        person: The same person as they steer.
        menu: The menu; whoever shows the steps opens and closes it.
        pump: Source of the events, collected by the person's devices.
        obey: Called with each choice, for what is no request to the arbiter.
    """

    def __init__(
        self,
        person: Operator,
        menu: PauseMenu,
        pump: EventPump,
        obey: Callable[[PauseChoice], None],
    ) -> None:
        self._person, self._menu = person, menu
        self._pump, self._obey = pump, obey

    def __getattr__(self, name: str) -> Any:
        """Return what the person offers besides, such as devices to open."""
        return getattr(self._person, name)

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        self._person.reset(seed=seed)

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step."""
        signal = self._person.advise(observation, policy_action, info)
        if not self._menu.is_open:
            return signal
        batch = self._pump.batch
        choice = self._menu.feed(batch.events, batch.time_s, requests=signal.requests)
        if choice is not None:
            self._obey(choice)
        return spoken(signal, choice)
