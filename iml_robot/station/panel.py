"""The figures at the right: command, policy, learning, session, link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pygame

from iml_robot.core.types import Link, Step
from iml_robot.data.recorder import Recording
from iml_robot.station.bar import draw_bar, draw_tick
from iml_robot.station.command import Axes, draw_command
from iml_robot.station.instruments.confidence import Confidence, Level, colour_of
from iml_robot.station.layout import rows
from iml_robot.station.palette import Colour, ink_on
from iml_robot.station.recording import sign_of
from iml_robot.station.shapes import draw_shape
from iml_robot.station.status import SessionStatus
from iml_robot.station.text import Scribe
from iml_robot.station.window_keys import FIGURES, UNDO, WINDOW_NAMES

__all__ = ["draw_bar", "draw_panel"]

_HEIGHTS = {
    "COMMAND": 148.0,
    "POLICY": 92.0,
    "LEARNING": 76.0,
    "SESSION": 112.0,
    "LINK": 92.0,
}
"""Cards from top to bottom and the height that each needs [pixels of the design]."""
_IMPORTANCE = ("LINK", "POLICY", "COMMAND", "LEARNING", "SESSION")
"""Who has no room for all cards, because letters are large, sees these first."""
_GAP = 8
_MORE = 22
_LATE_SHARE = 0.9
_SLOW_INPUT_S, _OLD_INPUT_S = 0.1, 0.15
"""Age of the input from which it is marked, and from which it is an alarm [s]."""
_LITTLE_DISK_BYTES = 1e9
"""Room for some hours of episodes; less is marked."""
_NOBODY_LEARNS = "It learns after each episode."

_LINK_WORDS = {
    Link.OK: "link ok",
    Link.DEVICE_REMOVED: "device removed",
    Link.FOCUS_LOST: "not in focus",
    Link.STALE: "input too old",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the panel shows.

    Attributes:
        step: The step just done.
        status: What the session says.
        axes: Meaning of the parts of an action.
        place: Which map this is; "" if nobody says.
        confidence: How sure the policy is; None: nobody knows.
        rate_hz: Measured control rate [Hz].
        labels: What to press for actions of the window, by action.
    """

    step: Step
    status: SessionStatus
    axes: Axes
    place: str
    confidence: Confidence | None
    rate_hz: float
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, action: str) -> str:
        """Return the one key to name for an action of the window; "" for none."""
        return self.labels.get(action, "").split(" or ")[0]


def draw_panel(
    scribe: Scribe, area: pygame.Rect, figures: Figures, *, page: int = 0
) -> None:
    """Draw the cards of the panel into a box, or as many as fit with large letters.

    Args:
        scribe: Where to draw and write.
        area: Box of the panel [pixels].
        figures: What to show.
        page: Which of the pages, counted on and on.
    """
    pages = panel_pages(scribe, area)
    if len(pages) > 1:
        foot = pygame.Rect(area.left, 0, area.width, scribe.px(_MORE))
        foot.bottom = area.bottom
        key, meaning = figures.label(FIGURES), WINDOW_NAMES[FIGURES]
        text = f"{key}: {meaning}" if key else "there are more figures"
        scribe.write(text, foot, 13, colour=scribe.theme.quiet, align="right")
        area = pygame.Rect(area.left, area.top, area.width, area.height - foot.height)
    names = pages[page % len(pages)]
    for name, card in zip(names, _cards(scribe, area, names), strict=True):
        _DRAWN[name](scribe, _titled(scribe, card, name), figures)


def panel_pages(scribe: Scribe, area: pygame.Rect) -> list[list[str]]:
    """Return the names of the cards on each page, every card on one page.

    Args:
        scribe: Knows how large letters are.
        area: Box of the panel [pixels].
    """
    if _needed(scribe, list(_HEIGHTS)) <= area.height:
        return [list(_HEIGHTS)]
    room = area.height - scribe.px(_MORE)
    pages: list[list[str]] = [[]]
    for name in _IMPORTANCE:
        if pages[-1] and _needed(scribe, [*pages[-1], name]) > room:
            pages.append([])
        pages[-1].append(name)
    return [[name for name in _HEIGHTS if name in page] for page in pages]


