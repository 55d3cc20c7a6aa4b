"""The folder of a study: a file for each finished row, and the results."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iml_robot.core.errors import ArtifactError, InfrastructureError, UsageError
from iml_robot.core.whole_files import replace_text
from iml_robot.data.lock import SessionLock
from iml_robot.study.config import StudyConfig, dump_study
from iml_robot.study.plan import RowPlan
from iml_robot.study.records import SCHEMA, RowRecord


class StudyFolder:
    """The files of one study by name.

    Args:
        path: The folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def fresh(cls, name: str) -> StudyFolder:
        """Return a folder below runs/ that nobody uses, with the time in UTC."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        first = Path("runs") / f"study-{name}-{stamp}"
        path, number = first, 2
        while path.exists():
            path, number = first.with_name(f"{first.name}-{number}"), number + 1
        return cls(path)

    @property
    def study(self) -> Path:
        """The study, with every default and setting in it."""
        return self.path / "study.yaml"

    @property
    def results(self) -> Path:
        """The results for programs."""
        return self.path / "results.json"

    @property
    def table(self) -> Path:
        """The results for people."""
        return self.path / "table.md"

    def curves(self, task: str) -> Path:
        """Return the picture of a task's learning curves."""
        return self.path / f"curves-{task}.png"

    def row(self, name: str) -> Path:
        """Return the file of a row."""
        return self.path / "rows" / f"{name}.json"

    def policy(self, name: str) -> Path:
        """Return the last policy of a row."""
        return self.path / "policies" / f"{name}.safetensors"

    @property
    def examined(self) -> Path:
        """What policies did on the maps."""
        return self.path / "examined"

    def work(self, name: str) -> Path:
        """Return an empty folder for a row that runs; it is removed at its end."""
        path = self.path / "work" / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def open(self) -> SessionLock:
        """Make the folder, or take up a study that is in it; keep others out.

        Raises:
            UsageError: If it holds something else, or another process uses it.
            InfrastructureError: If it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            other = next((p for p in self.path.iterdir() if p.name[0] != "."), None)
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(
                f"{self.path}: a file is in the way; choose another folder with --out"
            ) from error
        except OSError as error:
            raise _cannot_write(self.path, error) from error
        # Who makes a study's folder locks it first, and writes the study last.
        lock_file = self.path / ".lock"
        ours = lock_file.is_file() or self.study.is_file()
        if other is not None and not ours:
            raise UsageError(
                f"{self.path}: the folder holds {other.name!r} and no study; choose "
                "another with --out"
            )
        lock = SessionLock(lock_file)
        try:
            for path in (self.row("x").parent, self.policy("x").parent):
                path.mkdir(exist_ok=True)
        except OSError as error:
            lock.release()
            raise _cannot_write(self.path, error) from error
        # What rows left that were killed.
        shutil.rmtree(self.path / "work", ignore_errors=True)
        return lock

    def write_study(self, study: StudyConfig) -> None:
        """Store the study, so that the folder alone is enough to go on.

        Raises:
            InfrastructureError: If it cannot be written.
        """
        try:
            replace_text(self.study, dump_study(study))
        except OSError as error:
            raise _cannot_write(self.study, error) from error

    def read(self, plan: RowPlan) -> RowRecord | None:
        """Return the record of a row; None: there is none.

        Raises:
            ArtifactError: If the file is damaged.
            UsageError: If the row was driven with other settings.
        """
        path = self.row(plan.name)
        if not path.is_file():
            return None
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["schema"] != SCHEMA:
                raise ValueError(f"its schema is {values['schema']!r}")
            record = RowRecord.of(values)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else error
            raise ArtifactError(
                f"{path}: damaged ({reason}); remove the file to drive the row again"
            ) from error
        if record.digest != plan.digest():
            changed = _difference(record.settings, plan.settings()) or "settings"
            raise UsageError(
                f"{path}: was driven with another {changed}; choose another folder with "
                "--out, or remove the file to drive the row again"
            )
        return record

    def write(self, record: RowRecord) -> None:
        """Store a row, whole or not at all.

        Raises:
            OSError: If the file cannot be written.
        """
        text = json.dumps(record.plain(), indent=1, allow_nan=False)
        replace_text(self.row(record.name), f"{text}\n")


def _cannot_write(path: Path, error: OSError) -> InfrastructureError:
    reason = (error.strerror or str(error)).lower()
    return InfrastructureError(f"{path}: cannot write here: {reason}")


def _difference(old: Any, new: Any) -> str:
    """Return the dotted path of the first value that differs; "" if none does."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ""
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            below = _difference(old.get(key), new.get(key))
            return f"{key}.{below}" if below else str(key)
    return ""
