"""What a person did, step by step, in a file of JSON lines.

The first line says what the file is. Then, for each time that the operator was reset, a
line {"reset": seed} and one line for each step with what differs from a device that nobody
touches, how long the step before took, and what else a menu or a drawn path made of it:
all that the robot did depends on nothing else, also where steps were late. Lines are
appended and flushed, so that a crash costs two lines at most.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.types import Link, Request
from iml_robot.devices.input.reading import COMMAND_AXES, DeviceReading

logger = logging.getLogger(__name__)

SCHEMA = 2
"""Number of the format; a file with a higher one is refused."""
READABLE = (1, 2)
"""Schema 1 knew neither how long steps took nor what menus and drawn paths did."""

KIND = "input of an operator"
"""What the first line calls the file."""

_DEFAULT = DeviceReading("")
_STORED = ("connected", "lost", *COMMAND_AXES, "moving", "gripping", "evaluation")
_AROUND = ("elapsed_s", "late", "final")

Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Final:
    """What reached the arbiter at a step, with what menus and drawn paths made of it.

    Attributes:
        action: The commanded action, of any size; None: nobody was there.
        moving: As in `OperatorSignal`.
        gripping: Same.
        requests: Same.
    """

    action: tuple[float, ...] | None = None
    moving: bool = False
    gripping: bool = False
    requests: frozenset[Request] = frozenset()


@dataclass(frozen=True)
class Around:
    """What a step depended on beside the device.

    Attributes:
        elapsed_s: Time since the step before [s]; None: not known.
        late: Whether the policy was late for the step.
        final: What reached the arbiter; None: not known, or what the device said.
    """

    elapsed_s: float | None = None
    late: bool = False
    final: Final | None = None


ALONE = Around()
"""Of a step of which nothing else is known."""


@dataclass(frozen=True)
class Recording:
    """The content of a file.

    Attributes:
        layout: "rover" or "drone": how the robot was steered.
        bindings: What each control did, as (label, meaning).
        blocks: Readings by step, for each time that the operator was reset.
        around: What else each of these steps depended on, in the same order.
    """

    layout: str
    bindings: Lines
    blocks: list[list[DeviceReading]]
    around: list[list[Around]]


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

    def add(self, reading: DeviceReading, around: Around = ALONE) -> None:
        """Write one step.

        Args:
            reading: Its `link` must say whether the person could reach the robot.
            around: What else the step depended on.
        """
        line: dict[str, Any] = {"tick": self._tick, "name": reading.name}
        for name in _STORED:
            if getattr(reading, name) != getattr(_DEFAULT, name):
                line[name] = getattr(reading, name)
        if reading.requests:
            line["requests"] = sorted(request.value for request in reading.requests)
        if reading.link not in (None, Link.OK):
            line["link"] = reading.link.value
        self._tick += 1
        line |= _around_line(around)
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
    if head.get("kind") != KIND or head.get("schema") not in READABLE:
        raise UsageError(
            f"{path}: no recording of input with a schema up to {SCHEMA}; record one "
            "with operator.record"
        )
    blocks: list[list[DeviceReading]] = []
    around: list[list[Around]] = []
    for number, entry in enumerate(entries[1:], 2):
        if "reset" in entry:
            blocks.append([])
            around.append([])
        elif blocks and entry.get("tick") == len(blocks[-1]):
            blocks[-1].append(_reading(path, number, entry))
            around[-1].append(_around(path, number, entry))
        else:
            raise UsageError(f"{path}, line {number}: a step is missing; record it again")
    bindings = [(str(label), str(meaning)) for label, meaning in head.get("bindings", [])]
    return Recording(str(head.get("layout")), bindings, blocks, around)


def _around_line(around: Around) -> dict[str, Any]:
    """Return what is written of what else a step depended on."""
    line: dict[str, Any] = {}
    if around.elapsed_s is not None:
        line["elapsed_s"] = around.elapsed_s
    if around.late:
        line["late"] = True
    if around.final is not None:
        requests = sorted(request.value for request in around.final.requests)
        line["final"] = {**asdict(around.final), "requests": requests}
    return line


def _around(path: Path, number: int, entry: Mapping[str, Any]) -> Around:
    try:
        elapsed_s, final = entry.get("elapsed_s"), entry.get("final")
        if elapsed_s is not None and not math.isfinite(elapsed_s):
            raise ValueError(f"elapsed_s is {elapsed_s!r}, not a number")
        return Around(
            elapsed_s, bool(entry.get("late")), None if final is None else _final(final)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path}, line {number}: damaged: {error}") from error


def _final(said: Mapping[str, Any]) -> Final:
    action = said["action"]
    if action is not None and not all(map(math.isfinite, action)):
        raise ValueError(f"action is {action!r}, not numbers")
    return Final(
        None if action is None else tuple(map(float, action)),
        bool(said["moving"]),
        bool(said["gripping"]),
        frozenset(Request(value) for value in said["requests"]),
    )


def _entry(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{path}, line {number}: damaged: {error}") from error
    if not isinstance(entry, dict):
        raise UsageError(f"{path}, line {number}: damaged: no object, got {line[:40]!r}")
    return entry


def _reading(path: Path, number: int, entry: Mapping[str, Any]) -> DeviceReading:
    known = {field.name for field in fields(DeviceReading)} | {"tick", *_AROUND}
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
