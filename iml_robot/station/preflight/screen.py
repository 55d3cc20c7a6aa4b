"""The page before the drive: nothing starts until all is green, or left out on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pygame

from iml_robot.data.store import REFUSE_BELOW_BYTES, WARN_BELOW_BYTES
from iml_robot.devices.input.reading import InputDevice
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import Choice, MenuScreen
from iml_robot.station.preflight.checks import Check, Checked, State, Waivers
from iml_robot.station.preflight.devices_panel import draw_keyboard, draw_pad
from iml_robot.station.preflight.latency import measure_latency
from iml_robot.station.preflight.naming import ask_name
from iml_robot.station.preflight.policy_facts import PolicyFacts
from iml_robot.station.preflight.stop_test import try_stop
from iml_robot.station.settings.catching import place_name
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe

_MARKS = {
    State.PASSED: "✔",
    State.OPEN: "○",
    State.FAILED: "✘",
    State.OPTIONAL: "·",
}
_WAIVE = "Left or right leaves it out, which is recorded."


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks are about.

    Attributes:
        title: What is about to be driven.
        layout: "rover" or "drone".
        policy: What is known about the policy.
        folder: Where the session will be written.
        aliases: Names of operators, the newest first.
        latency_ms: Median of an earlier latency test [ms].
    """

    title: str
    layout: str
    policy: PolicyFacts
    folder: Path
    aliases: tuple[str, ...] = ()
    latency_ms: float | None = None


