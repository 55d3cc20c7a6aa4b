"""How results read on a terminal."""

from __future__ import annotations

from iml_robot.session.results import Count, EpisodeRow


def episode_line(row: EpisodeRow, number: int, total: int) -> str:
    """Return one line about an episode."""
    if row.update_s is None:
        learning = "learning goes on"
    elif not row.figures.get("updates", 1):
        learning = f"nothing to learn in {row.update_s:.1f} s"
    elif not row.figures.get("accepted", 1):
        learning = f"learned in {row.update_s:.1f} s and refused"
    else:
        learning = f"learned in {row.update_s:.1f} s"
    return (
        f"episode {number}/{total}: {row.outcome}, {counted(row.takeovers, 'takeover')}, "
        f"{row.human_controlled_s:.1f} s by the operator, {learning}"
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, for example "1 takeover" or "2 takeovers"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(count: Count) -> str:
    """Return a success rate with its exact 95 % interval, in per cent."""
    low, high = count.interval()
    return f"{100 * count.rate:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
