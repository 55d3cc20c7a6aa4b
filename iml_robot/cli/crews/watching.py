"""What happens at each step for a person at the window, beside the picture itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iml_robot.core.interfaces import Arbiter
from iml_robot.core.types import EpisodeInfo, Mode, Step
from iml_robot.data.store import SessionStore
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.pause.facts import PauseFacts
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.supervision import SupervisionView
from iml_robot.station.workload.events import WorkloadEvent
from iml_robot.station.workload.workload import Workload


class Watching:
    """Opens the pause menu and looks after the person, around the view of the session.

    Args:
        view: Shows the steps.
        menu: The pause menu.
        arbiter: Says whether the robot is paused: time also stands still while a rewind
            is offered, which has keys of its own.
        facts: What the menu tells.
        workload: Measures the work of the person.
        store: Keeps what that finds.
        pump: Source of the events, for their time.
    """

    def __init__(
        self,
        view: SupervisionView,
        menu: PauseMenu,
        arbiter: Arbiter,
        *,
        facts: Callable[[str], PauseFacts],
        workload: Workload,
        store: SessionStore,
        pump: EventPump,
    ) -> None:
        self._pump = pump
        self._view, self._menu, self._arbiter = view, menu, arbiter
        self._facts, self._workload, self._store = facts, workload, store
        self._episode: int | None = None
        self._last_s = time.perf_counter()

    def touched(self) -> None:
        """Take in that the person just did something between two episodes.

        What is left of the time until the next one is rest.
        """
        self._last_s = time.perf_counter()
        self._workload.touched()

    def begin(self, start: EpisodeInfo) -> None:
        """Prepare for an episode."""
        self._episode = start.episode_id
        now_s = time.perf_counter()
        self.keep(self._workload.rested(now_s - self._last_s))
        self._last_s = now_s
        self._view.begin(start)

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Show a step, and take in what it says about the person."""
        now_s = time.perf_counter()
        shown = step.decision.mode
        # An arbiter of somebody else may keep its mode to itself.
        mode = getattr(self._arbiter, "mode", shown) if shown is Mode.PAUSED else shown
        facts = self._facts(step.decision.reason)
        self._menu.follow(mode, facts, self._pump.time_s)
        self.keep(self._workload.step(step, elapsed_s=now_s - self._last_s))
        self._last_s = now_s
        self._view.show(step, info)

    def keep(self, events: Sequence[WorkloadEvent]) -> None:
        """Store what was found out about the person."""
        for event in events:
            self._store.put_event(
                event.kind, episode_id=self._episode, detail=dict(event.detail)
            )
