"""What a study consists of: tasks, methods, operators and seeds, in YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
)

from iml_robot.core.overrides import apply_overrides
from iml_robot.core.resources import find_study
from iml_robot.core.validation import config_error
from iml_robot.core.yaml_loader import KeyPath, load_yaml, yaml_text

NAME = re.compile(r"[A-Za-z0-9_]+")
"""Names of methods and operators; a hyphen separates them in the name of a row."""


class StudyConfig(BaseModel):
    """One study, whole: a row for every task, method, operator and seed.

    Attributes:
        name: Name of the study; the name of the file where it is not given.
        tasks: Run configurations, by name or file. Their first evaluation is the headline,
            their second, if there is one, the familiar terrain.
        methods: What differs between rows: parts of a run configuration, by name. The
            others are compared with the first.
        operators: Options of the simulated operator, by name.
        seeds: Seeds of the learner, the operator and the corrected maps.
        budget_s: Human-controlled seconds after which a row ends [s].
        episodes: Episodes after which a row ends at the latest.
        evaluate_every_s: Human-controlled seconds between evaluations [s].
        maps: Maps of the headline evaluation, the same in all rows.
        familiar_maps: Maps of the familiar evaluation, measured at start and end; 0:
            not measured.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    name: str = Field(default="study", pattern=r"^[^./\\][^/\\]*$")
    tasks: tuple[str, ...] = Field(strict=False)
    methods: dict[str, dict[str, JsonValue]]
    operators: dict[str, dict[str, JsonValue]] = {"typical": {"preset": "typical"}}
    seeds: tuple[int, ...] = Field(default=(0, 1, 2, 3, 4), strict=False)
    budget_s: float = Field(default=180.0, gt=0)
    episodes: int = Field(default=150, ge=1)
    evaluate_every_s: float = Field(default=20.0, gt=0)
    maps: int = Field(default=200, ge=1)
    familiar_maps: int = Field(default=100, ge=0)

    @field_validator("tasks", "seeds")
    @classmethod
    def _each_once(cls, values: tuple[str | int, ...]) -> tuple[str | int, ...]:
        if not values:
            raise ValueError("must not be empty; name at least one")
        for value in values:
            if values.count(value) > 1:
                raise ValueError(f"{value!r} is given twice; remove one")
            if isinstance(value, int) and value < 0:
                raise ValueError(f"a seed must be at least 0, got {value}")
        return values

    @field_validator("methods", "operators")
    @classmethod
    def _names_fit(
        cls, values: dict[str, dict[str, JsonValue]]
    ) -> dict[str, dict[str, JsonValue]]:
        if not values:
            raise ValueError("must not be empty; name at least one")
        for name in values:
            if not NAME.fullmatch(name):
                raise ValueError(
                    f"a name must consist of letters, digits and underscores, got {name!r}"
                )
        return values


def load_study(
    path_or_name: str | Path, overrides: Sequence[str] = ()
) -> tuple[StudyConfig, dict[KeyPath, object]]:
    """Read and check a study.

    Args:
        path_or_name: A YAML file, or the name of a shipped study.
        overrides: Settings "a.b=value" that win over the file.

    Returns:
        The study, and where each of its keys was written.

    Raises:
        ConfigError: If the file or an override is wrong; the message says where.
        UsageError: If there is no such file or name.
    """
    path = find_study(path_or_name)
    values, origins = apply_overrides(load_yaml(path), overrides, parts=())
    values.setdefault("name", path.stem)
    try:
        return StudyConfig.model_validate(values), origins
    except ValidationError as error:
        raise config_error(error, StudyConfig, origins=origins, source=str(path)) from error


def dump_study(study: StudyConfig) -> str:
    """Return the YAML text that loads back as an equal study, from any folder."""
    values = study.model_dump(mode="json")
    values["tasks"] = [
        str(Path(task).expanduser().resolve()) if Path(task).suffix else task
        for task in study.tasks
    ]
    return yaml_text(values)
