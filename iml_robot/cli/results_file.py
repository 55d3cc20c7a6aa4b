"""Results as JSON in a file that the caller names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iml_robot.core.errors import UsageError
from iml_robot.core.whole_files import replace_text


def check_results_file(path: Path | None) -> None:
    """Refuse a file that cannot be written before the work for it is done.

    Raises:
        UsageError: If its folder does not exist, or the path is a folder itself.
    """
    if path is None:
        return
    if path.is_dir():
        raise UsageError(f"{path}: cannot write the results: it is a folder; name a file")
    if not path.parent.is_dir():
        raise UsageError(
            f"{path}: cannot write the results: there is no folder {path.parent}; make it "
            "first, or choose another file"
        )


def write_results(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON, whole or not at all.

    Raises:
        UsageError: If the file cannot be written.
    """
    text = json.dumps(values, indent=2, allow_nan=False)
    try:
        replace_text(path, f"{text}\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: cannot write the results: {reason}") from error
