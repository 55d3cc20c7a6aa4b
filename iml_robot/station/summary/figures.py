"""What a session came to, as plain figures and as lines to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

WHOLE = 0.8
"""Share of an episode from which it counts as driven by the person: a device that is lost
for some seconds does not matter."""


@dataclass(frozen=True, slots=True)
class EpisodeFigures:
    """What happened in one episode.

    Attributes:
        outcome: How it ended.
        success: Whether that was a success, by the person where they said so; None: they
            were not sure.
        takeovers: How often the person took over.
        human_s: How long they drove [s].
        duration_s: How long it was [s].
        discarded: Whether nothing is learned from it.
    """

    outcome: str
    success: bool | None
    takeovers: int
    human_s: float
    duration_s: float
    discarded: bool = False


@dataclass(frozen=True, slots=True)
class SuccessFigures:
    """Success of the policy alone on one set of maps, as (successes, maps).

    Attributes:
        name: What the maps are called.
        before: With the first policy; None: not measured.
        after: With the last one; None: not measured.
    """

    name: str
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of one update.

    Attributes:
        text: What was decided and why.
        accepted: Whether the new policy drives; None: neither was decided.
    """

    text: str
    accepted: bool | None = None


@dataclass(frozen=True)
class SessionFigures:
    """Everything that the summary of a session tells.

    Attributes:
        name: Name of the session or its configuration.
        episodes: What happened, in order.
        evaluations: Success before and after.
        demonstrated: Whether the person was to drive whole episodes.
        to_asks_s: Times from a request of the robot to the reaction [s].
        to_signs_s: Times from the first sign of trouble to the takeover [s].
        unanswered: Requests that nobody answered.
        learned: What became of the updates.
        folder: Where everything lies; None: nothing was written.
        data_bytes: How much that is.
        watched_s: Time of watching the policy [s].
        breaks: How many breaks there were.
        load: Mean of the answers about the work, from 0 to 100; None: there are none.
        notes: What else there is to say, in whole sentences.
    """

    name: str
    episodes: Sequence[EpisodeFigures] = ()
    evaluations: Sequence[SuccessFigures] = ()
    demonstrated: bool = False
    to_asks_s: Sequence[float] = ()
    to_signs_s: Sequence[float] = ()
    unanswered: int = 0
    learned: Sequence[Learned] = ()
    folder: Path | None = None
    data_bytes: int = 0
    watched_s: float = 0.0
    breaks: int = 0
    load: float | None = None
    notes: Sequence[str] = field(default=())

    @property
    def human_s(self) -> float:
        """How long the person drove [s]."""
        return sum(episode.human_s for episode in self.episodes)

    @property
    def takeovers(self) -> int:
        """How often the person took over."""
        return sum(episode.takeovers for episode in self.episodes)


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the summary.

    Attributes:
        kind: "head", "pair" (a label and a value), "text", or "sign" (a text with a sign
            in front).
        text: What it says, or the label.
        value: What stands at the right of a pair.
        good: The sign in front: yes, no, or neither.
        breaks: What a text may be cut at when it is too long for a line.
    """

    kind: str
    text: str
    value: str = ""
    good: bool | None = None
    breaks: str = " "


def lines_of(figures: SessionFigures) -> list[SummaryLine]:
    """Return everything that is told, in order."""
    return [
        *_episode_lines(figures),
        *_demonstration_lines(figures),
        *_success_lines(figures),
        *_reaction_lines(figures),
        *_learned_lines(figures),
        *_data_lines(figures),
        *(SummaryLine("text", note) for note in figures.notes),
    ]


def _episode_lines(figures: SessionFigures) -> list[SummaryLine]:
    count = len(figures.episodes)
    wins = sum(episode.success is True for episode in figures.episodes)
    driven_s = sum(episode.duration_s for episode in figures.episodes)
    share = f" of {minutes(driven_s)}" if driven_s else ""
    lines = [
        SummaryLine("head", "What you did"),
        SummaryLine("pair", "episodes", str(count)),
        SummaryLine("pair", "successes", f"{wins} of {count}"),
        SummaryLine("pair", "takeovers", str(figures.takeovers)),
        SummaryLine("pair", "you drove", f"{minutes(figures.human_s)}{share}"),
    ]
    if figures.watched_s:
        lines.append(SummaryLine("pair", "you watched", minutes(figures.watched_s)))
    discarded = sum(episode.discarded for episode in figures.episodes)
    if discarded:
        lines.append(SummaryLine("pair", "discarded", str(discarded)))
    if figures.breaks:
        lines.append(SummaryLine("pair", "breaks", str(figures.breaks)))
    if figures.load is not None:
        lines.append(SummaryLine("pair", "work load", f"{figures.load:.0f} of 100"))
    return lines


def _demonstration_lines(figures: SessionFigures) -> list[SummaryLine]:
    """Return what was demonstrated, if that was what the person was to do."""
    if not figures.demonstrated:
        return []
    whole = [
        episode
        for episode in figures.episodes
        if episode.human_s >= WHOLE * episode.duration_s and not episode.discarded
    ]
    lines = [
        SummaryLine("head", "What you demonstrated"),
        SummaryLine("pair", "episodes driven by you", str(len(whole))),
    ]
    if not whole:
        return lines
    good = [episode for episode in whole if episode.success is True]
    rate = f"{len(good)} of {len(whole)} ({len(good) / len(whole):.0%})"
    human_s = minutes(sum(episode.human_s for episode in whole))
    lines += [
        SummaryLine("pair", "your own successes", rate),
        SummaryLine("pair", "demonstrated", human_s),
    ]
    if good:
        took_s = median(episode.duration_s for episode in good)
        lines.append(SummaryLine("pair", "a success took you (median)", minutes(took_s)))
    return lines


def _success_lines(figures: SessionFigures) -> list[SummaryLine]:
    if not figures.evaluations:
        return []
    rows = [
        SummaryLine("pair", e.name, _gain(e.before, e.after)) for e in figures.evaluations
    ]
    return [SummaryLine("head", "Success of the policy alone, before → after"), *rows]


def _reaction_lines(figures: SessionFigures) -> list[SummaryLine]:
    lines = []
    for label, times_s in (
        ("after the robot asked", figures.to_asks_s),
        ("after the first sign of trouble", figures.to_signs_s),
    ):
        if times_s:
            worst = f", longest {max(times_s):.1f} s" if len(times_s) > 1 else ""
            told = f"{median(times_s):.1f} s{worst}"
            lines.append(SummaryLine("pair", label, told))
    if figures.unanswered:
        lines.append(SummaryLine("pair", "asked in vain", str(figures.unanswered)))
    return [SummaryLine("head", "Your reactions (median)"), *lines] if lines else []


def _learned_lines(figures: SessionFigures) -> list[SummaryLine]:
    decided = [SummaryLine("sign", one.text, good=one.accepted) for one in figures.learned]
    nothing = [SummaryLine("text", "Nothing was learned in this session.")]
    return [SummaryLine("head", "What was learned"), *(decided or nothing)]


def _data_lines(figures: SessionFigures) -> list[SummaryLine]:
    if figures.folder is None:
        return [
            SummaryLine("head", "What was written"),
            SummaryLine("text", "Nothing was written."),
        ]
    return [
        SummaryLine("head", "What was written"),
        SummaryLine("pair", "size", size_words(figures.data_bytes)),
        SummaryLine("text", str(figures.folder), breaks="/"),
    ]


def minutes(seconds: float) -> str:
    """Return a time in words: seconds up to two minutes, then minutes."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min"


def size_words(count: float) -> str:
    """Return a number of bytes in words."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _gain(before: tuple[int, int] | None, after: tuple[int, int] | None) -> str:
    """Return success before and after in words; the number of maps once, if it is one."""
    maps = {count[1] for count in (before, after) if count is not None}
    words = [
        "not measured" if count is None or not count[1] else f"{count[0] / count[1]:.0%}"
        for count in (before, after)
    ]
    if len(maps) == 1 and before is not None and after is not None:
        return f"{words[0]} → {words[1]} of {maps.pop()} maps"
    told = [
        word if count is None else f"{word} of {count[1]}"
        for word, count in zip(words, (before, after), strict=True)
    ]
    return " → ".join(told)
