"""What a person wants to run, and the command line that says the same."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Task: TypeAlias = Literal["supervised", "demonstration", "watch", "evaluate", "label"]

TASKS: tuple[Task, ...] = get_args(Task)

DRIVING: tuple[Task, ...] = ("supervised", "demonstration", "watch")
"""Tasks with a robot that a person can steer."""

_PLAIN = re.compile(r"[\w./-]*[/_A-Za-z][\w./-]*")


@dataclass(frozen=True, slots=True)
class Launch:
    """One thing to run.

    Attributes:
        task: What is done: "supervised", "demonstration" (the operator drives whole
            episodes), "watch" (the policy drives, nothing is measured), "evaluate" or
            "label".
        config: Shipped name or file of the configuration; "" where a session has its own.
        policy: File or shipped name of the policy, "null" for an untrained one; None:
            what the configuration says.
        episodes: Number of episodes, or of maps to evaluate on; None: what the
            configuration says.
        session: Folder of the session to go on with, or whose segments are labelled.
    """

    task: Task
    config: str = ""
    policy: str | None = None
    episodes: int | None = None
    session: Path | None = None

    @property
    def driving(self) -> bool:
        """Whether a robot moves that a person can steer."""
        return self.task in DRIVING

    @property
    def overrides(self) -> tuple[str, ...]:
        """Settings "a.b=value" that win over the configuration."""
        if not self.driving or self.session is not None:
            return ()
        found = []
        if self.policy is not None:
            found.append(f"policy={_yaml(self.policy)}")
        if self.task == "demonstration":
            found.append("arbiter.hand_back=false")
        if self.task != "supervised":
            found.append("evaluation=[]")
        return tuple(found)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What stands behind `iml-robot`."""
        if self.task == "label":
            return ("label", str(self.session), "--annotator", "human")
        if self.task == "evaluate":
            head: tuple[str, ...] = ("evaluate", str(self.policy), "--suite", self.config)
        elif self.session is not None:
            head = ("run", "--resume", str(self.session), "--operator", "human")
        else:
            head = ("run", self.config, "--operator", "human")
        count = () if self.episodes is None else ("--episodes", str(self.episodes))
        settings = [word for text in self.overrides for word in ("--set", text)]
        return (*head, *count, *settings)

    @property
    def command(self) -> str:
        """The command line, as typed into a shell."""
        return shlex.join(("iml-robot", *self.arguments))


def _yaml(text: str) -> str:
    """Return a text as YAML reads it back; quoted where it could be a number or worse."""
    words = ("null", "true", "false", "yes", "no", "on", "off")
    plain = _PLAIN.fullmatch(text) and text.lower() not in words
    return text if plain or text == "null" else json.dumps(text)
