"""What is remembered from one start of the station to the next; nothing depends on it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from iml_robot.core.whole_files import replace_text

logger = logging.getLogger(__name__)

MOST = 8
"""Files and names that are remembered, each."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered.

    Attributes:
        config: The configuration that was run last.
        configs: Files of configurations, the newest first.
        aliases: Names of operators, the newest first.
        latency_ms: Median of the last latency test [ms]; None: there was none.
    """

    config: str = ""
    configs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    latency_ms: float | None = None

    def with_config(self, config: str) -> Remembered:
        """Return it with a configuration that was run, by name or file."""
        file = Path(config)
        if file.suffix:
            config = str(file.absolute())
            return replace(self, config=config, configs=_first(config, self.configs))
        return replace(self, config=config)

    def with_alias(self, alias: str) -> Remembered:
        """Return it with the name of an operator."""
        return replace(self, aliases=_first(alias, self.aliases)) if alias else self


def recall(path: Path) -> Remembered:
    """Read what is remembered; nothing where the file is missing or wrong."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        latency_ms = told.get("latency_ms")
        return Remembered(
            str(told.get("config", "")),
            tuple(map(str, told.get("configs", ())))[:MOST],
            tuple(map(str, told.get("aliases", ())))[:MOST],
            None if latency_ms is None else float(latency_ms),
        )
    except FileNotFoundError:
        return Remembered()
    except (OSError, ValueError, AttributeError, TypeError) as error:
        logger.info("%s is not used: %s", path, error)
        return Remembered()


def remember(found: Remembered, path: Path) -> None:
    """Write it; a disk that refuses is no reason to stop."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, json.dumps(asdict(found), indent=2) + "\n")
    except OSError as error:
        logger.info("%s is not written: %s", path, error)


def _first(value: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return (value, *(other for other in others if other != value))[:MOST]
