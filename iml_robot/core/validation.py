"""Says in plain words, with file, line and key, what pydantic found wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from iml_robot.core.errors import ConfigError
from iml_robot.core.registry import did_you_mean
from iml_robot.core.yaml_loader import KeyPath, Position, describe, key_text

_WANTED = {
    "bool_type": "true or false",
    "dict_type": "a mapping of 'key: value' lines",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping of 'key: value' lines",
    "string_type": "text",
    "tuple_type": "a list",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "text that is not empty",
    "finite_number": "a finite number",
}


def config_error(
    error: ValidationError,
    model: type[BaseModel],
    *,
    origins: Mapping[KeyPath, object],
    source: str,
) -> ConfigError:
    """Return the first mistake of a configuration as an error that a person can act on.

    Args:
        error: What pydantic found.
        model: The model that was validated.
        origins: Position or option of every key, by path.
        source: Name of the configuration, where a key has no origin.
    """
    found = sorted(error.errors(), key=lambda e: _order(_origin(e["loc"], origins)))
    first = found[0]
    where = _origin(first["loc"], origins) or source
    more = len(found) - 1
    tail = f" (and {more} more {'mistake' if more == 1 else 'mistakes'})" if more else ""
    return ConfigError(f"{where}: {_message(first, model)}{tail}")


def _origin(path: KeyPath, origins: Mapping[KeyPath, object]) -> object | None:
    """Return where a key, or the nearest mapping around it, was written."""
    for end in range(len(path), -1, -1):
        if path[:end] in origins:
            return origins[path[:end]]
    return None


def _order(origin: object | None) -> tuple[bool, int, int]:
    if isinstance(origin, Position):
        return (False, origin.line, origin.column)
    return (True, 0, 0)


def _message(error: ErrorDetails, model: type[BaseModel]) -> str:
    path, kind, given = error["loc"], error["type"], error["input"]
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        hint = did_you_mean(str(path[-1]), known)
        return f"{key_text(path[:-1]) or 'top level'}: unknown key {str(path[-1])!r}{hint}"
    if kind == "missing":
        where = key_text(path[:-1]) or "top level"
        return f"{where}: the key {str(path[-1])!r} is missing; add it"
    if kind in _WANTED:
        wanted = _WANTED[kind].format(**error.get("ctx", {}))
        return f"{key_text(path)}: must be {wanted}, got {describe(given)}"
    if kind == "value_error":
        return f"{key_text(path) or 'top level'}: {error['ctx']['error']}"
    text = error["msg"].removeprefix("Input ").rstrip(".")
    return f"{key_text(path)}: {text[:1].lower()}{text[1:]}, got {describe(given)}"


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys of the model that stands at `path` below `model`."""
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model in an annotation such as `tuple[M, ...]` or `M | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in inner if model is not None), None)
