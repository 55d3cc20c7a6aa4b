"""Learning curves against human-controlled seconds, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from iml_robot.session.results import MASTERED, Count
from iml_robot.study.metrics import at
from iml_robot.study.summary import Group

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Colours that colour-blind people tell apart.
# Source: Okabe and Ito (2008), "Color universal design".
COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip


def plot_curves(groups: Sequence[Group], path: Path, *, budget_s: float) -> None:
    """Draw the learning curves of one task as a PNG, a panel for each operator.

    Args:
        groups: The rows of the task, by method and operator.
        path: The picture.
        budget_s: Human-controlled seconds of a row [s].
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    operators = list(dict.fromkeys(group.operator for group in groups))
    methods = list(dict.fromkeys(group.method for group in groups))
    # Without pyplot there is no global state, no window and nothing to close.
    figure = Figure(figsize=(1 + 5 * len(operators), 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(operators), squeeze=False, sharey=True)[0]
    for axes, operator in zip(panels, operators, strict=True):
        for group in groups:
            if group.operator == operator:
                colour = COLOURS[methods.index(group.method) % len(COLOURS)]
                _draw(axes, group, colour, budget_s)
        axes.axhline(100 * MASTERED, color="grey", linewidth=0.8, linestyle=":")
        axes.set_xlim(0, budget_s)
        axes.set_ylim(0, 102)
        axes.set_xlabel("human-controlled time [s]")
        axes.set_title(f"{groups[0].task}, {operator} operator", fontsize=10)
    panels[0].set_ylabel("success of the policy alone [%]")
    # One a method, also where a panel lacks it.
    lines = dict(item for axes in panels for item in _legend_items(axes))
    figure.legend(
        lines.values(),
        lines.keys(),
        loc="outside lower center",
        ncols=3,
        fontsize=8,
        title="thick: median, thin: seeds, band: exact 95 % interval of all seeds together",
        title_fontsize=8,
    )
    figure.savefig(path, format="png", metadata={"Software": None})


def _legend_items(axes: Axes) -> list[tuple[str, Artist]]:
    handles, labels = axes.get_legend_handles_labels()
    return list(zip(labels, handles, strict=True))


def _draw(axes: Axes, group: Group, colour: str, budget_s: float) -> None:
    """Draw every seed thin, the median thick, and the interval of all counts as a band."""
    for row in group.rows:
        times = [point.hcs_s for point in row.points]
        rates = [100 * point.count.rate for point in row.points]
        axes.step(
            [*times, max(times[-1], budget_s)],
            [*rates, rates[-1]],
            where="post",
            color=colour,
            linewidth=0.6,
            alpha=0.5,
        )
    grid = sorted({point.hcs_s for row in group.rows for point in row.points})
    counts = [[at(row.points, s).count for row in group.rows] for s in grid]
    middle = [100 * float(np.median([c.rate for c in now])) for now in counts]
    pooled = [Count(sum(c.successes for c in n), sum(c.maps for c in n)) for n in counts]
    bounds = 100 * np.array([count.interval() for count in pooled])
    times = [*grid, max(grid[-1], budget_s)]
    last = len(grid) - 1
    places = [*range(len(grid)), last]
    axes.fill_between(
        times,
        bounds[places, 0],
        bounds[places, 1],
        step="post",
        color=colour,
        alpha=0.15,
        linewidth=0,
    )
    label = f"{group.method} ({len(group.rows)} {_seeds(len(group.rows))})"
    heights = [middle[place] for place in places]
    axes.step(times, heights, where="post", color=colour, linewidth=2, label=label)


def _seeds(number: int) -> str:
    return "seed" if number == 1 else "seeds"
