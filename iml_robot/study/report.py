"""Writes the results of a study into its folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from iml_robot.core.whole_files import replace_text
from iml_robot.study.config import StudyConfig
from iml_robot.study.folder import StudyFolder
from iml_robot.study.plots import plot_curves
from iml_robot.study.records import RowRecord
from iml_robot.study.summary import groups, results
from iml_robot.study.table import markdown


def write_study(
    study: StudyConfig,
    folder: StudyFolder,
    records: Sequence[RowRecord],
    missing: Sequence[str],
) -> dict[str, Any]:
    """Write results.json, table.md and a picture for each task; return the results.

    Args:
        study: The study.
        folder: Where to.
        records: Every row that ended.
        missing: Names of the rows that have not.

    Raises:
        OSError: If a file cannot be written.
    """
    values = results(study, records, missing)
    found = groups(study, records)
    pictures = []
    for task in dict.fromkeys(group.task for group in found):
        path = folder.curves(task)
        members = [group for group in found if group.task == task]
        plot_curves(members, path, budget_s=study.budget_s)
        pictures.append(path.name)
    replace_text(folder.results, f"{json.dumps(values, indent=2, allow_nan=False)}\n")
    replace_text(folder.table, markdown(values, pictures))
    return values
