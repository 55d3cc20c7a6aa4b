"""Pictures of a run, drawn without a display."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iml_robot.session.results import MASTERED, Count, RunResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue and vermilion of a palette that colour-blind people tell apart.
# Source: Okabe and Ito (2008), "Color universal design".
BEFORE, AFTER, HUMAN = "#0072B2", "#D55E00", "#009E73"


def plot_success(result: RunResult, path: Path) -> None:
    """Draw success before and after, and the operator's time per episode, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Without pyplot there is no global state, no window and nothing to close.
    figure = Figure(figsize=(10, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(2, 3))
    _draw_success(left, result)
    _draw_human_time(right, result)
    figure.savefig(path, format="png", metadata={"Software": None})


def _draw_success(axes: Axes, result: RunResult) -> None:
    for place, evaluation in enumerate(result.evaluations):
        for shift, count, colour, label in (
            (-0.17, evaluation.before, BEFORE, "before"),
            (0.17, evaluation.after, AFTER, "after"),
        ):
            if count is not None:
                # A label that begins with "_" stays out of the legend.
                once = label if place == 0 else f"_{label}"
                _draw_count(axes, place + shift, count, colour=colour, label=once)
    axes.axhline(100 * MASTERED, color="grey", linewidth=0.8, linestyle=":")
    names = [evaluation.name for evaluation in result.evaluations]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, max(len(names), 1) - 0.4)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 20))
    axes.set_ylabel("success of the policy alone [%]")
    axes.set_title("Success, with exact 95 % intervals", fontsize=10)
    if any(e.before or e.after for e in result.evaluations):
        axes.legend(loc="lower right", fontsize=8)


def _draw_count(axes: Axes, x: float, count: Count, *, colour: str, label: str) -> None:
    rate = 100 * count.rate
    low, high = (100 * bound for bound in count.interval())
    axes.bar(x, rate, width=0.3, color=colour, alpha=0.8, label=label)
    error = [[max(rate - low, 0.0)], [max(high - rate, 0.0)]]
    axes.errorbar(x, rate, yerr=error, color="black", capsize=4, linewidth=1.2)
    axes.annotate(
        f"{rate:.0f} %",
        (x, high),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )


def _draw_human_time(axes: Axes, result: RunResult) -> None:
    from matplotlib.ticker import MaxNLocator

    numbers = [row.episode_id for row in result.episodes]
    seconds = [row.human_controlled_s for row in result.episodes]
    axes.bar(numbers, seconds, color=HUMAN, alpha=0.8, label="in the episode")
    axes.plot(
        numbers,
        result.cumulative_human_s,
        color="black",
        marker="o",
        markersize=3,
        label="in all",
    )
    axes.set_xlabel("episode")
    axes.set_ylabel("human-controlled time [s]")
    axes.set_ylim(bottom=0)
    axes.set_title("Time that the operator drove", fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if numbers:
        axes.legend(loc="upper left", fontsize=8)
