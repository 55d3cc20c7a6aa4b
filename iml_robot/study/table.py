"""The results of a study for people: a table, and what it says in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HEADER = (
    "task",
    "method",
    "operator",
    "seeds",
    "start %",
    "final % [95 %]",
    "HCS@95 s",
    "mean %",
    "familiar",
    "HCS s",
    "episodes",
    "against first [95 %]",
    "p",
)
"""Columns; `explanation` says what they mean."""


def table(results: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the rows of the table below `HEADER`.

    Args:
        results: What `summary.results` gave.
    """
    pairs = {_key(p): p["comparison"] for p in results["comparisons"]}
    rows = [_row(group, pairs.pop(_key(group), None)) for group in results["groups"]]
    blank = ("",) * 8
    for (task, operator, method), comparison in pairs.items():
        rows.append((task, method, operator, *blank, *_against(comparison)))
    return rows


def markdown(results: Mapping[str, Any], pictures: Sequence[str]) -> str:
    """Return the report.

    Args:
        results: What `summary.results` gave.
        pictures: Files of the learning curves, relative to the report.
    """
    lines = [f"# {results['study']['name']}", ""]
    lines += [f"| {' | '.join(HEADER)} |", f"|{'---|' * len(HEADER)}"]
    lines += [f"| {' | '.join(row)} |" for row in table(results)]
    lines += ["", explanation(results), ""]
    lines += [f"![Learning curves]({picture})\n" for picture in pictures]
    if results["missing"]:
        lines += [f"Not driven yet: {', '.join(results['missing'])}.", ""]
    lines += [f"- failed: {name}: {text}" for name, text in results["failed"].items()]
    return "\n".join(lines).rstrip() + "\n"


def explanation(results: Mapping[str, Any]) -> str:
    """Return what the columns mean."""
    study = results["study"]
    alone = sum(row["hcs_at_95_confirmed"] is False for row in results["rows"])
    first = next(iter(study["methods"]))
    note = (
        f" In {alone} of {len(results['rows'])} rows that is the last evaluation, which "
        "none followed."
        if alone
        else ""
    )
    return (
        f"Success of the policy alone on {study['maps']} held-out maps, the same for all "
        "methods and seeds, with exact intervals (Clopper-Pearson) of all seeds together. "
        "HCS@95: fewest human-controlled seconds after which two consecutive evaluations "
        "show at least 95 % (median over seeds, and how many reached it)."
        f"{note} Mean: success over the first {study['budget_s']:g} human-controlled "
        "seconds. Familiar: change on familiar terrain in percentage points. Against "
        f"first: paired difference to {first} at the end of the budget in percentage "
        "points, bootstrap over seeds and maps; p: exact McNemar test."
    )


def _row(group: Mapping[str, Any], comparison: Mapping[str, Any] | None) -> tuple[str, ...]:
    final, familiar = group["final"], group["familiar_change"]
    low, high = final["interval_95"]
    seeds, median = len(group["seeds"]), group["hcs_at_95_s"]
    reached = (
        f"{'-' if median is None else f'{median:.0f}'} ({group['reached_95']}/{seeds})"
    )
    return (
        group["task"],
        group["method"],
        group["operator"],
        str(seeds),
        f"{100 * group['start']['success']:.1f}",
        f"{100 * final['success']:.1f} [{100 * low:.1f}, {100 * high:.1f}]",
        reached,
        f"{100 * group['area']:.1f}",
        "" if familiar is None else f"{100 * familiar:+.1f}",
        f"{group['hcs_s']:.0f}",
        f"{group['episodes']:.0f}",
        *(_against(comparison) if comparison else ("", "")),
    )


def _against(comparison: Mapping[str, Any]) -> tuple[str, str]:
    difference, low, high = (
        f"{100 * comparison[name]:+.1f}" for name in ("difference", "low", "high")
    )
    return f"{difference} [{low}, {high}]", f"{comparison['p_value']:.2g}"


def _key(values: Mapping[str, Any]) -> tuple[str, str, str]:
    return values["task"], values["operator"], values["method"]
