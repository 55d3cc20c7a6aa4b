"""Results as Markdown, for the summary page of a CI job."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

MAX_BYTES = 900 * 1024
"""GitHub refuses summaries of more than 1024 KiB; some of that is left for other steps."""

_SHOWN = (
    "return",
    "progress",
    "time_to_goal",
    "path_efficiency",
    "action_change",
    "near_share",
    "mishap_rate",
    "nonfinite_actions",
    "policy_ms_p50",
    "policy_ms_p99",
)
_SIGNS = {"pass": "✅", "measured": "✅", "inconclusive": "❔"}


def markdown(report: Mapping[str, Any], folder: Path | None = None) -> str:
    """Return the Markdown of a report, the verdict first, of at most 900 KiB.

    Args:
        report: What `plain` returned.
        folder: Folder of the page, from which pictures are named; None: the current one.
    """
    blocks = [
        _title(report),
        *(f"> {_text(reason)}" for reason in report["reasons"]),
        _about(report),
        _gates(report["gates"]),
        _entries(report["evaluations"]),
        _comparison(report["comparison"]),
        _metrics(report["metrics"]),
        _worst(report["worst"], folder or Path()),
    ]
    text = "\n\n".join(block for block in blocks if block) + "\n"
    content = text.encode()
    if len(content) <= MAX_BYTES:
        return text
    kept = content[:MAX_BYTES].decode(errors="ignore")
    return f"{kept}\n\n… cut here; the JSON has everything.\n"


def _title(report: Mapping[str, Any]) -> str:
    verdict = report["verdict"]
    sign = _SIGNS.get(verdict, "❌")
    name, suite = report["policy"]["name"], report["suite"]["name"]
    against = f" against {_text(report['baseline']['name'])}" if report["baseline"] else ""
    word = verdict.replace("_", " ")
    return f"## {sign} {word}: {_text(name)}{against} on {_text(suite)}"


def _about(report: Mapping[str, Any]) -> str:
    suite, determinism = report["suite"], report["determinism"]
    words = [
        f"{suite['driven']} of {suite['maps']} maps",
        f"suite `{suite['sha256'][:12]}`",
        f"policy `{report['policy']['sha256'][:12]}`",
        f"{report['timing']['wall_s']:.0f} s",
    ]
    if not suite["held_out"]:
        words.append("**policies may have learned from these maps**")
    if determinism is not None:
        equal = "deterministic" if determinism["tier"] else "**not deterministic**"
        words.append(f"{equal} ({determinism['checked']} maps driven again)")
    return ", ".join(words)


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    if not gates:
        return ""
    rows = [
        (
            f"{_SIGNS.get(g['status'], '❌')} {g['status']}",
            _text(g["id"]) + ("" if g["on"] == "required" else " (advisory)"),
            _text(g["metric"]) + (f" on {_text(g['entry'])}" if g["entry"] else ""),
            _code(g["rule"]),
            _text(g["reason"]),
        )
        for g in gates
    ]
    return _table(("", "gate", "metric", "rule", "why"), rows)


def _entries(entries: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            _text(entry["name"]),
            "" if entry["level"] is None else str(entry["level"]),
            f"{entry['successes']}/{entry['driven']}",
            f"{100 * entry['successes'] / entry['driven']:.1f} %",
            _percents(entry["interval_95"]),
            _text(", ".join(f"{n} {word}" for word, n in entry["outcomes"].items())),
        )
        for entry in entries
    ]
    return _table(("maps", "level", "mastered", "success", "95 %", "outcomes"), rows)


def _comparison(comparison: Mapping[str, Any] | None) -> str:
    if comparison is None or not comparison["pairs"]:
        return ""
    mcnemar = comparison["mcnemar"]
    early = ", stopped early" if comparison["stopped_early"] else ""
    note = " (descriptive)" if mcnemar["descriptive"] else ""
    lines = [
        f"{comparison['pairs']} pairs{early}: {mcnemar['only_candidate']} mastered by the "
        f"candidate alone, {mcnemar['only_baseline']} by the baseline alone, McNemar "
        f"p = {mcnemar['p']:.3g}{note}; a drop of "
        f"{100 * comparison['least_detectable_drop']:.1f} points would have shown.",
        "",
        "Differences, candidate minus baseline, with descriptive intervals:",
        "",
    ]
    rows = [
        (name, f"{row['mean']:+.4g}", "[{:+.4g}, {:+.4g}]".format(*row["interval_95"]))
        for name, row in comparison["differences"].items()
        if name in ("success", *_SHOWN)
    ]
    return "\n".join([*lines, _table(("metric", "difference", "95 %"), rows)])


def _metrics(metrics: Mapping[str, Any]) -> str:
    rows = []
    for name in _SHOWN:
        if name in metrics:
            found = metrics[name]
            ends = found["interval_95"]
            interval = "" if ends is None else "[{:.4g}, {:.4g}]".format(*ends)
            value = f"{found['value']:.4g} {found['unit']}".rstrip()
            rows.append((name, value, interval, _text(found["meaning"])))
    return _table(("metric", "value", "95 %", "meaning"), rows) if rows else ""


def _worst(worst: Sequence[Mapping[str, Any]], folder: Path) -> str:
    if not worst:
        return ""
    lines = ["<details><summary>Worst maps</summary>", ""]
    for row in worst:
        place = f"{_text(row['entry'])} {row['index']}: {_text(row['outcome'])}"
        lines.append(f"- {place} after {row['steps']} steps: {_code(row['watch'])}")
        if row["picture"] is not None:
            lines += ["", f"  ![{place}]({_link(row['picture'], folder)})", ""]
    return "\n".join([*lines, "", "</details>"])


def _link(path: str, folder: Path) -> str:
    """Return a path as seen from the folder of the page, fit for a link."""
    return quote(os.path.relpath(path, folder).replace(os.sep, "/"))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percents(ends: Sequence[float]) -> str:
    return f"[{100 * ends[0]:.1f}, {100 * ends[1]:.1f}]"


def _text(text: str) -> str:
    """Return a text that does not break a table or the page."""
    plain = " ".join(str(text).split())
    return plain.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def _code(text: str) -> str:
    """Return a text as code that does not end early."""
    return "`" + " ".join(text.replace("`", "'").split()) + "`"
