"""What works on this machine, and what to do about the rest."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any

from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.resources import shipped_names
from iml_robot.core.station_settings import (
    PadSettings,
    StationSettings,
    load_station_settings,
    settings_path,
)

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
# Both put their files into the same folder "pygame", and the last one wins.
RIVALS = ("pygame", "pygame-ce")
ASK_SDL = ("-m", "iml_robot.devices.input.survey")


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
    settings, settings_finding = _settings()
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return [
        Finding(State.OK, "system", system),
        _python(),
        *(_package(name) for name in PACKAGES),
        *_rivals(),
        settings_finding,
        *_window_and_pads(settings),
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


def _rivals() -> list[Finding]:
    """Return a warning if both distributions of pygame are installed."""
    installed = []
    for name in RIVALS:
        try:
            installed.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    if len(installed) < 2:
        return []
    text = (
        f"{' and '.join(installed)} are both installed and overwrite each other's files; "
        f"uninstall both, then install {RIVALS[0]} again"
    )
    return [Finding(State.WARNING, "pygame", text)]


def _settings() -> tuple[StationSettings, Finding]:
    """Return what the person likes, and whether the file of it is sound."""
    path = settings_path()
    if not path.exists():
        text = f"none yet, all as usual ({path})"
        return StationSettings(), Finding(State.OK, "settings", text)
    try:
        return load_station_settings(path), Finding(State.OK, "settings", str(path))
    except (UsageError, OSError) as error:
        text = f"{error}; mend or delete the file, until then all is as usual"
        return StationSettings(), Finding(State.WARNING, "settings", text)


def _window_and_pads(settings: StationSettings) -> list[Finding]:
    """Ask SDL in a process of its own about the window and the pads."""
    environment = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    try:
        answer = subprocess.run(
            [sys.executable, *ASK_SDL],
            capture_output=True,
            text=True,
            timeout=20,
            env=environment,
            check=True,
        )
    except subprocess.TimeoutExpired:
        text = "the display does not answer; check DISPLAY or WAYLAND_DISPLAY"
        return [Finding(State.WARNING, "window", text)]
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [Finding(State.WARNING, "window", f"{reason}; only headless commands work")]
    said = json.loads(answer.stdout.splitlines()[-1])
    return [_window(said["driver"]), *pad_findings(said["pads"], settings)]


def _window(driver: str) -> Finding:
    chosen = os.environ.get("SDL_VIDEODRIVER")
    origin = " (by SDL_VIDEODRIVER)" if chosen else ""
    if driver in ("dummy", "offscreen", "evdev", "KMSDRM"):
        text = f"SDL driver {driver}{origin}: no display, so no human operator"
        return Finding(State.WARNING, "window", text)
    return Finding(State.OK, "window", f"SDL driver {driver}{origin}")


def pad_findings(
    pads: Sequence[Mapping[str, Any]], settings: StationSettings
) -> list[Finding]:
    """Return what there is to say about each pad.

    Args:
        pads: Pads as the survey of the devices describes them.
        settings: What the person likes, and what was found out about pads.
    """
    if not pads:
        text = "no gamepad or stick; the keyboard works in the window"
        return [Finding(State.OK, "devices", text)]
    return [_pad(pad, settings) for pad in pads]


def _pad(pad: Mapping[str, Any], settings: StationSettings) -> Finding:
    state, known = State.OK, "known to SDL"
    own = settings.controls.pads.get(pad["guid"])
    if not pad["drives"]:
        known = "too few axes or buttons to steer with"
    elif not pad["known"] and own is not None and own.axes:
        known = "calibrated"
        fault = _fault(own)
        if fault:
            state = State.WARNING
            known = f"its calibration is not used ({fault}), so its controls are guessed"
    elif not pad["known"]:
        state = State.WARNING
        known = "unknown to SDL and not calibrated, so its controls are guessed"
    text = (
        f"{pad['name']}: {known}, {pad['axes']} axes, {pad['buttons']} buttons, "
        f"{'rumbles' if pad['rumbles'] else 'no rumble'}, GUID {pad['guid']}"
    )
    return Finding(state, "devices", text)


def _fault(pad: PadSettings) -> str:
    """Return what is wrong with a calibration; "" if nothing is."""
    from iml_robot.devices.input.calibrated import calibrated_links

    try:
        calibrated_links(pad, ())
    except UsageError as error:
        return str(error)
    return ""


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
