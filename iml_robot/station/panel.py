"""The figures at the right: command, robot, episode, session, link."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pygame

from iml_robot.core.types import Link, Step
from iml_robot.station.command import Axes, draw_command
from iml_robot.station.layout import columns, rows
from iml_robot.station.palette import Colour
from iml_robot.station.shapes import draw_shape
from iml_robot.station.status import SessionStatus
from iml_robot.station.text import Scribe

# Heights of the cards relative to each other.
_CARDS = (196.0, 92.0, 98.0, 98.0, 98.0)
# Tilt [rad] from which the figure is marked; a rover of the Jackal class turns over
# sideways at about 45 degrees.
_STEEP_RAD = math.radians(20.0)
_LATE_SHARE = 0.9
_SLOW_INPUT_S = 0.1

_LINK_WORDS = {
    Link.OK: "link ok",
    Link.DEVICE_REMOVED: "device removed",
    Link.FOCUS_LOST: "window not in focus",
    Link.STALE: "input too old",
}


def draw_panel(
    scribe: Scribe,
    area: pygame.Rect,
    step: Step,
    info: Mapping[str, Any],
    *,
    status: SessionStatus,
    axes: Axes,
    rate_hz: float,
) -> None:
    """Draw all cards of the panel into a box.

    Args:
        scribe: Where to draw and write.
        area: Box of the panel [pixels].
        step: The step just done.
        info: What the environment says after the step.
        status: What the session says.
        axes: Meaning of the parts of an action.
        rate_hz: Measured control rate [Hz].
    """
    command, robot, episode, session, link = _cards(scribe, area)
    draw_command(scribe, _titled(scribe, command, "COMMAND"), step, axes)
    _draw_robot(scribe, _titled(scribe, robot, "ROBOT"), info)
    _draw_episode(scribe, _titled(scribe, episode, "EPISODE"), info, status)
    _draw_session(scribe, _titled(scribe, session, "SESSION"), status)
    _draw_link(scribe, _titled(scribe, link, "LINK"), step, status, rate_hz)


def _cards(scribe: Scribe, area: pygame.Rect) -> list[pygame.Rect]:
    gap = scribe.px(8)
    room = area.height - gap * (len(_CARDS) - 1)
    cards, top = [], float(area.top)
    for share in _CARDS:
        height = room * share / sum(_CARDS)
        card = pygame.Rect(area.left, round(top), area.width, round(height))
        pygame.draw.rect(
            scribe.surface, scribe.theme.card, card, border_radius=scribe.px(8)
        )
        cards.append(card)
        top += height + gap
    return cards


def _titled(scribe: Scribe, card: pygame.Rect, title: str) -> pygame.Rect:
    """Write the title of a card; return the room below it."""
    inner = card.inflate(-scribe.px(24), -scribe.px(10))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(19))
    scribe.write(title, head, 12, colour=scribe.theme.quiet, bold=True)
    body = pygame.Rect(inner.left, head.bottom, inner.width, inner.bottom - head.bottom)
    return body.inflate(0, -scribe.px(2))


def _draw_robot(scribe: Scribe, area: pygame.Rect, info: Mapping[str, Any]) -> None:
    tilt = _tilt(info)
    steep = tilt is not None and tilt > _STEEP_RAD
    figures: list[tuple[str, str, str, Colour]] = [
        (_number(info, "speed", "{:.2f}"), "m/s", "speed", scribe.theme.quiet),
        (
            "--" if tilt is None else f"{math.degrees(tilt):.0f}°",
            "",
            "! steep" if steep else "tilt",
            scribe.theme.warning if steep else scribe.theme.quiet,
        ),
        (
            _number(info, "distance_to_goal", "{:.1f}"),
            "m",
            "to the goal",
            scribe.theme.quiet,
        ),
    ]
    for box, (value, unit, label, colour) in zip(
        columns(area, (1.15, 0.8, 1.05)), figures, strict=True
    ):
        upper = pygame.Rect(
            box.left, box.top, box.width - scribe.px(6), area.height * 3 // 5
        )
        lower = pygame.Rect(box.left, upper.bottom, upper.width, box.bottom - upper.bottom)
        unit_wide = scribe.width(unit, 15) + scribe.px(4) if unit else 0
        room = pygame.Rect(upper.left, upper.top, upper.width - unit_wide, upper.height)
        written = scribe.write(value, room, 27, bold=True)
        beside = pygame.Rect(
            written.right + scribe.px(4), upper.top, unit_wide, upper.height
        )
        scribe.write(unit, beside, 15, colour=scribe.theme.quiet)
        scribe.write(label, lower, 14, colour=colour)


def _tilt(info: Mapping[str, Any]) -> float | None:
    """Return the angle between the robot's up and straight up [rad]."""
    try:
        return math.acos(math.cos(float(info["roll"])) * math.cos(float(info["pitch"])))
    except (KeyError, TypeError, ValueError):
        return None


