"""Measures this package's robots beside other drone simulators, on one core, in one run.

    python scripts/compare_simulators.py --seconds 10 --json comparison.json

Every contestant is stepped 20 times per simulated second under smooth random actions,
with the physics rate it comes with. Counted are environment steps with their observation
per second of processor time; resets are left out, and their time stands beside. The
contestants take turns in short rounds and the medians are printed, so that a busy machine
weighs on all of them alike.

Rivals run as processes of their own, under Pythons of their own that the script makes in
the cache folder. PyFlyt comes from PyPI (it has no rover to compare with).
gym-pybullet-drones is not on PyPI: install it from its repository into an environment of
your own and say which Python that has,

    python scripts/compare_simulators.py --python gym-pybullet-drones=VENV/bin/python

What does not install or start is named in one line with the reason, and the run goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import yaml

CONTROL_HZ = 20
WORKER = Path(__file__).parent / "rivals" / "worker.py"
OURS = "iml_robot_envs"
INSTALL_LIMIT_S = 900
START_LIMIT_S = 180.0
WARM_UP_S = 1.0
PATIENCE = 30.0
"""How many times longer than its measured time a round may last, resets included."""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Simulator:
    """Where contestants come from.

    Attributes:
        module: What registers its environments with Gymnasium when it is imported.
        distribution: Name its version is found under.
        requirements: What pip installs; empty where it is not to be had from PyPI.
        physics_path: Where its environments keep their physics rate [Hz] or step [s].
    """

    module: str
    distribution: str
    requirements: list[str]
    physics_path: str


@dataclass(frozen=True)
class Contestant:
    """One environment to measure.

    Attributes:
        simulator: One of `SIMULATORS`.
        task: What the table calls it.
        env_id: Id of its environment.
        options: Arguments of its constructor.
        reset_options: Options of every reset.
        robots: 1, or the size of a batch.
    """

    simulator: str
    task: str
    env_id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    reset_options: Mapping[str, Any] = field(default_factory=dict)
    robots: int = 1

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.simulator} {self.task}"


def read_simulators(path: Path) -> tuple[dict[str, Simulator], tuple[Contestant, ...]]:
    """Return the simulators of a file, and what is measured of the rivals."""
    simulators, rivals = {}, []
    for name, facts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for task, (env_id, options) in facts.pop("tasks").items():
            rivals.append(Contestant(name, task, env_id, options))
        simulators[name] = Simulator(**facts)
    return simulators, tuple(rivals)


SIMULATORS, RIVALS = read_simulators(WORKER.with_name("simulators.yaml"))
OWN_MAPS = {"level": 2, "split": "val"}


class Skipped(Exception):  # noqa: N818 - no error: the run goes on without the contestant
    """Says in one line why something is not measured."""


def last_line(text: str) -> str:
    """Return what a failed program said last, an error of pip above all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1]


def interpreter(name: str, cache: Path, given: Mapping[str, Path]) -> Path:
    """Return the Python that a simulator runs under; install the simulator if need be.

    Raises:
        Skipped: If it cannot be installed.
    """
    if name in given:
        return given[name]
    if name == OURS:
        return Path(sys.executable)
    pins = SIMULATORS[name].requirements
    if not pins:
        raise Skipped(f"not on PyPI; give --python {name}=PATH of a Python that has it")
    return installed(cache / name, pins)