def _needed(scribe: Scribe, names: Sequence[str]) -> int:
    """Return the height that cards need [pixels]."""
    high = sum(_HEIGHTS[name] for name in names)
    return round(high * scribe.unit) + scribe.px(_GAP) * (len(names) - 1)


def _cards(scribe: Scribe, area: pygame.Rect, names: Sequence[str]) -> list[pygame.Rect]:
    """Draw empty cards that fill a box, or are as high as they need to be; return them."""
    gap = scribe.px(_GAP)
    shares = [_HEIGHTS[name] for name in names]
    most = 1.25 * sum(shares) * scribe.unit if len(names) < len(_HEIGHTS) else area.height
    room = min(area.height - gap * (len(names) - 1), most)
    cards, top = [], float(area.top)
    for share in shares:
        height = room * share / sum(shares)
        card = pygame.Rect(area.left, round(top), area.width, round(height))
        pygame.draw.rect(
            scribe.surface, scribe.theme.card, card, border_radius=scribe.px(8)
        )
        cards.append(card)
        top += height + gap
    return cards


def _titled(scribe: Scribe, card: pygame.Rect, title: str) -> pygame.Rect:
    """Write the title of a card; return the room below it."""
    inner = card.inflate(-scribe.px(24), -scribe.px(8))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(18))
    scribe.write(title, head, 12, colour=scribe.theme.quiet, bold=True)
    body = pygame.Rect(inner.left, head.bottom, inner.width, inner.bottom - head.bottom)
    return body.inflate(0, -scribe.px(2))


def _draw_command(scribe: Scribe, area: pygame.Rect, figures: Figures) -> None:
    draw_command(scribe, area, figures.step, figures.axes)


def _draw_policy(scribe: Scribe, area: pygame.Rect, figures: Figures) -> None:
    """Draw which policy drives, and how sure it is beside where it would ask."""
    status, confidence = figures.status, figures.confidence
    first, second, third = rows(area, 3)
    name = f"{status.policy_name} " if status.policy_name else "policy "
    _pair(scribe, first, f"{name}v{status.policy_version}", status.policy_hash[:8])
    if confidence is None:
        _pair(scribe, second, "how sure: not known", "")
        return
    sure = confidence.level is Level.SURE
    share = f"{confidence.share:.0%}"
    words = f"{share} sure" if confidence.probable else f"agreement {share}"
    limit = "" if confidence.limit is None else f"asks below {confidence.limit:.0%}"
    left = words if sure else f"! {words}"
    colour = colour_of(confidence.level, scribe.theme)
    _pair(scribe, second, left, limit, None if sure else colour)
    bar = third.inflate(-scribe.px(4), -scribe.px(10))
    draw_bar(scribe, bar, confidence.share, colour)
    if confidence.limit is not None:
        draw_tick(scribe, bar, confidence.limit)


def _draw_learning(scribe: Scribe, area: pygame.Rect, figures: Figures) -> None:
    """Draw how far the learning is, else what became of it and how to take it back."""
    status = figures.status
    first, second = rows(area, 2)
    if status.learning is not None:
        _pair(scribe, first, f"learning {status.learning:.0%}", "you drive on")
        bar = second.inflate(-scribe.px(4), -scribe.px(14))
        draw_bar(scribe, bar, status.learning, scribe.theme.policy)
        return
    if not status.verdict:
        scribe.write(_NOBODY_LEARNS, first, 15, colour=scribe.theme.quiet)
        return
    head, _, why = status.verdict.partition(": ")
    undo = figures.label(UNDO) if "accepted" in head.split() else ""
    _pair(scribe, first, head, f"{undo} takes it back" if undo else "")
    scribe.write(why, second, 14, colour=scribe.theme.quiet)


def _draw_session(scribe: Scribe, area: pygame.Rect, figures: Figures) -> None:
    status = figures.status
    first, second, third, fourth = rows(area, 4)
    of = f" of {status.episodes}" if status.episodes is not None else ""
    _pair(scribe, first, f"episode {status.episode}{of}", status.phase)
    limit = f" / {status.step_limit}" if status.step_limit else ""
    _pair(scribe, second, f"step {status.step}{limit}", figures.place)
    _pair(
        scribe,
        third,
        f"{status.takeovers} takeover{'' if status.takeovers == 1 else 's'}",
        f"{status.successes} success{'' if status.successes == 1 else 'es'}",
    )
    share = ""
    if status.human_share is not None and status.share_episodes:
        last = "this one" if status.share_episodes == 1 else f"last {status.share_episodes}"
        share = f"{status.human_share:.0%} of {last}"
    _pair(scribe, fourth, f"you drove {status.human_controlled_s:.1f} s", share)


