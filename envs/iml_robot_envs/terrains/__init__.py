"""What maps are made of: one sub-terrain a file, found by the name of the file.

A module `soil_patches` holds the frozen dataclass `SoilPatches`, a `SubTerrain`, whose
parameters are `Range` values; a task adds sub-terrains to its maps by a `Recipe`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from iml_robot_envs.terrains.draft import SubTerrain

_TOOLS = frozenset({"corridor", "draft", "noise", "ranges", "recipe"})


class SubTerrains(Mapping[str, type[SubTerrain]]):
    """All sub-terrains by name; a module is imported when it is asked for."""

    def __getitem__(self, name: str) -> type[SubTerrain]:
        """Return the class of a sub-terrain.

        Raises:
            KeyError: If there is none of this name.
            ValueError: If its module holds no class of that name.
        """
        if name not in set(self):
            raise KeyError(f"no sub-terrain {name!r} (known: {', '.join(self)})")
        title = "".join(part.title() for part in name.split("_"))
        found = getattr(importlib.import_module(f"{__name__}.{name}"), title, None)
        if found is None:
            raise ValueError(f"the module {name} must hold the class {title}")
        return found  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in alphabetical order."""
        return (m.name for m in pkgutil.iter_modules(__path__) if m.name not in _TOOLS)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)


SUB_TERRAINS = SubTerrains()
