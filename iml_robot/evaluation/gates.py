"""Gates: what a policy must fulfil, read from a file that people write.

A rule is `[STATISTIC] COMPARISON NUMBER`, with five comparisons: <, <=, >, >=, ==. It is
parsed here and never evaluated as code.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from iml_robot.core.errors import ConfigError, UsageError
from iml_robot.core.validation import config_error
from iml_robot.core.yaml_loader import YamlDocument, load_yaml
from iml_robot.evaluation.metrics import Metric, metric_named
from iml_robot.evaluation.suites import Suite

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
STATISTICS = (
    "value",
    "ci_low",
    "ci_high",
    "ci_low_exact",
    "ci_high_exact",
    "iqm",
    "cvar10",
)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RULE = re.compile(rf"\s*([a-z_0-9]*)\s*(<=|>=|==|<|>)\s*({_NUMBER})\s*")
PAIRED: Literal["paired_eprocess"] = "paired_eprocess"


@dataclass(frozen=True)
class Rule:
    """A parsed rule.

    Attributes:
        statistic: What is compared: "value" is the metric itself.
        comparison: One of the five.
        threshold: With what.
    """

    statistic: str
    comparison: str
    threshold: float

    def holds(self, observed: float) -> bool:
        """Return whether a figure fulfils the rule."""
        return COMPARISONS[self.comparison](observed, self.threshold)

    @property
    def wants_more(self) -> bool:
        """Whether larger figures fulfil it."""
        return self.comparison in (">", ">=")


def parse_rule(text: str) -> Rule:
    """Return the rule that a text holds.

    Raises:
        ValueError: If it holds none.
    """
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(
            f"a rule is [STATISTIC] COMPARISON NUMBER, as in 'ci_low_exact >= 0.7' or "
            f"'== 0', with one of {', '.join(COMPARISONS)}; got {text!r}"
        )
    statistic, comparison, number = match.groups()
    statistic = statistic or "value"
    if statistic not in STATISTICS:
        raise ValueError(
            f"unknown statistic {statistic!r} (known: {', '.join(STATISTICS)})"
        )
    rule = Rule(statistic, comparison, float(number))
    wrong_way = statistic.startswith("ci_") and (
        comparison == "==" or rule.wants_more != statistic.startswith("ci_low")
    )
    if wrong_way:
        raise ValueError(
            f"{text!r} says nothing for sure: the lower end of an interval is compared "
            "with > or >=, the upper end with < or <="
        )
    return rule


class Gate(BaseModel):
    """One thing that a policy must fulfil.

    Attributes:
        id: Name in reports.
        metric: What is looked at.
        entry: Name of the entry of the suite; None: all of them.
        rule: What must hold; see `parse_rule`. Either this or `test` is given.
        test: "paired_eprocess": not worse than a baseline on the same maps.
        margin: How much worse counts as not worse, for `test`.
        max_pairs: Pairs after which `test` gives up; None: those of the suite.
        on: "required", or "advisory": reported, and changes no exit code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    id: str = Field(min_length=1)
    metric: str
    entry: str | None = None
    rule: str | None = None
    test: Literal["paired_eprocess"] | None = None
    margin: float = Field(default=0.05, gt=-1, lt=1)
    max_pairs: int | None = Field(default=None, ge=1)
    on: Literal["required", "advisory"] = "required"

    @field_validator("metric")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            metric_named(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("rule")
    @classmethod
    def _can_be_parsed(cls, value: str | None) -> str | None:
        if value is not None:
            parse_rule(value)
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> Gate:
        if (self.rule is None) == (self.test is None):
            raise ValueError(f"gate {self.id!r} needs either 'rule' or 'test: {PAIRED}'")
        metric = self.about
        if self.test is not None and not metric.bounded:
            raise ValueError(
                f"gate {self.id!r}: {PAIRED} needs a metric between 0 and 1 on every map, "
                f"such as success or mishap_rate, not {self.metric}"
            )
        given = {"margin", "max_pairs"} & self.model_fields_set
        if self.rule is not None and given:
            raise ValueError(f"gate {self.id!r}: {min(given)!r} belongs to 'test'")
        if self.rule is None:
            return self
        statistic = parse_rule(self.rule).statistic
        if statistic.endswith("_exact") and metric.kind != "share":
            raise ValueError(
                f"gate {self.id!r}: only shares have exact intervals; use "
                f"{statistic.removesuffix('_exact')} for {self.metric}"
            )
        if statistic != "value" and metric.kind in ("sum", "latency"):
            raise ValueError(
                f"gate {self.id!r}: {self.metric} has no {statistic}; leave that out"
            )
        return self

    @property
    def about(self) -> Metric:
        """The metric."""
        return metric_named(self.metric)

    @property
    def required(self) -> bool:
        """Whether it decides about the exit code."""
        return self.on == "required"


class GateList(BaseModel):
    """All gates of a verdict.

    Attributes:
        alpha: Probability of a false verdict that is accepted.
        holm: Whether failures are corrected for the number of gates.
        gates: The gates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    holm: bool = True
    gates: tuple[Gate, ...] = Field(strict=False)

    @field_validator("gates")
    @classmethod
    def _have_names(cls, value: tuple[Gate, ...]) -> tuple[Gate, ...]:
        names = [gate.id for gate in value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the id {twice!r} is given twice; ids must differ")
        if not any(gate.required for gate in value):
            raise ValueError("at least one gate must be required, or nothing is decided")
        return value


USUAL_COMPARISON = GateList(
    gates=(
        Gate(id="success", metric="success", test=PAIRED, margin=0.05),
        Gate(id="mishaps", metric="mishap_rate", test=PAIRED, margin=0.05),
        Gate(id="nonfinite", metric="nonfinite_actions", rule="== 0"),
    )
)
"""What `compare` asks for where no gates are given."""


def load_gates(path: Path, suite: Suite) -> GateList:
    """Read a gates file.

    Args:
        path: The file.
        suite: What the gates are about.

    Raises:
        ConfigError: If it is wrong; the message names file, line and key.
    """
    document = load_yaml(path)
    try:
        gates = GateList.model_validate(document.values)
    except ValidationError as error:
        origins = dict(document.positions)
        raise config_error(error, GateList, origins=origins, source=str(path)) from error
    names = [entry.name for entry in suite.entries]
    for place, gate in enumerate(gates.gates):
        if gate.entry is not None and gate.entry not in names:
            raise ConfigError(
                f"{_where(document, path, place)}: gates.{place}.entry: suite "
                f"{suite.name!r} has no entry {gate.entry!r} (known: {', '.join(names)})"
            )
    return gates


def _where(document: YamlDocument, path: Path, place: int) -> str:
    for key in (("gates", place, "entry"), ("gates", place)):
        if key in document.positions:
            return str(document.positions[key])
    return str(path)