def _draw_link(scribe: Scribe, area: pygame.Rect, figures: Figures) -> None:
    status, rate_hz = figures.status, figures.rate_hz
    first, second, third = rows(area, 3)
    _draw_recording(scribe, first, status)
    signal = figures.step.signal
    wrong = signal.link is not Link.OK
    state = _LINK_WORDS[signal.link]
    _pair(
        scribe,
        second,
        f"! {state}" if wrong else state,
        signal.device or "no device",
        scribe.theme.warning if wrong else None,
    )
    old = signal.age_s > _OLD_INPUT_S
    marks = "!! " if old else "! " if signal.age_s > _SLOW_INPUT_S else ""
    colour = scribe.theme.alarm if old else scribe.theme.warning if marks else None
    slow = 0 < rate_hz < _LATE_SHARE / status.control_dt_s
    loop = f"{'! ' if slow else ''}{rate_hz:.1f} Hz" if rate_hz else "-- Hz"
    _pair(
        scribe,
        third,
        f"{marks}input {signal.age_s * 1000:.0f} ms",
        f"{loop}, {status.late_ticks} late",
        colour,
        mark_right=scribe.theme.warning if slow else None,
    )


_DRAWN: Mapping[str, Callable[[Scribe, pygame.Rect, Figures], None]] = {
    "COMMAND": _draw_command,
    "POLICY": _draw_policy,
    "LEARNING": _draw_learning,
    "SESSION": _draw_session,
    "LINK": _draw_link,
}


def _draw_recording(scribe: Scribe, row: pygame.Rect, status: SessionStatus) -> None:
    """Draw whether the steps are kept, how many, and for how many more there is room."""
    icon = scribe.px(12)
    spot = (row.left + icon // 2, row.centery)
    sign = sign_of(status.recording, scribe.theme)
    draw_shape(scribe.surface, sign.shape, spot, icon, sign.colour)
    label = row.move(icon + scribe.px(7), 0)
    label.width -= icon + scribe.px(7)
    kept = status.recording is Recording.ON
    words = f"{sign.word} {status.frames}" if kept else sign.word
    free = status.disk_free_bytes
    little = free is not None and free < _LITTLE_DISK_BYTES
    disk = "" if free is None else f"{'! ' if little else ''}{_size(free)} left"
    _pair(
        scribe,
        label,
        words,
        disk,
        None if kept else scribe.theme.warning,
        mark_right=scribe.theme.warning if little else None,
    )


def _size(count: float) -> str:
    """Return a number of bytes in words, as disks are sold."""
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if count >= 10 * size:
            return f"{count / size:.0f} {unit}"
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e6:.0f} MB"


def _pair(
    scribe: Scribe,
    row: pygame.Rect,
    left: str,
    right: str,
    mark: Colour | None = None,
    *,
    mark_right: Colour | None = None,
) -> None:
    """Write one text at the left and one at the right of a row."""
    gap = scribe.px(8)
    # The left text says what the row is about, so it is the last to be shortened.
    spare = row.width - gap - scribe.width(right, 15)
    split = min(scribe.width(left, 16, bold=True), max(spare, round(row.width * 0.7)))
    first = pygame.Rect(row.left, row.top, split, row.height)
    second = pygame.Rect(first.right + gap, row.top, row.width - split - gap, row.height)
    if mark == scribe.theme.alarm:
        # Alarm is a colour of shapes: letters stand on it, they are not made of it.
        plate = first.inflate(scribe.px(8), -scribe.px(2))
        pygame.draw.rect(scribe.surface, mark, plate, border_radius=scribe.px(4))
        mark = ink_on(mark)
    scribe.write(left, first, 16, bold=True, colour=mark)
    ink = mark_right or scribe.theme.quiet
    scribe.write(right, second, 15, colour=ink, align="right")
