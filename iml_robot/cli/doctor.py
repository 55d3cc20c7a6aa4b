"""What works on this machine, and what to do about the rest."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.resources import shipped_names

# A recorded session needs less than this; see data/store.py.
ENOUGH_DISK_BYTES = 1 << 30
PACKAGES = (
    "iml-robot",
    "numpy",
    "scipy",
    "gymnasium",
    "mujoco-core",
    "torch",
    "safetensors",
    "pygame",
    "pydantic",
    "matplotlib",
    "tensorboard",
)
# SDL can hang or crash on a broken display, so it is asked in a process of its own.
_ASK_SDL = """
import pygame
pygame.display.init(); pygame.joystick.init()
print(pygame.display.get_driver())
for i in range(pygame.joystick.get_count()): print(pygame.joystick.Joystick(i).get_name())
"""


class State(Enum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: How bad it is.
        name: What was looked at.
        text: What was found, and what to do about it.
    """

    state: State
    name: str
    text: str


def diagnose(folder: Path) -> list[Finding]:
    """Look at the machine.

    Args:
        folder: Where sessions would be written.
    """
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return [
        Finding(State.OK, "system", system),
        _python(),
        *(_package(name) for name in PACKAGES),
        *_window_and_devices(),
        _disk(folder),
        _shipped(),
    ]


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0, or the code of a missing thing if something cannot work at all."""
    missing = any(finding.state is State.MISSING for finding in findings)
    return InfrastructureError.exit_code if missing else 0


def _python() -> Finding:
    state = State.OK if sys.version_info >= (3, 11) else State.MISSING
    return Finding(state, "python", f"{platform.python_version()} ({sys.executable})")


def _package(name: str) -> Finding:
    try:
        return Finding(State.OK, name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(State.MISSING, name, "not installed; run: make install")


def _window_and_devices() -> list[Finding]:
    command = [sys.executable, "-c", _ASK_SDL]
    environment = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=20, env=environment, check=True
        )
    except subprocess.TimeoutExpired:
        text = "the display does not answer; check DISPLAY or WAYLAND_DISPLAY"
        return [Finding(State.WARNING, "window", text)]
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [Finding(State.WARNING, "window", f"{reason}; only headless commands work")]
    driver, *devices = answer.stdout.split("\n")[:-1]
    return [_window(driver), _devices(devices)]


def _window(driver: str) -> Finding:
    chosen = os.environ.get("SDL_VIDEODRIVER")
    origin = " (by SDL_VIDEODRIVER)" if chosen else ""
    if driver in ("dummy", "offscreen", "evdev", "KMSDRM"):
        text = f"SDL driver {driver}{origin}: no display, so no human operator"
        return Finding(State.WARNING, "window", text)
    return Finding(State.OK, "window", f"SDL driver {driver}{origin}")


def _devices(names: Sequence[str]) -> Finding:
    text = ", ".join(names) or "no gamepad or stick; the keyboard works in the window"
    return Finding(State.OK, "devices", text)


def _disk(folder: Path) -> Finding:
    if not os.access(folder, os.W_OK):
        return Finding(
            State.WARNING, "disk", f"{folder} is not writable; choose a folder with --out"
        )
    free = shutil.disk_usage(folder).free
    state = State.OK if free >= ENOUGH_DISK_BYTES else State.WARNING
    return Finding(state, "disk", f"{free / 2**30:.1f} GiB free in {folder}")


def _shipped() -> Finding:
    configs, policies = shipped_names("configs"), shipped_names("policies")
    state = State.OK if configs else State.MISSING
    texts = (
        f"{kind}: {', '.join(names) or 'none'}"
        for kind, names in (("configs", configs), ("policies", policies))
    )
    return Finding(state, "shipped", "; ".join(texts))
