"""What a person did, step by step, in a file of JSON lines.

The first line says what the file is. Then, for each time that the operator was reset, a
line {"reset": seed} and one line for each step with what differs from a device that nobody
touches. Lines are appended and flushed, so that a crash costs one line at most.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.types import Link, Request
from iml_robot.devices.input.reading import COMMAND_AXES, DeviceReading

logger = logging.getLogger(__name__)

SCHEMA = 1
"""Number of the format; a file with another one is refused."""

KIND = "input of an operator"
"""What the first line calls the file."""

_DEFAULT = DeviceReading("")
_STORED = ("connected", "lost", *COMMAND_AXES, "moving", "gripping", "evaluation")

Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Recording:
    """The content of a file.

    Attributes:
        layout: "rover" or "drone": how the robot was steered.
        bindings: What each control did, as (label, meaning).
        blocks: Readings by step, for each time that the operator was reset.
    """

    layout: str
    bindings: Lines
    blocks: list[list[DeviceReading]]


class RecordingWriter:
    """Appends readings to a new file.

    Args:
        path: The file; its folder must exist.

    Raises:
        UsageError: If there is such a file.
        InfrastructureError: If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tick = 0
        self._file: TextIO | None = None
        try:
            self._file = path.open("x", encoding="utf-8")
        except FileExistsError as error:
            raise UsageError(
                f"{path}: there is a recording already; name another file, or delete it"
            ) from error
        except OSError as error:
            raise InfrastructureError(
                f"{path}: cannot record the input: {error.strerror or error}"
            ) from error

    def start(self, layout: str, bindings: Sequence[tuple[str, str]]) -> None:
        """Write the first line.

        Args:
            layout: "rover" or "drone".
            bindings: What each control does, as (label, meaning).
        """
        head = {"schema": SCHEMA, "kind": KIND, "layout": layout, "bindings": [*bindings]}
        self._append(head)

    def reset(self, seed: int) -> None:
        """Begin with the steps that follow a reset of the operator."""
        self._tick = 0
        self._append({"reset": seed})

    def add(self, reading: DeviceReading) -> None:
        """Write one step; its `link` must say whether the person could reach the robot."""
        line: dict[str, Any] = {"tick": self._tick, "name": reading.name}
        for name in _STORED:
            if getattr(reading, name) != getattr(_DEFAULT, name):
                line[name] = getattr(reading, name)
        if reading.requests:
            line["requests"] = sorted(request.value for request in reading.requests)
        if reading.link not in (None, Link.OK):
            line["link"] = reading.link.value
        self._tick += 1
        self._append(line)

    def close(self) -> None:
        """Close the file; harmless when it is closed already."""
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError as error:
                logger.error("%s: the recording may lack its end: %s", self._path, error)

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(line, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as error:
            # Whoever drives must not be stopped by a disk that is full.
            logger.error("%s: the recording ends here: %s", self._path, error)
            self.close()


def read_recording(path: Path) -> Recording:
    """Read a file; a last line that was cut off by a crash is left out.

    Raises:
        UsageError: If there is no such file, or it is damaged or no recording.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot read the recording: {reason}") from error
    torn = lines.pop()
    if torn:
        logger.warning("%s: the last line was cut off and is left out", path)
    entries = [_entry(path, number, line) for number, line in enumerate(lines, 1)]
    head = entries[0] if entries else {}
    if head.get("kind") != KIND or head.get("schema") != SCHEMA:
        raise UsageError(
            f"{path}: no recording of input with schema {SCHEMA}; record one with "
            "operator.record"
        )
    blocks: list[list[DeviceReading]] = []
    for number, entry in enumerate(entries[1:], 2):
        if "reset" in entry:
            blocks.append([])
        elif blocks and entry.get("tick") == len(blocks[-1]):
            blocks[-1].append(_reading(path, number, entry))
        else:
            raise UsageError(f"{path}, line {number}: a step is missing; record it again")
    bindings = [(str(label), str(meaning)) for label, meaning in head.get("bindings", [])]
    return Recording(str(head.get("layout")), bindings, blocks)


def _entry(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{path}, line {number}: damaged: {error}") from error
    if not isinstance(entry, dict):
        raise UsageError(f"{path}, line {number}: damaged: no object, got {line[:40]!r}")
    return entry


def _reading(path: Path, number: int, entry: Mapping[str, Any]) -> DeviceReading:
    known = {field.name for field in fields(DeviceReading)} | {"tick"}
    try:
        if set(entry) - known:
            raise ValueError(f"unknown keys {sorted(set(entry) - known)}")
        values = {name: entry[name] for name in _STORED if name in entry}
        for name in (*COMMAND_AXES, "evaluation"):
            value = values.get(name, 0.0)
            if not (isinstance(value, float | int) and math.isfinite(value)):
                raise ValueError(f"{name} is {value!r}, not a number")
        return DeviceReading(
            str(entry["name"]),
            requests=frozenset(Request(value) for value in entry.get("requests", ())),
            link=Link(entry.get("link", Link.OK.value)),
            **values,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path}, line {number}: damaged: {error}") from error
