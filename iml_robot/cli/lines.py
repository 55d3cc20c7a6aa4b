"""How results read on a terminal."""

from __future__ import annotations

from iml_robot.session.results import Count, EpisodeRow


def episode_line(row: EpisodeRow, number: int, total: int) -> str:
    """Return one line about an episode."""
    learned = "nothing to learn" if not row.figures.get("updates", 1) else "learned"
    return (
        f"episode {number}/{total}: {row.outcome}, {counted(row.takeovers, 'takeover')}, "
        f"{row.human_controlled_s:.1f} s by the operator, {learned} in "
        f"{row.update_s or 0:.1f} s"
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, for example "1 takeover" or "2 takeovers"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(count: Count) -> str:
    """Return a success rate with its exact 95 % interval, in per cent."""
    low, high = count.interval()
    return f"{100 * count.rate:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
