"""Safe YAML for configuration files: every surprise is an error with its position.

Plain YAML 1.1 loses the first of two equal keys, reads `on` as true and `1e-3` as text,
builds Python objects and expands nested aliases without limit. This loader follows the
scalar rules of YAML 1.2 and refuses the rest.

Source: YAML 1.2.2, section 10.3 (core schema).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from iml_robot.core.errors import ConfigError

KeyPath: TypeAlias = tuple[str | int, ...]

# No configuration comes near these; they bound what a hostile file can cost.
MAX_BYTES = 1 << 20
MAX_NODES = 20_000
MAX_DEPTH = 20

_PREFIX = "tag:yaml.org,2002:"
_SCALARS = {
    "null": (r"~|null|Null|NULL|", "~nN\0"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
}


@dataclass(frozen=True)
class Position:
    """Where a value stands, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return "file:line:column", which editors and terminals turn into a link."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class YamlDocument:
    """The values of a file and where each of them stands.

    Attributes:
        values: The mapping at the top of the file.
        positions: Position of every key (or list element), by its path.
    """

    values: dict[str, Any]
    positions: Mapping[KeyPath, Position] = field(default_factory=dict)


def load_yaml(path: Path) -> YamlDocument:
    """Read a YAML file that holds one mapping.

    Args:
        path: File in UTF-8 of at most 1 MiB.

    Raises:
        ConfigError: If the file is missing, too large or not acceptable YAML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot read the file: {reason}") from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes, which is the limit")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}:1: not UTF-8; save the file as UTF-8") from error
    return parse_yaml(text, source=str(path))


def parse_yaml(text: str, *, source: str) -> YamlDocument:
    """Return the mapping that a YAML text holds.

    Args:
        text: The document.
        source: Name of the text in error messages, for example its path.

    Raises:
        ConfigError: If the text is not acceptable YAML or no mapping.
    """
    positions: dict[KeyPath, Position] = {}
    value = _parse(text, source, positions)
    if value is None:
        raise ConfigError(
            f"{source}:1:1: the file is empty; it must hold 'key: value' lines"
        )
    if not isinstance(value, dict):
        raise ConfigError(
            f"{positions[()]}: the top of the file must be a mapping of 'key: value' "
            f"lines, got {describe(value)}"
        )
    return YamlDocument(value, positions)


def parse_value(text: str, *, source: str) -> Any:
    """Return one value written as YAML, for example "1e-3", "true" or "[1, 2]".

    Raises:
        ConfigError: If the text is not acceptable YAML.
    """
    return _parse(text, source, {})


def yaml_text(values: Mapping[str, Any]) -> str:
    """Return the YAML text that `parse_yaml` reads back as the same values."""
    text: str = yaml.dump(
        dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88
    )
    return text


def describe(value: Any) -> str:
    """Return a short name of a value for error messages, for example "a list"."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"the text {text}" if isinstance(value, str) else text


def key_text(path: KeyPath) -> str:
    """Return the dotted form of a path, for example "evaluation.0.maps"."""
    return ".".join(str(part) for part in path)


class _Loader(yaml.SafeLoader):
    """PyYAML's parser and composer with the scalars of YAML 1.2 instead of 1.1."""


