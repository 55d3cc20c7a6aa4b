"""What a policy file and the reports beside it tell, without loading the policy."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_LONGEST_HEADER = 1 << 20
_MOST_REPORTS = 40
_LONGEST_REPORT = 8 << 20
_REPORT = "iml_robot.eval/"


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What is known about a policy.

    Attributes:
        name: What it is called.
        sha256: The SHA-256 of its file; "" if it has none.
        lineage: What made it, in words.
        evaluation: How well it did when it was measured last, in words; "" if nobody
            knows.
        trouble: Why it cannot drive; "" if nothing is known against it.
    """

    name: str
    sha256: str = ""
    lineage: str = ""
    evaluation: str = ""
    trouble: str = ""


UNTRAINED = PolicyFacts("untrained", lineage="starts from nothing")


def facts_of(path: Path) -> PolicyFacts:
    """Return what is known about a policy file.

    Args:
        path: The file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return PolicyFacts(path.stem, trouble=f"{path}: {reason}; choose another policy")
    sha256 = hashlib.sha256(content).hexdigest()
    lineage = _words(_header(content).get("lineage"))
    return PolicyFacts(path.stem, sha256, lineage, _last_evaluation(path, sha256))


def _header(content: bytes) -> Mapping[str, Any]:
    """Return what the program wrote into the head of a safetensors file."""
    length = int.from_bytes(content[:8], "little")
    if length > min(_LONGEST_HEADER, len(content)):
        return {}
    try:
        head = json.loads(content[8 : 8 + length])
        told = json.loads(head["__metadata__"]["iml_robot"])
    except (ValueError, KeyError, TypeError):
        return {}
    return told if isinstance(told, dict) else {}


def _words(lineage: Any) -> str:
    """Return the plain entries of a lineage, for example "demonstrations 90"."""
    if not isinstance(lineage, dict):
        return ""
    plain = {k: v for k, v in lineage.items() if isinstance(v, int | float | str)}
    return ", ".join(f"{name} {value}" for name, value in plain.items())


def _last_evaluation(path: Path, sha256: str) -> str:
    """Return what the newest report beside a policy says about just this file."""
    newest: tuple[str, str] = ("", "")
    for report in sorted(path.parent.glob("*.json"))[:_MOST_REPORTS]:
        found = _report(report, sha256)
        if found is not None:
            newest = max(newest, found)
    return newest[1]


def _report(report: Path, sha256: str) -> tuple[str, str] | None:
    """Return (when, what) of a report; None: it is none, or about another policy."""
    try:
        if report.stat().st_size > _LONGEST_REPORT:
            return None
        told = json.loads(report.read_text(encoding="utf-8"))
        if not str(told["schema"]).startswith(_REPORT):
            return None
        if told["policy"]["sha256"] != sha256:
            return None
        parts = [f"{e['name']} {e['successes']}/{e['driven']}" for e in told["evaluations"]]
        return str(told["created_utc"]), ", ".join(parts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.debug("%s is not read: %s", report, error)
        return None
