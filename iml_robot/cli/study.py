"""`iml-robot study`: methods, tasks and seeds against each other, as learning curves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.cli.check import check_parts
from iml_robot.cli.console import is_plain, say, say_table
from iml_robot.cli.lines import counted, percent
from iml_robot.cli.results_file import check_results_file, write_results
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.study.config import StudyConfig, load_study
from iml_robot.study.folder import StudyFolder
from iml_robot.study.plan import RowPlan, plan_rows
from iml_robot.study.records import Point, RowRecord
from iml_robot.study.report import write_study
from iml_robot.study.table import HEADER, table
from iml_robot.study.workers import drive_rows

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

FAILED = 1


def study(
    study: str | None,
    *,
    jobs: int,
    out: Path | None,
    resume: Path | None,
    json: Path | None,
    overrides: Sequence[str],
) -> int:
    """Drive the rows that are missing and report; returns the exit code."""
    check_results_file(json)
    given, target = _source(study, out, resume)
    settings, origins = load_study(given, overrides)
    plans = plan_rows(settings, origins)
    for plan in plans:
        # The parts are the same for every seed.
        if plan.seed == plans[0].seed:
            check_parts(plan.config)
    folder = target or StudyFolder.fresh(settings.name)
    lock = folder.open()
    try:
        return _Job(settings, plans, folder).run(jobs, json)
    finally:
        lock.release()


def _source(
    study: str | None, out: Path | None, resume: Path | None
) -> tuple[str, StudyFolder | None]:
    """Return the study to read, and the folder to go on with, if one is given."""
    if resume is None:
        if study is None:
            raise UsageError(
                "give the name or file of a study, for example: iml-robot study smoke"
            )
        return study, StudyFolder(out) if out else None
    if out is not None:
        raise UsageError("give either --out or --resume; both name the study's folder")
    folder = StudyFolder(resume)
    if not folder.study.is_file():
        raise UsageError(
            f"{resume}: there is no study to resume here (no {folder.study.name}); give "
            "the folder of an earlier one, or start one with --out"
        )
    return study or str(folder.study), folder


class _Job:
    """One study from the rows that are there to the report."""

    def __init__(
        self, settings: StudyConfig, plans: Sequence[RowPlan], folder: StudyFolder
    ) -> None:
        self._settings = settings
        self._plans = plans
        self._folder = folder
        found = [folder.read(plan) for plan in plans]
        self._records = {r.name: r for r in found if r is not None and not r.failure}
        self._next_report_s = 0.0
        folder.write_study(settings)

    def run(self, jobs: int, json: Path | None) -> int:
        """Drive what is missing, report, and return the exit code."""
        waiting = [plan for plan in self._plans if plan.name not in self._records]
        done = len(self._records)
        say(f"study folder: {self._folder.path}")
        say(
            f"{self._settings.name}: {counted(len(self._plans), 'row')}"
            f"{f', {done} of them done' if done else ''}"
        )
        with _progress(len(self._plans), done) as progress:
            progress.on_end = self._keep
            drive_rows(waiting, self._folder, jobs, progress)
        values = self._report()
        _show(values)
        say(f"report: {self._folder.table}")
        if json is not None:
            write_results(json, values)
        failed = len(values["failed"])
        if failed:
            say(
                f"{counted(failed, 'row')} failed; the same command drives them again: "
                f"iml-robot study --resume {self._folder.path}"
            )
        return FAILED if failed else 0

    def _keep(self, record: RowRecord) -> None:
        """Take up a row and report what there is, so that a long study can be watched."""
        self._records[record.name] = record
        begun = time.monotonic()
        if begun >= self._next_report_s:
            self._report()
            # A report of many rows takes seconds, which shall not slow down the rows.
            self._next_report_s = begun + 20 * (time.monotonic() - begun)

    def _report(self) -> dict[str, Any]:
        names = [plan.name for plan in self._plans]
        ended = [self._records[name] for name in names if name in self._records]
        missing = [name for name in names if name not in self._records]
        try:
            return write_study(self._settings, self._folder, ended, missing)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InfrastructureError(
                f"{self._folder.path}: cannot write the report: {reason}"
            ) from error


def _show(values: dict[str, Any]) -> None:
    """Write the table: drawn on a terminal, as aligned lines into a log."""
    rows = table(values)
    if is_plain():
        say_table([HEADER, *rows])
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*HEADER)
    for row in rows:
        drawn.add_row(*row)
    Console().print(drawn)


class _Lines:
    """A line for each evaluation and each row."""

    def __init__(self, total: int, done: int) -> None:
        self._total = total
        self._done = done
        self.on_end: Any = None

    def begin(self, plan: RowPlan) -> None:
        """Do nothing; the first evaluation says it."""

    def episode(self, plan: RowPlan, hcs_s: float, episodes: int) -> None:
        """Do nothing."""

    def point(self, plan: RowPlan, point: Point) -> None:
        """Say how the policy did."""
        self.say(
            f"{plan.name}: {point.hcs_s:.0f} of {plan.budget_s:g} s, "
            f"{counted(point.episodes, 'episode')}: {percent(point.count)}"
        )

    def end(self, plan: RowPlan, record: RowRecord) -> None:
        """Say how the row went."""
        self._done += 1
        what = (
            f"failed: {' '.join(record.failure.split())}"
            if record.failure
            else f"{percent(record.points[-1].count)} after {record.hcs_s:.0f} s by the "
            f"operator in {counted(record.episodes, 'episode')}, {record.wall_s:.0f} s"
        )
        self.say(f"row {self._done}/{self._total} {plan.name}: {what}")
        self.on_end(record)

    def say(self, text: str) -> None:
        """Write one line."""
        say(text)


class _Bars(_Lines):
    """The lines, and below them how far the running rows are."""

    def __init__(self, total: int, done: int, bars: Progress) -> None:
        super().__init__(total, done)
        self._bars = bars
        self._all = bars.add_task("rows", total=total, completed=done)
        self._rows: dict[str, TaskID] = {}

    def begin(self, plan: RowPlan) -> None:
        """Add the bar of a row."""
        self._rows[plan.name] = self._bars.add_task(plan.name, total=plan.budget_s)

    def episode(self, plan: RowPlan, hcs_s: float, episodes: int) -> None:
        """Move the bar of a row."""
        # A row ends by its budget or by its number of episodes.
        by_episodes = plan.budget_s * episodes / plan.config.schedule.episodes
        self._bars.update(self._rows[plan.name], completed=max(hcs_s, by_episodes))

    def end(self, plan: RowPlan, record: RowRecord) -> None:
        """Say how the row went and take its bar away."""
        super().end(plan, record)
        self._bars.remove_task(self._rows.pop(plan.name))
        self._bars.update(self._all, completed=self._done)

    def say(self, text: str) -> None:
        """Write one line above the bars."""
        self._bars.console.print(text, highlight=False, markup=False)


@contextmanager
def _progress(total: int, done: int) -> Iterator[_Lines]:
    if is_plain():
        yield _Lines(total, done)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, transient=True) as bars:
        yield _Bars(total, done, bars)
