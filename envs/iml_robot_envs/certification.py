"""Which test maps are released: those that a driver who sees no more has crossed.

`certified/TASK.json` is written by `scripts/certify.py`: each map of the test split is
driven by the task's pilot under several draws of gusts and noise, and rejected unless two
of three draws end in success. Every map has passed its recipe's planner before.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from itertools import count, islice
from typing import NamedTuple

TESTED_SPLIT = "test"


class Certificate(NamedTuple):
    """What is known of the test maps of one level.

    Attributes:
        tested: So many maps were driven, the first ones.
        rejected: Those among them that are not released.
        recipe_acceptance: Share of drawn maps that passed the planner's test.
    """

    tested: int
    rejected: tuple[int, ...]
    recipe_acceptance: float


@cache
def certificates(task: str) -> dict[int, Certificate]:
    """Return what is known of a task's maps by level; empty where nothing was tested."""
    file = resources.files("iml_robot_envs") / "certified" / f"{task}.json"
    if not file.is_file():
        return {}
    content = json.loads(file.read_text(encoding="utf-8"))
    return {
        int(level): Certificate(
            facts["tested"], tuple(facts["rejected"]), facts["recipe_acceptance"]
        )
        for level, facts in content["levels"].items()
    }


def released_maps(task: str, level: int, split: str, wanted: int) -> list[int]:
    """Return the first released indices of a split: all but the rejected ones.

    Args:
        task: Name of the task.
        level: Level of the maps.
        split: Split of the maps; only in "test" is any map rejected.
        wanted: How many indices.
    """
    known = certificates(task).get(level)
    rejected = known.rejected if known and split == TESTED_SPLIT else ()
    return list(islice((index for index in count() if index not in rejected), wanted))
