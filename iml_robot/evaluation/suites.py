"""Suites: fixed lists of held-out maps that policies are judged on.

A suite is YAML:

```yaml
entries:
  - name: unfamiliar
    task: "iml_robot_envs:iml/RoverRocks-v0"
    options: {level: 2, split: test}
    maps: 100
```

Its digest names the exact maps, so that two results can be told to speak of the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import (
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from iml_robot.core.config import load_config
from iml_robot.core.errors import ConfigError
from iml_robot.core.held_out import HELD_OUT, is_held_out
from iml_robot.core.overrides import apply_overrides
from iml_robot.core.resources import find_suite
from iml_robot.core.section import Section
from iml_robot.core.validation import config_error
from iml_robot.core.yaml_loader import load_yaml


class SuiteEntry(Section):
    """One set of maps.

    Attributes:
        name: Name in reports.
        task: Gymnasium id; "module:id" imports the module first.
        options: Options of `env.reset`; the number of the map is added as "index".
        maps: Number of maps: 0 to maps - 1.
    """

    name: str = Field(min_length=1, pattern=r"^[^:\s]+$")
    task: str = Field(min_length=1)
    options: dict[str, JsonValue] = Field(default_factory=dict)
    maps: int = Field(ge=1, le=100_000)

    @property
    def held_out(self) -> bool:
        """Whether its maps are kept from training."""
        return is_held_out(self.options)


class Suite(Section):
    """All maps that a policy is judged on.

    Attributes:
        name: Name in reports; the name of the file where it is not given.
        allow_training_maps: Whether maps that somebody may have learned from are accepted.
        entries: Sets of maps, of one task.
    """

    name: str = Field(default="suite", min_length=1)
    allow_training_maps: bool = False
    entries: tuple[SuiteEntry, ...] = Field(strict=False)

    @field_validator("entries")
    @classmethod
    def _fits_together(cls, entries: tuple[SuiteEntry, ...]) -> tuple[SuiteEntry, ...]:
        if not entries:
            raise ValueError("a suite needs at least one entry")
        names = [entry.name for entry in entries]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the name {twice!r} is given twice; names must differ")
        tasks = sorted({entry.task for entry in entries})
        if len(tasks) > 1:
            raise ValueError(
                f"a suite is about one task, as a policy is, got {', '.join(tasks)}; "
                "make a suite of each"
            )
        return entries

    @model_validator(mode="after")
    def _is_held_out(self) -> Suite:
        for entry in self.entries:
            if not (entry.held_out or self.allow_training_maps):
                split = entry.options.get("split")
                raise ValueError(
                    f"entry {entry.name!r} has the split {split!r}, from which policies "
                    f"may have learned; use split: {HELD_OUT}, or say "
                    "allow_training_maps: true"
                )
        return self

    @property
    def task(self) -> str:
        """Gymnasium id of the task."""
        return self.entries[0].task

    @property
    def maps(self) -> int:
        """Number of maps of all entries."""
        return sum(entry.maps for entry in self.entries)

    @property
    def digest(self) -> str:
        """SHA-256 over the maps: what is driven, not what it is called."""
        listed = [[e.task, e.options, list(range(e.maps))] for e in self.entries]
        return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()

    def entry(self, name: str) -> SuiteEntry | None:
        """Return the entry of a name; None: there is none."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def shortened(self, maps: int | None) -> Suite:
        """Return the suite with so many maps in each entry; None: as it is."""
        if maps is None:
            return self
        entries = tuple(e.model_copy(update={"maps": maps}) for e in self.entries)
        return self.model_copy(update={"entries": entries})


def load_suite(path_or_name: str | Path, overrides: Sequence[str] = ()) -> Suite:
    """Read a suite, or the evaluations of a run configuration as one.

    Args:
        path_or_name: A YAML file, or the name of a shipped suite or configuration.
        overrides: Settings "a.b=value" that win over the file.

    Raises:
        ConfigError: If the file or an override is wrong; the message says where.
        UsageError: If there is no such file or name.
    """
    path = find_suite(path_or_name)
    document = load_yaml(path)
    if "env" in document.values and "entries" not in document.values:
        return _suite_of_run(path, overrides)
    values, origins = apply_overrides(document, overrides, parts=())
    values.setdefault("name", path.stem)
    try:
        return Suite.model_validate(values)
    except ValidationError as error:
        raise config_error(error, Suite, origins=origins, source=str(path)) from error


def _suite_of_run(path: Path, overrides: Sequence[str]) -> Suite:
    """Return what a run configuration measures, whatever its maps are."""
    config = load_config(path, overrides)
    if not config.evaluation:
        raise ConfigError(
            f"{path} has no section 'evaluation'; add a set of maps to it, or give a suite"
        )
    entries: list[dict[str, Any]] = [
        {
            "name": "-".join(wanted.name.replace(":", " ").split()),
            "task": config.env.id,
            "options": dict(wanted.options),
            "maps": wanted.maps,
        }
        for wanted in config.evaluation
    ]
    return Suite.model_validate(
        {"name": path.stem, "allow_training_maps": True, "entries": entries}
    )
