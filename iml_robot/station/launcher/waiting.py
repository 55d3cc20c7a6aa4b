"""A command that runs by itself, with what it says, until it ends or is stopped."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import pygame

from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe

LINES = 14
"""Lines of the command that are shown."""

_PATIENCE_S = 5.0
_LINE = 26


class WaitingScreen:
    """Runs a command in a process of its own and shows its last lines.

    Args:
        stage: The window.
        pads: The pads that are there.
        title: Heading.
        command: The command and its arguments.
    """

    def __init__(
        self, stage: Stage, pads: LivePads, title: str, *, command: Sequence[str]
    ) -> None:
        self._stage, self._pads, self._title = stage, pads, title
        self._command = tuple(command)
        self._lines: deque[str] = deque(maxlen=LINES)
        self._process: subprocess.Popen[str] | None = None

    def show(self) -> int:
        """Run the command until it ends and the person has seen it; return its code.

        A person who does not want to wait stops it as Ctrl-C does.
        """
        process = self._process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        menu = MenuScreen(
            self._stage, self._title, self._items, beside=self._output, watch=self._watch
        )
        try:
            menu.wait()
        finally:
            _end(process)
            reader.join(timeout=_PATIENCE_S)
        return process.returncode

    def _items(self) -> list[Item]:
        process = self._process
        code = None if process is None else process.poll()
        if code is None:
            return [Item("stop", "Stop", "running", "What was measured so far is lost.")]
        end = "done" if code == 0 else f"ended with code {code}"
        return [Item("stop", "Go on", end, "Back to the launcher.")]

    def _watch(self) -> None:
        self._pads.look(self._stage.events)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self._lines.append(line.rstrip())

    def _output(self, scribe: Scribe, area: pygame.Rect) -> None:
        pygame.draw.rect(
            scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8)
        )
        inner = area.inflate(-scribe.px(20), -scribe.px(16))
        step = scribe.px(_LINE)
        wrapped = [
            part
            for line in tuple(self._lines)
            for part in scribe.wrapped(line, inner.width, 14) or [""]
        ]
        newest = wrapped[-(inner.height // step) :]
        for number, line in enumerate(newest):
            row = pygame.Rect(inner.left, inner.top + number * step, inner.width, step)
            scribe.write(line, row, 14)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process, politely at first."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