class PreflightScreen:
    """Shows what was found, and lets the person test the rest.

    Args:
        stage: The window.
        kept: The settings.
        pads: The pads that are there.
        subject: What the checks are about.
        devices: Makes the devices as the session does, for the test of the stop.
        rng: Randomness of the latency test.
        calibrate: Opens the wizard that measures a pad and returns what to say about
            it; None: there is none.
    """

    def __init__(
        self,
        stage: Stage,
        kept: KeptSettings,
        pads: LivePads,
        subject: Subject,
        *,
        devices: Callable[[], Sequence[InputDevice]],
        rng: np.random.Generator,
        calibrate: Callable[[], str] | None = None,
    ) -> None:
        self._stage, self._kept, self._pads = stage, kept, pads
        self._subject, self._devices, self._rng = subject, devices, rng
        self._calibrate = calibrate
        self._waivers = Waivers()
        self._alias = subject.aliases[0] if subject.aliases else ""
        self._latency_ms = subject.latency_ms
        self._stop_tested = False
        self._shown = 0
        self._held: set[str] = set()
        self._free = _free_bytes(subject.folder)

    def show(self) -> Checked | None:
        """Return what was checked; None: the person goes back or closed the window."""
        menu = MenuScreen(
            self._stage,
            f"Before the drive: {self._subject.title}",
            self._items,
            beside=self._panel,
            watch=self._watch,
            start="stop",
        )
        while True:
            choice = menu.wait()
            if choice.action in ("closed", "back") or choice.key == "back":
                return None
            if choice.key == "start":
                return self._waivers.result(
                    self._checks(),
                    alias=self._alias,
                    latency_ms=self._latency_ms,
                    policy_sha256=self._subject.policy.sha256,
                )
            self._do(choice, menu)

    def _do(self, choice: Choice, menu: MenuScreen) -> None:
        if choice.key == "alias":
            self._name(choice)
        elif choice.action != "choose":
            check = next(c for c in self._checks() if c.key == choice.key)
            menu.say(self._waivers.turn(check))
        elif choice.key == "stop":
            self._stop_tested = try_stop(self._stage, self._pads, self._devices)
            self._held.clear()
            word = "Stop and reset work." if self._stop_tested else "The test was left."
            menu.say(word)
            if self._stop_tested and not self._waivers.missing(self._checks()):
                menu.point("start")
        elif choice.key == "latency":
            found = measure_latency(self._stage, self._pads, self._rng)
            self._latency_ms = self._latency_ms if found is None else found
        elif choice.key == "devices":
            self._next_device(menu)
        else:
            self._free = _free_bytes(self._subject.folder)

    def _next_device(self, menu: MenuScreen) -> None:
        """Calibrate a pad that needs it, else show the next device."""
        if self._calibrate is not None and self._warning():
            menu.say(self._calibrate())
        else:
            self._shown += 1

    def _name(self, choice: Choice) -> None:
        aliases = list(dict.fromkeys((*self._subject.aliases, self._alias, "")))
        if choice.action != "choose":
            steps = -1 if choice.action == "less" else 1
            place = aliases.index(self._alias) + steps
            self._alias = aliases[place % len(aliases)]
            return
        found = ask_name(self._stage, self._pads, self._alias)
        self._alias = self._alias if found is None else found

    def _watch(self) -> None:
        self._pads.look(self._stage.events)
        for event in self._stage.events:
            if event.type == pygame.WINDOWFOCUSLOST:
                self._held.clear()
            elif event.type == pygame.KEYDOWN:
                self._held.add(place_name(event))
            elif event.type == pygame.KEYUP:
                self._held.discard(place_name(event))

    def _items(self) -> list[Item]:
        checks = self._checks()
        missing = [check.label.lower() for check in self._waivers.missing(checks)]
        refused = f"Not yet: {', '.join(missing)}. {_WAIVE}" if missing else ""
        lines = [self._line(check) for check in checks]
        alias = Item(
            "alias",
            f"{_MARKS[State.OPTIONAL]}  Operator",
            self._alias or "nameless",
            "Choose to type a name; left and right show earlier ones.",
            adjustable=True,
        )
        start = Item("start", "Start", note="The robot moves.", refused=refused)
        back = Item("back", "Back", note="To the launcher; nothing is started.")
        return [*lines, alias, start, back]

    def _line(self, check: Check) -> Item:
        waived = self._waivers.has(check)
        open_ = check.state in (State.OPEN, State.FAILED) and check.waivable
        return Item(
            check.key,
            f"{'-' if waived else _MARKS[check.state]}  {check.label}",
            "left out" if waived else check.found,
            f"{check.note} {_WAIVE}" if open_ else check.note,
            adjustable=open_,
        )

    def _checks(self) -> list[Check]:
        return [
            self._stop_check(),
            self._devices_check(),
            self._policy_check(),
            self._disk_check(),
            self._latency_check(),
        ]

    def _stop_check(self) -> Check:
        state = State.PASSED if self._stop_tested else State.OPEN
        found = "works" if self._stop_tested else "not tested"
        return Check("stop", "Emergency stop", state, found, "Choose to test it.")

    def _devices_check(self) -> Check:
        names = [pad.name for pad in self._pads.pads]
        found = f"keyboard, {_cut(names[0])}" if names else "keyboard"
        if len(names) > 1:
            found = f"keyboard, {len(names)} pads"
        warning = self._warning()
        if warning:
            wizard = " Choose to calibrate it." if self._calibrate is not None else ""
            note = f"A pad's controls are guessed.{wizard}"
            return Check("devices", "Devices", State.FAILED, "pad not calibrated", note)
        note = "Choose to look at the next device." if names else "A pad can be plugged in."
        return Check("devices", "Devices", State.PASSED, found, note)

    def _warning(self) -> str:
        return next((pad.warning for pad in self._pads.pads if pad.warning), "")

    def _policy_check(self) -> Check:
        policy = self._subject.policy
        if policy.trouble:
            note = "Its file cannot be read: go back and choose another policy."
            return Check("policy", "Policy", State.FAILED, "missing", note, waivable=False)
        if not policy.sha256:
            note = "It starts from nothing: expect little."
            return Check("policy", "Policy", State.OPTIONAL, policy.name, note)
        told = policy.evaluation or "not measured here"
        name = _cut(policy.name)
        note = f"Hash {policy.sha256[:8]}; last evaluation: {told}."
        return Check("policy", "Policy", State.PASSED, name, note)

    def _disk_check(self) -> Check:
        free = self._free
        if free is None:
            note = "The folder for sessions cannot be looked at: start elsewhere."
            return Check("disk", "Disk", State.FAILED, "unknown", note, waivable=False)
        found = f"{free / 2**30:.1f} GiB free"
        if free < REFUSE_BELOW_BYTES:
            note = "Too little for a session: free some space, then choose this line."
            return Check("disk", "Disk", State.FAILED, found, note, waivable=False)
        state = State.PASSED if free >= WARN_BELOW_BYTES else State.FAILED
        note = "An hour takes about 70 MiB." if state is State.PASSED else "Little is left."
        return Check("disk", "Disk", state, found, note)

    def _latency_check(self) -> Check:
        measured = self._latency_ms is not None
        found = f"{self._latency_ms:.0f} ms" if measured else "not measured"
        note = "Optional: press when a square turns, five times."
        return Check("latency", "Latency", State.OPTIONAL, found, note)

    def _panel(self, scribe: Scribe, area: pygame.Rect) -> None:
        controls, pads = self._kept.now.controls, self._pads.pads
        place = self._shown % (len(pads) + 1)
        if place < len(pads):
            draw_pad(scribe, area, pads[place], controls, self._subject.layout)
        else:
            draw_keyboard(scribe, area, self._held, controls, self._subject.layout)


def _cut(name: str, longest: int = 15) -> str:
    """Return a name that fits into its line."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _free_bytes(folder: Path) -> int | None:
    """Return the room where a folder is or will be; None: it cannot be looked at."""
    there = next((p for p in (folder, *folder.absolute().parents) if p.is_dir()), None)
    try:
        return None if there is None else shutil.disk_usage(there).free
    except OSError:
        return None
