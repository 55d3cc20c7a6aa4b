"""What updates did to the true return: what a gate let through, and what it held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FELL = 0.1
"""An update that costs more than this share of the way from random driving to the oracle
has made the policy worse."""


def judge_updates(rows: Sequence[dict[str, Any]]) -> None:
    """Add to rows of one seed what their updates cost, by the way to the oracle.

    Args:
        rows: As measured, with a "return" each, and those of random driving and the oracle.
    """
    known = {row["variant"]: row["return"] for row in rows}
    span = known["oracle"] - known["random"]
    for row in rows:
        updates = row.get("updates", [])
        for update in updates:
            for name in ("before", "after"):
                update[f"{name}_normalised"] = (update[name] - known["random"]) / span
            update["fall"] = update["before_normalised"] - update["after_normalised"]
        if updates:
            row.update(_told(updates))


def _told(updates: Sequence[dict[str, Any]]) -> dict[str, float]:
    driven = [update["fall"] for update in updates if update["accepted"]]
    held = [update["fall"] for update in updates if not update["accepted"]]
    course = [updates[0]["before_normalised"]]
    for update in updates:
        course.append(update["after_normalised"] if update["accepted"] else course[-1])
    return {
        "fell": float(sum(fall > FELL for fall in driven)),
        "worst_fall": max(driven, default=0.0),
        "held_back": float(sum(fall > 0 for fall in held)),
        "held_back_far": float(sum(fall > FELL for fall in held)),
        "peak_to_final": max(course) - course[-1],
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return one line for each task and variant whose updates were judged.

    Args:
        rows: Of all tasks, variants and seeds.
    """
    columns = "return, updates, refused, fell, worst, held, held far, peak to final"
    titles = "".join(f"{name:>15}" for name in columns.split(", "))
    lines = [f"{'task':7}{'variant':28}{'seeds':>6}{titles}"]
    judged = [row for row in rows if "fell" in row]
    for task, variant in dict.fromkeys((row["task"], row["variant"]) for row in judged):
        mine = [r for r in judged if (r["task"], r["variant"]) == (task, variant)]
        cells = [
            f"{np.mean([row['normalised'] for row in mine]):.2f}",
            f"{sum(len(row['updates']) for row in mine)}",
            f"{sum(row['refused'] for row in mine):.0f}",
            f"{sum(row['fell'] for row in mine):.0f}",
            f"{max(row['worst_fall'] for row in mine):+.3f}",
            f"{sum(row['held_back'] for row in mine):.0f}",
            f"{sum(row['held_back_far'] for row in mine):.0f}",
            f"{np.mean([row['peak_to_final'] for row in mine]):.3f}",
        ]
        values = "".join(f"{cell:>15}" for cell in cells)
        lines.append(f"{task:7}{variant:28}{len(mine):>6}{values}")
    return "\n".join(lines)
