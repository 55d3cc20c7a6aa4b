"""Checks what a configuration names, without building any of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iml_robot.cli.listing import PLUGINS, registry_of
from iml_robot.core.config import RunConfig
from iml_robot.core.errors import ConfigError
from iml_robot.core.registry import did_you_mean, option_names
from iml_robot.core.resources import find_policy
from iml_robot.operators.simulation.traits import traits_of
from iml_robot.policies import names_network


def check_parts(config: RunConfig) -> None:
    """Make sure that the policy and the plugins exist and know their options.

    Raises:
        UsageError: If there is no such file or plugin.
        ConfigError: If a plugin has no such option, or the simulated operator no such
            preset or trait; the message names the key.
    """
    if config.policy is not None and not names_network(config.policy):
        find_policy(config.policy)
    parts = {
        "operators": ("operator", config.operator),
        "arbiters": ("arbiter", config.arbiter),
        "learners": ("learner", config.learner),
        "adaptations": ("adaptation", config.adaptation),
        "askers": ("asking", config.asking),
    }
    if config.operator.name == "auto":
        del parts["operators"]  # Who is there shows when the run starts.
    for kind, (key, part) in parts.items():
        known = option_names(registry_of(PLUGINS[kind]).get(part.name))
        for option in part.options:
            if option not in known:
                raise ConfigError(
                    f"{key}: {part.name!r} has no option {option!r}"
                    f"{did_you_mean(option, known)}"
                )
    if config.operator.name == "simulated":
        _check_person(config.operator.options)


def _check_person(options: Mapping[str, Any]) -> None:
    """Make sure that there can be such a simulated person."""
    try:
        traits_of(options.get("preset", "typical"), options.get("traits") or {})
    except ValueError as error:
        raise ConfigError(f"operator: {error}") from error
