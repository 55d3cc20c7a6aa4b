"""The rows of a study: every task with every method, operator and seed."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from iml_robot.core.config import EvaluationConfig, RunConfig
from iml_robot.core.errors import ConfigError
from iml_robot.core.registry import did_you_mean
from iml_robot.core.resources import find_config, find_policy
from iml_robot.core.validation import config_error
from iml_robot.core.yaml_loader import KeyPath, YamlDocument, load_yaml
from iml_robot.policies import names_network
from iml_robot.study.config import StudyConfig

PEOPLE = ("auto", "human")
"""Operators that need somebody at a window."""
FIXED = ("name", "env", "schedule", "evaluation", "pretrain")
"""Sections that methods share: rows are compared on the same maps of the same task."""


@dataclass(frozen=True)
class RowPlan:
    """One row: what is run, and how it is measured.

    Attributes:
        task: Name of the run configuration.
        method: Name of the method.
        operator: Name of the operator.
        seed: Root of every random stream.
        config: The run, whole.
        budget_s: Human-controlled seconds after which the row ends [s].
        evaluate_every_s: Human-controlled seconds between evaluations [s].
        policy_sha256: Hash of the initial policy's file; "" without one.
    """

    task: str
    method: str
    operator: str
    seed: int
    config: RunConfig
    budget_s: float
    evaluate_every_s: float
    policy_sha256: str

    @property
    def name(self) -> str:
        """Name of the row and of its file."""
        return f"{self.task}-{self.method}-{self.operator}-{self.seed}"

    @property
    def headline(self) -> EvaluationConfig:
        """The maps of the learning curve."""
        return self.config.evaluation[0]

    @property
    def familiar(self) -> EvaluationConfig | None:
        """The maps on which nothing must be lost; None: not measured."""
        return self.config.evaluation[1] if len(self.config.evaluation) > 1 else None

    def settings(self) -> dict[str, Any]:
        """Return everything that the results depend on, as plain values."""
        return {
            "config": self.config.model_dump(mode="json"),
            "budget_s": self.budget_s,
            "evaluate_every_s": self.evaluate_every_s,
            "policy_sha256": self.policy_sha256,
        }

    def digest(self) -> str:
        """Return a hash of the settings."""
        text = json.dumps(self.settings(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def plan_rows(study: StudyConfig, origins: Mapping[KeyPath, object]) -> list[RowPlan]:
    """Return the rows, all methods of the first seed first.

    Args:
        study: The study.
        origins: Where each of its keys was written, for error messages.

    Raises:
        ConfigError: If a method does not fit a task; the message says where.
        UsageError: If there is no such task or policy.
    """
    tasks = [(find_config(task), task) for task in study.tasks]
    rows = []
    for seed, (path, given) in itertools.product(study.seeds, tasks):
        document = load_yaml(path)
        document.values.setdefault("name", path.stem)
        for operator, method in itertools.product(study.operators, study.methods):
            config = _merged(study, origins, document, operator, method)
            _check(config, given, operator)
            rows.append(_row(study, config, method=method, operator=operator, seed=seed))
    names = [row.name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two tasks have the same name (row {name!r}); rename one")
    return rows


def _check(config: RunConfig, task: str, operator: str) -> None:
    """Refuse what cannot be driven or measured by a program alone."""
    if not config.evaluation:
        raise ConfigError(
            f"the task {task!r} has no section 'evaluation'; add the set of maps that its "
            "learning curve is measured on"
        )
    if config.operator.name in PEOPLE:
        raise ConfigError(
            f"operators.{operator}: {config.operator.name!r} needs a person; a study is "
            "driven by simulated operators"
        )


def _row(
    study: StudyConfig, config: RunConfig, *, method: str, operator: str, seed: int
) -> RowPlan:
    schedule = config.schedule.model_copy(update={"seed": seed, "episodes": study.episodes})
    config = config.model_copy(
        update={"schedule": schedule, "evaluation": _evaluations(config, study)}
    )
    return RowPlan(
        task=config.name,
        method=method,
        operator=operator,
        seed=seed,
        config=config,
        budget_s=study.budget_s,
        evaluate_every_s=study.evaluate_every_s,
        policy_sha256=_policy_hash(config),
    )


def _merged(
    study: StudyConfig,
    origins: Mapping[KeyPath, object],
    document: YamlDocument,
    operator: str,
    method: str,
) -> RunConfig:
    """Return the task's configuration with the operator's and the method's parts in it."""
    changes = study.methods[method]
    place = origins.get(("methods", method), f"methods.{method}")
    for key in changes:
        if key in FIXED:
            raise ConfigError(
                f"{origins.get(('methods', method, key), place)}: methods.{method}.{key}: "
                "the same for all methods, which are compared on the same maps; change "
                "the task"
            )
        if key not in RunConfig.model_fields:
            free = [name for name in RunConfig.model_fields if name not in FIXED]
            raise ConfigError(
                f"{origins.get(('methods', method, key), place)}: methods.{method}: "
                f"unknown key {key!r}{did_you_mean(key, free)}"
            )
    supervision = {"operator": {"name": "simulated", **study.operators[operator]}}
    values: dict[str, Any] = {**document.values, **supervision}
    for key, change in changes.items():
        values[key] = _over(values.get(key), change)
    where = dict(document.positions)
    _put_origins(where, origins, ("operators", operator), ("operator",))
    _put_origins(where, origins, ("methods", method), ())
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        source = f"methods.{method}"
        raise config_error(error, RunConfig, origins=where, source=source) from error


def _over(below: Any, change: Any) -> Any:
    """Return a value with a change over it; another plugin brings its own options."""
    if isinstance(below, str) and isinstance(change, dict):
        below = {"name": below}
    if isinstance(change, str) and isinstance(below, dict):
        change = {"name": change}
    if not isinstance(below, dict) or not isinstance(change, dict):
        return change
    if change.get("name", below.get("name")) != below.get("name"):
        return change
    return {**below, **{key: _over(below.get(key), value) for key, value in change.items()}}


def _put_origins(
    where: dict[KeyPath, Any],
    origins: Mapping[KeyPath, object],
    under: KeyPath,
    to: KeyPath,
) -> None:
    """Copy the origins of everything below a key of the study to its place in the run."""
    for path, origin in origins.items():
        if path[: len(under)] == under and (to or len(path) > len(under)):
            where[(*to, *path[len(under) :])] = origin


def _evaluations(config: RunConfig, study: StudyConfig) -> tuple[EvaluationConfig, ...]:
    """Return the headline and the familiar evaluation with the study's numbers of maps."""
    numbers = (study.maps, study.familiar_maps)
    return tuple(
        evaluation.model_copy(update={"maps": maps})
        for evaluation, maps in zip(config.evaluation, numbers, strict=False)
        if maps
    )


def _policy_hash(config: RunConfig) -> str:
    if config.policy is None or names_network(config.policy):
        return ""
    return hashlib.sha256(find_policy(config.policy).read_bytes()).hexdigest()