class _Dumper(yaml.SafeDumper):
    """Quotes what `_Loader` would not read as text, such as the text "1e-3"."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out wherever it stands, for people to read."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML 1.1 counts these as line breaks, and plain or single-quoted text folds them.
    style = '"' if any(char in text for char in "\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar(_PREFIX + "str", text, style)


_Dumper.add_representer(str, _represent_text)
for _side in (_Loader, _Dumper):
    _side.yaml_implicit_resolvers = {}
for _name, (_pattern, _first) in _SCALARS.items():
    # PyYAML files empty scalars under the empty string.
    _firsts = ["" if char == "\0" else char for char in _first]
    for _side in (_Loader, _Dumper):
        _side.add_implicit_resolver(
            _PREFIX + _name, re.compile(rf"^(?:{_pattern})$"), _firsts
        )


def _parse(text: str, source: str, positions: dict[KeyPath, Position]) -> Any:
    try:
        _check_size(text, source)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_explain(error, source)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{source}:{line}:1: the character #x{error.character:04x} is not allowed"
        ) from error
    return None if node is None else _Builder(source, positions).build(node, ())


def _check_size(text: str, source: str) -> None:
    """Refuse deep or long documents before the recursive composer sees them."""
    depth = nodes = 0
    loader = _Loader(text)
    try:
        while loader.check_event():
            event: yaml.Event = loader.get_event()  # type: ignore[no-untyped-call]
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            nodes += isinstance(event, yaml.NodeEvent)
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                raise ConfigError(_too_large(_position(event.start_mark, source)))
    finally:
        loader.dispose()


def _too_large(position: Position) -> str:
    return (
        f"{position}: the document is too large; at most {MAX_NODES} values, nested at "
        f"most {MAX_DEPTH} deep, are allowed (aliases count as often as they are used)"
    )


def _position(mark: Any, source: str) -> Position:
    return Position(source, mark.line + 1, mark.column + 1)


def _explain(error: yaml.MarkedYAMLError, source: str) -> str:
    mark = error.problem_mark or error.context_mark
    assert mark is not None
    problem = (error.problem or "not valid YAML").rstrip(".")
    if "'\\t'" in problem:
        problem = "a tab cannot indent or start a value; use spaces"
    elif error.context == "expected a single document in the stream":
        problem = "a second document starts here ('---'); only one is allowed"
    elif error.context:
        problem = f"{problem} ({error.context})"
    return f"{_position(mark, source)}: {problem}"


class _Builder:
    """Turns nodes into plain values and notes where each of them stands."""

    def __init__(self, source: str, positions: dict[KeyPath, Position]) -> None:
        self._source = source
        self._positions = positions
        self._nodes = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return the value of a node, aliases expanded."""
        position = _position(node.start_mark, self._source)
        self._positions.setdefault(path, position)
        self._nodes += 1
        if self._nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise ConfigError(_too_large(position))
        if isinstance(node, yaml.MappingNode) and node.tag == _PREFIX + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _PREFIX + "seq":
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        raise self._bad_tag(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            position = _position(key_node.start_mark, self._source)
            key = self.build(key_node, (*path, "<key>"))
            del self._positions[(*path, "<key>")]
            if not isinstance(key, str):
                raise ConfigError(
                    f"{position}: {_prefix(path)}a key must be text, got {describe(key)}"
                )
            if key in values:
                first = self._positions[(*path, key)]
                raise ConfigError(
                    f"{position}: {key_text((*path, key))}: the key is given twice "
                    f"(first in line {first.line}); remove one"
                )
            self._positions[(*path, key)] = position
            values[key] = self.build(value_node, (*path, key))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(_PREFIX)
        if kind == "str":
            return text
        if kind not in _SCALARS or not re.fullmatch(_SCALARS[kind][0], text):
            raise self._bad_tag(node, path)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        return self._number(kind, text, path)

    def _number(self, kind: str, text: str, path: KeyPath) -> int | float:
        if kind == "int" and len(text) <= 40:
            return int(text, 0 if text[:2] in ("0o", "0x") else 10)
        named = text.lower().lstrip("+-") in (".inf", ".nan")
        number = math.inf if named or kind == "int" else float(text)
        if not math.isfinite(number):
            raise ConfigError(
                f"{self._positions[path]}: {_prefix(path)}must be a finite number, "
                f"got {text[:40]}"
            )
        return number

    def _bad_tag(self, node: yaml.Node, path: KeyPath) -> ConfigError:
        tag = node.tag.replace(_PREFIX, "!!")
        return ConfigError(
            f"{_position(node.start_mark, self._source)}: {_prefix(path)}the tag {tag} is "
            "not allowed here; only text, numbers, true, false, null, lists and mappings"
        )


def _prefix(path: KeyPath) -> str:
    return f"{key_text(path)}: " if path else ""
