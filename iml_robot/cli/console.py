"""What commands say: plain lines for logs, moving bars for people at a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import typer

# A log must show that something happens, and must not fill up with it.
LINE_EVERY_S = 30.0


def is_plain() -> bool:
    """Return whether output goes to a log instead of a person at a terminal."""
    wanted_plain = any(os.environ.get(name) for name in ("CI", "NO_COLOR"))
    return wanted_plain or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()


def say(text: str) -> None:
    """Write one line to the output at once."""
    typer.echo(text)
    sys.stdout.flush()


def say_table(rows: Sequence[Sequence[str]]) -> None:
    """Write rows in aligned columns; the last column may be of any length."""
    if not rows:
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """Show how far a long step is.

    Args:
        label: What is being done.

    Yields:
        A function to call with the finished fraction in [0, 1].
    """
    if is_plain():
        yield _Lines(label)
    else:
        with _bar(label) as advance:
            yield advance


class _Lines:
    """Says a line at every tenth, or after 30 s without one."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._said_tenth = 0
        self._start = self._said_at = time.monotonic()

    def __call__(self, fraction: float) -> None:
        now, tenth = time.monotonic(), int(10 * fraction + 1e-9)
        if tenth <= self._said_tenth and now - self._said_at < LINE_EVERY_S:
            return
        self._said_tenth, self._said_at = tenth, now
        say(f"{self._label}: {100 * fraction:.0f} % ({now - self._start:.0f} s)")


@contextmanager
def _bar(label: str) -> Iterator[Callable[[float], None]]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)
