"""Drives rows in processes of their own, some at a time."""

from __future__ import annotations

import multiprocessing
import shutil
import traceback
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol

import iml_robot
from iml_robot.core.errors import ImlRobotError
from iml_robot.core.subprocesses import follow_parent
from iml_robot.study.folder import StudyFolder
from iml_robot.study.plan import RowPlan
from iml_robot.study.records import Point, RowRecord


class StudyProgress(Protocol):
    """Says what is going on in the rows."""

    def begin(self, plan: RowPlan) -> None:
        """A row begins."""

    def episode(self, plan: RowPlan, hcs_s: float, episodes: int) -> None:
        """A row finished an episode."""

    def point(self, plan: RowPlan, point: Point) -> None:
        """A row measured its policy."""

    def end(self, plan: RowPlan, record: RowRecord) -> None:
        """A row ended, finished or failed."""


@dataclass(frozen=True)
class _Worker:
    plan: RowPlan
    process: SpawnProcess


def drive_rows(
    plans: Iterable[RowPlan], folder: StudyFolder, jobs: int, progress: StudyProgress
) -> list[RowRecord]:
    """Drive rows, each in a fresh process; return their records in the order they ended.

    A row that raises, or whose process dies, is recorded as failed; the others go on. A
    process ends with this one, however that ends.

    Args:
        plans: The rows.
        folder: Where the records go.
        jobs: Number of processes at a time.
        progress: Says what is going on.
    """
    waiting = deque(plans)
    running: dict[Connection, _Worker] = {}
    records: list[RowRecord] = []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                plan = waiting.popleft()
                progress.begin(plan)
                connection, process = _start(plan, folder)
                running[connection] = _Worker(plan, process)
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                if _hear(ready, running[ready].plan, progress):
                    continue
                worker = running.pop(ready)
                ready.close()
                records.append(_ended(worker, folder))
                progress.end(worker.plan, records[-1])
    finally:
        for worker in running.values():
            worker.process.terminate()
        for worker in running.values():
            worker.process.join()
    return records


def _start(plan: RowPlan, folder: StudyFolder) -> tuple[Connection, SpawnProcess]:
    # A fresh interpreter: forking one that holds torch threads can hang.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(plan, folder, theirs), name=plan.name)
    process.start()
    # Only the child holds its end now, so that its death ends the stream.
    theirs.close()
    return ours, process


def _hear(connection: Connection, plan: RowPlan, progress: StudyProgress) -> bool:
    """Pass a message on; False if the process has ended."""
    try:
        kind, values = connection.recv()
    except (EOFError, OSError):
        return False
    if kind == "episode":
        progress.episode(plan, *values)
    else:
        progress.point(plan, *values)
    return True


def _ended(worker: _Worker, folder: StudyFolder) -> RowRecord:
    """Return the record of a row whose process has ended."""
    worker.process.join()
    shutil.rmtree(folder.path / "work" / worker.plan.name, ignore_errors=True)
    with suppress(ImlRobotError):
        record = folder.read(worker.plan)
        if record is not None:
            return record
    code = worker.process.exitcode or 0
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    record = _failed(worker.plan, f"its process ended {how} (out of memory or disk?)")
    with suppress(OSError):
        folder.write(record)
    return record


def _failed(plan: RowPlan, failure: str, trace: str = "") -> RowRecord:
    return RowRecord(
        task=plan.task,
        method=plan.method,
        operator=plan.operator,
        seed=plan.seed,
        failure=failure,
        settings=plan.settings(),
        digest=plan.digest(),
        program_version=iml_robot.__version__,
        traceback=trace,
    )


def _work(plan: RowPlan, folder: StudyFolder, connection: Connection) -> None:
    """Drive one row in a process of its own and store what came of it."""
    _prepare_process()

    def send(kind: str, *values: Any) -> None:
        connection.send((kind, values))

    try:
        from iml_robot.study.row import drive_row, keep_policy

        record, policy = drive_row(
            plan,
            folder.work(plan.name),
            on_episode=lambda hcs_s, episodes: send("episode", hcs_s, episodes),
            on_point=lambda point: send("point", point),
            known=folder.examined,
        )
        keep_policy(policy, folder.policy(plan.name))
    except ImlRobotError as error:
        record = _failed(plan, str(error), traceback.format_exc())
    except Exception as error:
        text = f"unexpected {type(error).__name__}: {error}"
        record = _failed(plan, text, traceback.format_exc())
    folder.write(record)


def _prepare_process() -> None:
    """Let Ctrl-C reach the parent alone, end with it, and keep to one thread."""
    follow_parent()
    from iml_robot.policies.ensemble.policy import use_one_thread

    use_one_thread()
