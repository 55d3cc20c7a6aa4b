"""Drives one map of a suite again: as figures, and in a window for whoever wants to see."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from iml_robot.cli.console import progress, say
from iml_robot.core.errors import ImlRobotError, InfrastructureError, UsageError
from iml_robot.evaluation.measuring import Measurement, Part, drive_parts, parts_of
from iml_robot.evaluation.meter import Abilities
from iml_robot.evaluation.rollouts import map_options
from iml_robot.evaluation.suites import Suite
from iml_robot.evaluation.takes import Take, TakesPart
from iml_robot.evaluation.workers import Work, Workers
from iml_robot.robots.environment import check_render_mode, control_period_s, make_env

END_SHOWN_S = 2.0
"""So long the window shows how it ended [s]."""


def drive_again(measurement: Measurement, only: str) -> int:
    """Drive one map again and say everything about it; returns the exit code.

    Args:
        measurement: Where the record goes.
        only: "ENTRY:MAP".

    Raises:
        UsageError: If there is no such map.
    """
    part, index = _part(measurement, only)
    workers = Workers(1)
    with progress(only) as advance:
        for _, result in drive_parts(workers, [part], on_progress=advance):
            measurement.add(result)
    workers.close()
    record = next(r for r in measurement.records[part.entry] if r.index == index)
    say(
        json.dumps({"entry": part.entry, **record.told()}, indent=2, allow_nan=False),
    )
    return 0


def watch(measurement: Measurement, only: str) -> int:
    """Show one map in a window, as fast as it went; returns the exit code.

    Args:
        measurement: Says whose map it is.
        only: "ENTRY:MAP".

    Raises:
        UsageError: If there is no such map, or its environment opens no window.
        InfrastructureError: If there is no display.
    """
    part, index = _part(measurement, only)
    check_render_mode(part.task, "human")
    workers = Workers(1)
    env = make_env(part.task, render_mode="human")
    try:
        # First of all, so that a missing display is told at once.
        with _window():
            env.reset(seed=index, options=map_options(part.options, index))
        with progress(only) as advance:
            work = [Work(TakesPart(part, (index,)), len(part.indices))]
            found = workers.finished(work, on_progress=advance)
            take: Take = next(take for _, takes in found for take in takes)
        say(f"{only}: {len(take.actions)} steps, {take.outcome}; Ctrl-C ends it")
        with _window():
            _show(env, take)
    finally:
        env.close()
        workers.close()
    return 0


def _show(env: Any, take: Take) -> None:
    period_s, due_s = control_period_s(env), time.monotonic()
    for _ in take.play(env):
        due_s += period_s
        time.sleep(max(0.0, due_s - time.monotonic()))
    time.sleep(END_SHOWN_S)


@contextmanager
def _window() -> Iterator[None]:
    """Tell what keeps an environment from showing its window."""
    try:
        yield
    except ImlRobotError:
        raise
    except Exception as error:  # No display, or whatever its window raises.
        raise InfrastructureError(
            f"the window cannot be opened: {' '.join(str(error).split())}; is there a "
            "display?"
        ) from error


def _part(measurement: Measurement, only: str) -> tuple[Part, int]:
    """Return the part in which a map is driven, and the map's number."""
    entry, index = _place(measurement.suite, only)
    found = measurement.suite.entry(entry)
    assert found is not None
    abilities = Abilities.of(measurement.suite.task)
    parts = parts_of(measurement.source, found, abilities)
    return next(part for part in parts if index in part.indices), index


def _place(suite: Suite, only: str) -> tuple[str, int]:
    """Return the entry and the map that "ENTRY:MAP" names."""
    name, _, number = only.rpartition(":")
    entry = suite.entry(name)
    if entry is None or not number.isdecimal() or int(number) >= entry.maps:
        known = ", ".join(f"{e.name}:0 to {e.name}:{e.maps - 1}" for e in suite.entries)
        raise UsageError(f"--only {only}: there is no such map (known: {known})")
    return name, int(number)
