"""The folder of one session: where everything lies, and how it is made."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

from iml_robot.core.config import RunConfig, dump
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.whole_files import replace_text


class SessionFolder:
    """The files of one session by name.

    Use `create` or `resume`.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, name: str, out: Path | None = None) -> SessionFolder:
        """Make the folder of a new session.

        Args:
            name: Name of the configuration.
            out: The folder; None: runs/NAME-TIME below the working directory, with the
                time in UTC.

        Raises:
            UsageError: If the folder holds something.
            InfrastructureError: If it cannot be made.
        """
        path = _unused(name) if out is None else out
        try:
            path.mkdir(parents=True, exist_ok=True)
            content = next(path.iterdir(), None)
        except (FileExistsError, NotADirectoryError) as error:
            raise UsageError(
                f"{path}: a file is in the way; choose another folder with --out"
            ) from error
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InfrastructureError(
                f"{path}: cannot make the folder: {reason}"
            ) from error
        if content is not None:
            raise UsageError(
                f"{path}: the folder is not empty (it holds {content.name!r}); choose "
                "another with --out, or go on with its session with --resume"
            )
        return cls(path)._with_subfolders()

    @classmethod
    def resume(cls, path: Path) -> SessionFolder:
        """Return the folder of a session that exists.

        Raises:
            UsageError: If there is no session in the folder.
        """
        folder = cls(path)
        if not folder.database.is_file():
            raise UsageError(
                f"{path}: there is no session to resume here (no {folder.database.name}); "
                "give the folder of an earlier run, or start a new one with --out"
            )
        return folder._with_subfolders()

    @property
    def database(self) -> Path:
        """The session file."""
        return self.path / "session.db"

    @property
    def config(self) -> Path:
        """The configuration, with every default and setting in it."""
        return self.path / "config.yaml"

    @property
    def summary(self) -> Path:
        """The results for programs."""
        return self.path / "summary.json"

    @property
    def report(self) -> Path:
        """The results for people."""
        return self.path / "report.md"

    @property
    def plots(self) -> Path:
        """Folder of the pictures."""
        return self.path / "plots"

    @property
    def tensorboard(self) -> Path:
        """Folder of the TensorBoard events."""
        return self.path / "tensorboard"

    @property
    def learner(self) -> Path:
        """What the learner saved, to go on from."""
        return self.path / "learner"

    def policy(self, version: int) -> Path:
        """Return the file of a policy version."""
        return self.path / "policies" / f"{version:04d}.safetensors"

    def discard(self) -> None:
        """Remove what `create` and a start that failed left, so that a retry works."""
        # Nothing may hide why the start failed.
        with suppress(OSError):
            for entry in self.path.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()

    def write_config(self, config: RunConfig) -> None:
        """Store the configuration of the session."""
        replace_text(self.config, dump(config))

    def _with_subfolders(self) -> SessionFolder:
        for folder in (self.policy(0).parent, self.plots, self.tensorboard):
            folder.mkdir(exist_ok=True)
        return self


def _unused(name: str) -> Path:
    """Return a folder name of this second that nobody uses."""
    first = Path("runs") / f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    path, number = first, 2
    while path.exists():
        path, number = first.with_name(f"{first.name}-{number}"), number + 1
    return path
