"""The results of a run as files: for programs, for people, as pictures and as curves."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from iml_robot.core.whole_files import replace_text
from iml_robot.session.folder import SessionFolder
from iml_robot.session.results import Count, EpisodeRow, RunResult

SCHEMA = "iml_robot.run/1"


def write_report(result: RunResult, folder: SessionFolder) -> None:
    """Write summary.json, report.md, plots/success.png and TensorBoard events."""
    from iml_robot.session.curves import write_curves
    from iml_robot.session.plots import plot_success

    text = json.dumps(summary(result), indent=2, allow_nan=False)
    replace_text(folder.summary, f"{text}\n")
    picture = folder.plots / "success.png"
    plot_success(result, picture)
    replace_text(folder.report, markdown(result, picture=f"plots/{picture.name}"))
    write_curves(result, folder.tensorboard)


def summary(result: RunResult) -> dict[str, Any]:
    """Return the results as plain values, every number finite or null.

    `before` and `after` are those of the headline evaluation; `hcs_at_95` is explained
    at `RunResult.hcs_at_95`. All times are in seconds.
    """
    headline = result.headline
    return {
        "schema": SCHEMA,
        "name": result.name,
        "env": result.env_id,
        "operator": result.operator,
        "learner": result.learner,
        "seed": result.seed,
        "before": _count(headline.before if headline else None),
        "after": _count(headline.after if headline else None),
        "human_controlled_s": result.human_controlled_s,
        "takeovers": result.takeovers,
        "rewound_s": result.rewound_s,
        "episodes": len(result.episodes),
        "wait_s": result.wait_percentiles(),
        "hcs_at_95": result.hcs_at_95(),
        "wall_s": result.wall_s,
        "evaluations": [
            {"name": e.name, "before": _count(e.before), "after": _count(e.after)}
            for e in result.evaluations
        ],
        "episode_rows": [_row(row) for row in result.episodes],
        "notes": list(result.notes),
    }


def markdown(result: RunResult, *, picture: str) -> str:
    """Return the report for people.

    Args:
        result: What the run found out.
        picture: Where the picture lies, relative to the report.
    """
    waits = result.wait_percentiles()
    lines = [f"# {result.name}{_verdict(result)}", "", _story(result), ""]
    lines += _evaluation_table(result)
    if waits["p50"] is not None:
        lines += [
            f"The operator waited {waits['p50']:.1f} s for an episode (median; 95 % of "
            f"the waits were below {waits['p95']:.1f} s, the longest took "
            f"{waits['max']:.1f} s).",
            "",
        ]
    lines += [f"![Success before and after, and the operator's time]({picture})", ""]
    lines += _episode_table(result)
    lines += _decision_list(result)
    if result.notes:
        lines += ["## Notes", "", *(f"- {note}" for note in result.notes), ""]
    return "\n".join(lines)


def _count(count: Count | None) -> dict[str, Any] | None:
    if count is None:
        return None
    return {
        "successes": count.successes,
        "maps": count.maps,
        "success": count.rate,
        "interval_95": list(count.interval()),
    }


def _row(row: EpisodeRow) -> dict[str, Any]:
    return {**asdict(row), "success": _count(row.success), "figures": _finite(row.figures)}


def _finite(figures: Any) -> dict[str, float | None]:
    # JSON has no NaN, and a diverged learner must not cost the report.
    values = {name: float(value) for name, value in figures.items()}
    return {n: v if abs(v) < float("inf") else None for n, v in values.items()}


def _verdict(result: RunResult) -> str:
    headline = result.headline
    if headline is None or headline.before is None or headline.after is None:
        return ""
    before, after = headline.before.rate, headline.after.rate
    return f": {100 * before:.1f} % → {100 * after:.1f} % on {headline.name} terrain"


def _story(result: RunResult) -> str:
    count, takeovers = len(result.episodes), result.takeovers
    story = (
        f"The {result.operator} operator took over {_times(takeovers)} in {count} "
        f"{'episode' if count == 1 else 'episodes'} and drove for "
        f"{result.human_controlled_s:.1f} s in all; the {result.learner} learner updated "
        f"the policy in between. Robot: `{result.env_id}`, seed {result.seed}, "
        f"{result.wall_s:.0f} s on the clock."
    )
    if result.rewound_s > 0:
        times = sum(row.rewound_s > 0 for row in result.episodes)
        story += (
            f" Failures were taken back {_times(times)}, {result.rewound_s:.1f} s in all."
        )
    reached = result.hcs_at_95()
    if reached is not None:
        story += f" 95 % success was first measured after {reached:.1f} s of driving."
    return story


def _times(count: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _evaluation_table(result: RunResult) -> list[str]:
    if not result.evaluations:
        return []
    rows = [
        f"| {e.name} | {_cell(e.before)} | {_cell(e.after)} |" for e in result.evaluations
    ]
    return [
        "| success of the policy alone | before | after |",
        "|---|---|---|",
        *rows,
        "",
        "In brackets: exact 95 % intervals (Clopper-Pearson).",
        "",
    ]


def _cell(count: Count | None) -> str:
    if count is None:
        return "not measured"
    low, high = count.interval()
    return (
        f"{count.successes} of {count.maps}, {100 * count.rate:.1f} % "
        f"[{100 * low:.1f}, {100 * high:.1f}]"
    )


def _episode_table(result: RunResult) -> list[str]:
    if not result.episodes:
        return []
    rows = [
        f"| {row.episode_id} | {row.policy_version} | {row.outcome.replace('_', ' ')} "
        f"| {row.takeovers} | {row.human_controlled_s:.1f} | {row.duration_s:.1f} "
        f"| {_seconds(row.update_s)} | {_seconds(row.wait_s)} |"
        for row in result.episodes
    ]
    return [
        "## Episodes",
        "",
        "| episode | policy | outcome | takeovers | human s | length s | update s "
        "| wait s |",
        "|---:|---:|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
    ]


def _decision_list(result: RunResult) -> list[str]:
    lines = [
        f"- after episode {row.episode_id}: {decision}"
        for row in result.episodes
        for decision in row.decisions
    ]
    return ["## Decisions about policies", "", *lines, ""] if lines else []


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"  # noqa: RUF001
