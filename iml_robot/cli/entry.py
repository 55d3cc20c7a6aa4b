"""Runs a command and turns every way it can fail into one line and an exit code.

Exit codes: 0 done, 1 failed (or a gate that failed), 2 wrong call or configuration,
3 inconclusive, 4 a file that is refused, 5 the machine lacks something, 6 not
deterministic, 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import TextIO

from iml_robot.core.errors import ImlRobotError, UsageError

FAILED = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: What stands behind `iml-robot`; None: the arguments of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug, given = _take_debug(given)
    logging.basicConfig(
        level=logging.WARNING,
        format="%(name)s: %(message)s" if debug else "%(levelname)s: %(message)s",
    )
    # Where it keeps its font cache is no concern of somebody who drives a robot.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    if debug:
        logging.getLogger("iml_robot").setLevel(logging.DEBUG)
    stop = _Stop()
    stop.listen()
    try:
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the output, for example `head`, has enough.
        _mute(sys.stdout)
        return FAILED
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except Exception as error:
        if stop.asked:
            # Code that was interrupted, such as a library that loads, makes another
            # error of it.
            return _fail("interrupted", INTERRUPTED, debug=debug)
        return _report(error, debug=debug)
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from iml_robot.cli.app import app

    try:
        result = app(
            args=arguments or ["--help"], prog_name="iml-robot", standalone_mode=False
        )
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        return _usage(error)
    if result == INTERRUPTED:
        raise KeyboardInterrupt
    if not arguments:
        return UsageError.exit_code
    return result if isinstance(result, int) else 0


def _report(error: Exception, *, debug: bool) -> int:
    """Say in one line what went wrong; return the exit code."""
    if isinstance(error, ImlRobotError):
        return _fail(str(error), error.exit_code, debug=debug)
    hint = "" if debug else " (this is a fault of the program; --debug shows where)"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _fail(f"unexpected {text}{hint}", FAILED, debug=debug)


def _usage(error: Exception) -> int:
    """Report a wrong call in the words of the option parser."""
    format_message = getattr(error, "format_message", error.__str__)
    message = str(format_message()).replace("Value error, ", "").strip().rstrip(".")
    command = getattr(getattr(error, "ctx", None), "command_path", "iml-robot")
    return _fail(
        f"{message[:1].lower()}{message[1:]}; see {command} --help", UsageError.exit_code
    )


def _take_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    """Accept --debug at any place before a bare "--"."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    head = [argument for argument in arguments[:end] if argument != "--debug"]
    return len(head) < end, head + arguments[end:]


def _fail(message: str, code: int, *, debug: bool = False) -> int:
    if debug:
        traceback.print_exc()
    line = " ".join(message.split())
    try:
        sys.stderr.write(f"{line}\n" if code == INTERRUPTED else f"error: {line}\n")
    except OSError:
        # The terminal was closed.
        _mute(sys.stderr)
        _mute(sys.stdout)
    return code


def _mute(stream: TextIO) -> None:
    """Let what is left in a buffer go nowhere, so that it does not fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Stop:
    """Ends the program in good order when the user or the system asks for that.

    Attributes:
        asked: Whether somebody did.
    """

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """Let a stopped job and a closed terminal close their files as after Ctrl-C.

        What is ignored stays ignored: SIGHUP under nohup, SIGINT behind a shell's "&".
        """
        signal.signal(signal.SIGTERM, self._interrupt)
        for name in ("SIGINT", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        raise KeyboardInterrupt