def _number(info: Mapping[str, Any], key: str, form: str) -> str:
    try:
        return form.format(float(info[key]))
    except (KeyError, TypeError, ValueError):
        return "--"


def _draw_episode(
    scribe: Scribe, area: pygame.Rect, info: Mapping[str, Any], status: SessionStatus
) -> None:
    first, second, third = rows(area, 3)
    of = f" of {status.episodes}" if status.episodes is not None else ""
    _pair(scribe, first, f"{status.episode}{of}", status.phase)
    time_s = status.step * status.control_dt_s
    limit = f" / {status.step_limit}" if status.step_limit else ""
    _pair(scribe, second, f"step {status.step}{limit}", f"{time_s:.1f} s")
    place = _place(info)
    bar = (
        third if not place else pygame.Rect(third.topleft, (third.width // 2, third.height))
    )
    if status.step_limit:
        share = status.step / status.step_limit
        draw_bar(
            scribe, bar.inflate(-scribe.px(4), -scribe.px(14)), share, scribe.theme.policy
        )
    if place:
        right = pygame.Rect(bar.right, third.top, third.right - bar.right, third.height)
        scribe.write(place, right, 14, colour=scribe.theme.quiet, align="right")


def _place(info: Mapping[str, Any]) -> str:
    parts = [f"level {info['level']}"] if "level" in info else []
    parts += [str(info["split"])] if info.get("split") else []
    return ", ".join(parts)


def _draw_session(scribe: Scribe, area: pygame.Rect, status: SessionStatus) -> None:
    first, second, third = rows(area, 3)
    _pair(
        scribe, first, f"policy v{status.policy_version}", f"{status.successes} successes"
    )
    _pair(scribe, second, "takeovers", str(status.takeovers))
    _pair(scribe, third, "human-controlled", f"{status.human_controlled_s:.1f} s")


def _draw_link(
    scribe: Scribe, area: pygame.Rect, step: Step, status: SessionStatus, rate_hz: float
) -> None:
    first, second, third = rows(area, 3)
    icon = scribe.px(12)
    spot = (first.left + icon // 2, first.centery)
    words = "REC" if status.recording else "not recording"
    if status.recording:
        draw_shape(scribe.surface, "circle", spot, icon, scribe.theme.alarm)
    else:
        draw_shape(scribe.surface, "bars", spot, icon, scribe.theme.warning)
    label = first.move(icon + scribe.px(7), 0)
    label.width -= icon + scribe.px(7)
    colour = None if status.recording else scribe.theme.warning
    _pair(scribe, label, words, step.signal.device or "no device", colour)
    signal = step.signal
    wrong = signal.link is not Link.OK or signal.age_s > _SLOW_INPUT_S
    age = f"input {signal.age_s * 1000:.0f} ms"
    state = _LINK_WORDS[signal.link]
    _pair(
        scribe,
        second,
        f"! {state}" if wrong else state,
        age,
        scribe.theme.warning if wrong else None,
    )
    slow = 0 < rate_hz < _LATE_SHARE / status.control_dt_s
    loop = f"{'! slow ' if slow else ''}{rate_hz:.1f} Hz" if rate_hz else "-- Hz"
    _pair(
        scribe,
        third,
        loop,
        f"{status.late_ticks} late ticks",
        scribe.theme.warning if slow else None,
    )


def _pair(
    scribe: Scribe, row: pygame.Rect, left: str, right: str, mark: Colour | None = None
) -> None:
    """Write one text at the left and one at the right of a row."""
    gap = scribe.px(8)
    # The left text says what the row is about, so it is the last to be shortened.
    spare = row.width - gap - scribe.width(right, 15)
    split = min(scribe.width(left, 16, bold=True), max(spare, round(row.width * 0.7)))
    first = pygame.Rect(row.left, row.top, split, row.height)
    second = pygame.Rect(first.right + gap, row.top, row.width - split - gap, row.height)
    if mark is None:
        scribe.write(left, first, 16, bold=True)
    else:
        scribe.write(left, first, 16, bold=True, colour=mark)
    scribe.write(right, second, 15, colour=scribe.theme.quiet, align="right")


def draw_bar(scribe: Scribe, area: pygame.Rect, share: float, colour: Colour) -> None:
    """Draw a bar filled to a share in [0, 1]."""
    radius = area.height // 2
    pygame.draw.rect(scribe.surface, scribe.theme.background, area, border_radius=radius)
    filled = pygame.Rect(
        area.left, area.top, round(area.width * min(1.0, max(0.0, share))), area.height
    )
    if filled.width > 0:
        pygame.draw.rect(scribe.surface, colour, filled, border_radius=radius)
    pygame.draw.rect(scribe.surface, scribe.theme.line, area, 1, border_radius=radius)