def interpreters(chosen: argparse.Namespace) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the Python of every chosen simulator, and why some have none."""
    pythons, missing = {}, {}
    for name in chosen.simulators:
        try:
            pythons[name] = interpreter(name, chosen.cache, dict(chosen.python))
        except Skipped as reason:
            missing[name] = str(reason)
    return pythons, missing


def installed(folder: Path, pins: Sequence[str]) -> Path:
    """Return the Python of an environment with these requirements; make what is missing.

    Raises:
        Skipped: If they cannot be installed.
    """
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join([platform.python_version(), *pins])
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"installing {', '.join(pins)} into {folder}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, *pins]):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", check=False,
                timeout=INSTALL_LIMIT_S, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Skipped(f"does not install: {error}") from error
        if done.returncode:
            raise Skipped(f"does not install: {last_line(done.stderr or done.stdout)}")
    stamp.write_text(wanted)
    return python


class Runner:
    """A process that steps one contestant.

    Raises:
        Skipped: If the contestant does not start.
    """

    def __init__(self, contestant: Contestant, python: Path, core: int) -> None:
        self.contestant = contestant
        self.rounds: list[dict[str, Any]] = []
        self._said = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        # Rivals must not see this environment; ours must, however it is installed.
        isolated = [] if contestant.simulator == OURS else ["-I"]
        try:
            self._process = subprocess.Popen(
                [str(python), *isolated, str(WORKER)], env={**os.environ, **ONE_THREAD},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True,
            )  # fmt: skip
        except OSError as error:
            self._said.close()
            raise Skipped(f"does not start: {error}") from error
        simulator = asdict(SIMULATORS[contestant.simulator])
        wanted = {**simulator, **asdict(contestant)}
        try:
            self.facts = self._ask(
                {"contestant": wanted, "core": core, "warm_up_s": WARM_UP_S}, START_LIMIT_S
            )
        except Skipped:
            self.close()
            raise

    def run(self, seconds: float) -> None:
        """Measure one more round.

        Raises:
            Skipped: If the process fails.
        """
        self.rounds.append(self._ask({"run_s": seconds}, 10 + PATIENCE * seconds))

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said.close()

    def _ask(self, request: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Send a request and return its answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        line = ""
        try:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            if not select.select([stdout], [], [], limit_s)[0]:
                self._process.kill()
                raise Skipped(f"no answer within {limit_s:.0f} s")
            line = stdout.readline()
        except BrokenPipeError:
            pass  # the process is gone, and says below why
        if not line:
            self._process.wait()
            self._said.seek(0)
            raise Skipped(f"its process ended: {last_line(self._said.read())}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Skipped(answer["error"])
        return answer


def own_contestants(tasks: Sequence[str], batch: int) -> list[Contestant]:
    """Return each task of this package as one robot and as a batch."""
    return [
        Contestant(
            OURS, task if robots == 1 else f"{task} x{robots}", f"iml/{task}-v0",
            reset_options=OWN_MAPS, robots=robots,
        )
        for task in tasks
        for robots in (1, batch)
    ]  # fmt: skip


def summary(runner: Runner) -> dict[str, Any]:
    """Return what was measured of a contestant, with the median over its rounds."""
    rounds = [one for one in runner.rounds if one["steps"]]
    if not rounds:
        raise Skipped("no step without a reset in any round")
    rates = [one["steps"] / one["cpu_s"] for one in rounds]
    resets = [spent for one in rounds for spent in one["reset_ms"]]
    return {
        **asdict(runner.contestant),
        **runner.facts,
        "control_hz": CONTROL_HZ,
        "steps_per_s": median(rates),
        "steps_per_s_of_rounds": rates,
        "wall_steps_per_s": median(one["steps"] / one["wall_s"] for one in rounds),
        "reset_ms": median(resets) if resets else None,
    }


@contextmanager
def noting(contestant: Contestant, skipped: dict[str, str]) -> Iterator[None]:
    """Note why a contestant is not measured, and go on."""
    try:
        yield
    except Skipped as reason:
        skipped.setdefault(contestant.name, str(reason))


def measure(
    contestants: Sequence[Contestant],
    pythons: Mapping[str, Path],
    chosen: argparse.Namespace,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return a row for every contestant that runs, and why the others do not."""
    skipped: dict[str, str] = {}
    runners: list[Runner] = []
    rows: list[dict[str, Any]] = []
    with ExitStack() as stack:
        for one in contestants:
            with noting(one, skipped):
                runners.append(Runner(one, pythons[one.simulator], chosen.core))
                stack.callback(runners[-1].close)
        for _ in range(chosen.rounds):
            for runner in runners:
                with noting(runner.contestant, skipped):
                    runner.run(chosen.seconds / chosen.rounds)
        for runner in (one for one in runners if one.contestant.name not in skipped):
            with noting(runner.contestant, skipped):
                rows.append(summary(runner))
    return rows, skipped


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as text; the last columns say how many times faster ours are."""
    ours = [row for row in rows if row["simulator"] == OURS]
    head = ["simulator", "task", "control Hz", "physics Hz", "steps/s", "reset ms"]
    cells = [[*head, *(f"{row['task']} is" for row in ours)]]
    for row in rows:
        physics, reset = row["physics_hz"], row["reset_ms"]
        cells.append([
            f"{row['simulator']} {row['version']}".rstrip(),
            row["task"],
            f"{row['control_hz']}",
            "?" if physics is None else f"{physics:.0f}",
            f"{row['steps_per_s']:,.0f}",
            "-" if reset is None else f"{reset:.1f}",
            *(f"{mine['steps_per_s'] / row['steps_per_s']:.2f} x" for mine in ours),
        ])  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def named_path(text: str) -> tuple[str, Path]:
    """Read NAME=PATH of a simulator and its Python."""
    name, _, path = text.partition("=")
    if name not in SIMULATORS or not path:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=PATH with a NAME of {', '.join(SIMULATORS)}"
        )
    return name, Path(path)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    add = parser.add_argument
    add("--seconds", type=float, default=10.0, help="measured time of each contestant [s]")
    add("--rounds", type=int, default=10, help="rounds that time is split into")
    add("--tasks", nargs="*", default=["RoverRocks", "DroneForest"], help="tasks of ours")
    add("--batch", type=int, default=64, help="robots of our batches")
    add("--simulators", nargs="*", choices=[*SIMULATORS], default=[*SIMULATORS])
    add("--python", type=named_path, action="append", default=[], metavar="NAME=PATH")
    add("--cache", type=Path, default=home / "iml_robot" / "rivals", metavar="DIR")
    add("--core", type=int, choices=cores, default=cores[-1], help="core they all run on")
    add("--json", type=Path, metavar="FILE", help="write everything measured there")
    chosen = parser.parse_args(arguments)
    if chosen.seconds <= 0 or chosen.rounds < 1 or chosen.batch < 2:
        parser.error("--seconds must be above 0, --rounds at least 1, --batch at least 2")
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if nothing could be measured."""
    chosen = parse(arguments)
    pythons, missing = interpreters(chosen)
    wanted = (*own_contestants(chosen.tasks, chosen.batch), *RIVALS)
    contestants = [one for one in wanted if one.simulator in pythons]
    rows, skipped = measure(contestants, pythons, chosen)
    skipped = {**missing, **skipped}
    if rows:
        print(table(rows))
        print("steps/s: of all robots, per second of one core; 2 x: twice the row's")
    for name, reason in skipped.items():
        print(f"not measured: {name}: {reason}")
    if chosen.json:
        how = {"seconds": chosen.seconds, "rounds": chosen.rounds, "core": chosen.core}
        found = {**how, "rows": rows, "not_measured": skipped}
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
