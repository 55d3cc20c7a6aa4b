"""The configurations that can be chosen: the shipped ones and those that were run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iml_robot.core.config import load_config
from iml_robot.core.errors import ImlRobotError
from iml_robot.core.resources import find_config, shipped_names


@dataclass(frozen=True, slots=True)
class Offer:
    """A configuration that can be run.

    Attributes:
        config: Shipped name or file.
        title: What it is about: its first comment.
        env_id: Gymnasium id; "" if it cannot be read.
        options: Options of the environment.
        policy: File or shipped name of its policy; None: an untrained one.
        episodes: How many episodes it asks for.
        demonstrable: Whether its arbiter lets the operator drive whole episodes.
        trouble: Why it cannot be run; "" if it can.
    """

    config: str
    title: str = ""
    env_id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    policy: str | None = None
    episodes: int = 0
    demonstrable: bool = True
    trouble: str = ""

    @property
    def name(self) -> str:
        """What it is called, for display."""
        return Path(self.config).stem

    @property
    def flies(self) -> bool:
        """Whether its robot is a drone, as far as its name tells."""
        return "drone" in self.env_id.lower()

    @property
    def world(self) -> str:
        """What tells its world from others, as text."""
        return f"{self.env_id} {json.dumps(dict(self.options), sort_keys=True)}"


def offers(recent: Iterable[str] = ()) -> list[Offer]:
    """Return what can be run: shipped configurations by name, then recent files.

    Args:
        recent: Files that were run before, the newest first; what is gone is left out.
    """
    shipped = shipped_names("configs")
    # What most people want first.
    first = [name for name in ("quickstart",) if name in shipped]
    names = [*first, *(name for name in shipped if name not in first)]
    files = [text for text in recent if text not in names and Path(text).is_file()]
    return [offer_of(name) for name in (*names, *files)]


def offer_of(config: str) -> Offer:
    """Return one configuration; what is wrong with it stands in `trouble`."""
    try:
        found = load_config(config)
        title = _first_sentence(find_config(config))
    except (ImlRobotError, OSError) as error:
        return Offer(config, trouble=str(error))
    return Offer(
        config,
        title,
        found.env.id,
        found.env.options,
        found.policy,
        found.schedule.episodes,
        found.arbiter.name == "takeover",
    )


def _first_sentence(path: Path) -> str:
    """Return the first sentence of the comment at the top of a file."""
    words: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# "))
    sentence = " ".join(words).split(". ")[0].rstrip(".")
    return f"{sentence}." if sentence else ""
