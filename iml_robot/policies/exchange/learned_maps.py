"""Which maps a policy learned from, as its lineage keeps them.

The key "maps" of a lineage holds rows of an environment, reset options without the number
of the map, and the numbers; null stands for numbers that nobody noted, so for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from iml_robot.core.types import EpisodeInfo
from iml_robot.robots.env_id import EnvId

KEY = "maps"


def learned_maps(
    episodes: Iterable[EpisodeInfo], before: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the rows for the maps of episodes, added to those known before.

    Args:
        episodes: Episodes that were learned from.
        before: Rows of the policy that learning began with.
    """
    found: dict[str, set[int] | None] = {}
    for row in before:
        _add(found, row["env"], row["options"], row["indices"])
    for info in episodes:
        options = dict(info.options)
        # Environments without splits make a map of the episode's seed.
        number = options.pop("index", None if "split" in options else info.seed)
        _add(found, info.env_id, options, None if number is None else [int(number)])
    return [
        {**json.loads(key), "indices": None if numbers is None else sorted(numbers)}
        for key, numbers in sorted(found.items())
    ]


def learned_among(
    lineage: Mapping[str, Any], env_id: str, options: Mapping[str, Any], maps: int
) -> str:
    """Return which of some maps a policy learned from, in words; "" if from none.

    Args:
        lineage: What the policy says of itself.
        env_id: Gymnasium id.
        options: Options of `env.reset`, without the number of the map.
        maps: Number of maps: 0 to maps - 1.

    Raises:
        ValueError: If the lineage is no such thing.
    """
    try:
        for row in lineage.get(KEY, ()):
            if not _same(row, env_id, options):
                continue
            if row["indices"] is None:
                return "maps whose numbers it did not note"
            shared = sorted(number for number in row["indices"] if 0 <= number < maps)
            if shared:
                shown = ", ".join(map(str, shared[:5])) + (", ..." if shared[5:] else "")
                return f"{len(shared)} of these maps: {shown}"
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the lineage does not list maps: {error}") from error
    return ""


def _add(
    found: dict[str, set[int] | None],
    env_id: str,
    options: Mapping[str, Any],
    numbers: Iterable[int] | None,
) -> None:
    key = json.dumps({"env": env_id, "options": dict(options)}, sort_keys=True)
    known = found.setdefault(key, set())
    found[key] = None if known is None or numbers is None else known | set(numbers)


def _same(row: Mapping[str, Any], env_id: str, options: Mapping[str, Any]) -> bool:
    """Return whether a row speaks of the same kind of maps, as far as both tell."""
    told = row["options"]
    shared = set(told) & set(options)
    return EnvId.parse(row["env"]).name == EnvId.parse(env_id).name and all(
        told[name] == options[name] for name in shared
    )
