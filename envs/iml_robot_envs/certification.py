"""What is known of the first test maps: whether a way leads across, and who has driven it.

`certified/TASK.json` is written by `scripts/certify.py`. A map is certified if a way wide
enough for the robot joins start and goal, and if the task's pilot, which sees no more than
the observation, crosses it in two of three draws of gusts and noise. Maps that are not
certified are named and stay in the split: what the pilot cannot do, a policy may.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple


class Certificate(NamedTuple):
    """What is known of the test maps of one level.

    Attributes:
        maps: So many were looked at, the first ones.
        draws: Draws of gusts and noise; 1 where the task has neither.
        certified: How many of the maps are certified.
        uncertified: Indices of the others.
        crossed_in_first_draw: How many maps the pilot crossed in the first draw.
        with_a_way: How many have a way wide enough for the robot.
        narrowest_way_m: Least width of the ways, each at its narrowest [m].
        recipe_acceptance: Share of drawn maps that passed the recipe's own test.
    """

    maps: int
    draws: int
    certified: int
    uncertified: tuple[int, ...]
    crossed_in_first_draw: int
    with_a_way: int
    narrowest_way_m: float
    recipe_acceptance: float


@cache
def certificates(task: str) -> dict[int, Certificate]:
    """Return what is known of a task's test maps, by level.

    Args:
        task: Name of the task, for example "RoverHills".

    Raises:
        ValueError: If there is nothing about such a task.
    """
    file = resources.files("iml_robot_envs") / "certified" / f"{task}.json"
    if not file.is_file():
        raise ValueError(
            f"there is no certificate of a task {task!r}; names are as in the ids, without "
            "'iml/' and version; scripts/certify.py makes certificates"
        )
    levels = json.loads(file.read_text(encoding="utf-8"))["levels"]
    return {
        int(level): Certificate(**{**facts, "uncertified": tuple(facts["uncertified"])})
        for level, facts in levels.items()
    }
