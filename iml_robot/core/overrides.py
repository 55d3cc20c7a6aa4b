"""Settings from the command line, put over the values of a configuration file."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Sequence
from typing import Any

from iml_robot.core.errors import ConfigError
from iml_robot.core.yaml_loader import (
    KeyPath,
    YamlDocument,
    describe,
    key_text,
    parse_value,
)


def apply_overrides(
    document: YamlDocument, overrides: Sequence[str], *, parts: Collection[str]
) -> tuple[dict[str, Any], dict[KeyPath, object]]:
    """Return the values with the overrides put in, and where each of them came from.

    Args:
        document: The file.
        overrides: Settings "a.b=value", the last one wins; the value is YAML and a
            number in the path counts the elements of a list from 0.
        parts: Top-level keys whose value may be a bare name instead of a mapping.

    Returns:
        The values, and the origin of every key: a position in the file or the option.

    Raises:
        ConfigError: If an override is no setting or goes through a value without keys.
    """
    values = copy.deepcopy(document.values)
    origins: dict[KeyPath, object] = dict(document.positions)
    for override in overrides:
        _apply(values, origins, override, parts)
    return values, origins


def _apply(
    values: dict[str, Any],
    origins: dict[KeyPath, object],
    override: str,
    parts: Collection[str],
) -> None:
    option = f"--set {override}"
    path, value = _split(override, option)
    place: Any = values
    for i, part in enumerate(path[:-1]):
        key: Any = _key(place, part, option, path[:i])
        child = place[key] if isinstance(place, list) else place.get(key)
        if child is None:
            child = {}
            origins[path[: i + 1]] = option
        elif isinstance(child, str) and i == 0 and key in parts:
            child = {"name": child}
        place[key] = child
        place = child
    place[_key(place, path[-1], option, path[:-1])] = value
    for known in [p for p in origins if p[: len(path)] == path]:
        del origins[known]
    origins[path] = option


def _split(override: str, option: str) -> tuple[KeyPath, Any]:
    name, equals, text = override.partition("=")
    keys = [key.strip() for key in name.split(".")]
    if not equals or not all(keys):
        raise ConfigError(
            f"{option}: must have the form key.path=value, for example schedule.episodes=3"
        )
    path = tuple(int(key) if key.isdecimal() else key for key in keys)
    try:
        return path, parse_value(text, source=option)
    except ConfigError as error:
        # Line and column mean nothing to whoever typed one line.
        problem = re.sub(r"^:\d+:\d+", "", str(error).removeprefix(option))
        raise ConfigError(f"{option}{problem}; put the value in quotes") from error


def _key(place: Any, part: str | int, option: str, path: KeyPath) -> str | int:
    """Return the key with which `part` selects a child of `place`."""
    if isinstance(place, dict):
        return str(part)
    if not isinstance(place, list):
        raise ConfigError(
            f"{option}: {key_text(path)} is {describe(place)}, "
            f"which has no key {str(part)!r}"
        )
    if not isinstance(part, int) or part >= len(place):
        raise ConfigError(
            f"{option}: {key_text(path)} is a list of {len(place)}; "
            f"{str(part)!r} must be a number from 0 to {len(place) - 1}"
        )
    return part
