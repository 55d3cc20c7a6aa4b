"""Asks for the right action at one moment, with the controls that also drive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pygame

from iml_robot.core.feedback import Wish
from iml_robot.core.interfaces import Operator
from iml_robot.core.types import FloatArray, Link, OperatorSignal
from iml_robot.station.command import Axes
from iml_robot.station.controls import Control, Controls
from iml_robot.station.hints import draw_pill
from iml_robot.station.layout import rows
from iml_robot.station.legend import Bindings
from iml_robot.station.panel import draw_bar
from iml_robot.station.player import Frames, Player, Screening
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

CONTROLS = (
    Control("take", "take what you hold", ("RETURN",), ("a",)),
    Control("nothing", "nothing to say", ("BACKSPACE",), ("x",)),
    Control("leave", "no more moments", ("ESCAPE",), ("b",)),
)
"""No letters: they drive."""

AGAIN_S = 2.0
"""Within this time a second press confirms that standing still is meant [s]."""
MESSAGE_S = 2.5
_MOST_BARS = 8

_STILL = "Your hands are off: press again to say that nothing should be done."
_GONE = "No device steers: plug the gamepad in again, or use the keyboard."


class MomentAsker:
    """Shows moments of episodes and takes what a person would do there.

    Args:
        stage: The window.
        operator: The person's devices, who collects the events when asked, as
            `HumanOperator` does; its actions are taken as they are.
        names: What the parts of an action are called.
        frame_period_s: Time between two pictures [s].
    """

    def __init__(
        self,
        stage: Stage,
        operator: Operator,
        names: Sequence[str],
        *,
        frame_period_s: float = 0.1,
    ) -> None:
        self._stage = stage
        self._operator = operator
        self._names = tuple(names)
        self._frame_period_s = frame_period_s
        self._controls = Controls(CONTROLS)
        self._signal = OperatorSignal()
        self._message, self._until_s = "", 0.0

    def ask(
        self, frames: Frames, *, question: str = "What should the robot do now?"
    ) -> FloatArray | Wish | None:
        """Ask for the action after the last of some pictures.

        Args:
            frames: What led to the moment, again and again; one picture stands still.
            question: What is asked.

        Returns:
            The action in [-1, 1], shape (act_dim,); None if the person has nothing to
            say; `Wish.LEAVE` if no more should be asked, or the window was closed.
        """
        stage = self._stage
        film = Screening(frames)
        player = Player([len(film)], self._frame_period_s)
        stage.enter()
        self._controls.begin()
        self._operator.reset(seed=0)
        self._message, still_s = "", -AGAIN_S
        while not stage.closed:
            self._draw(question, film, player)
            stage.wait(self._look)
            player.advance(stage.now_s)
            pressed = self._controls.read(stage.events, stage.now_s)
            if stage.closed or "leave" in pressed.actions:
                break
            if "nothing" in pressed.actions:
                return None
            if "take" in pressed.actions:
                action = self._action()
                engaged = self._signal.engaged or stage.now_s - still_s < AGAIN_S
                if action is not None and engaged:
                    return action
                self._say(_GONE if action is None else _STILL)
                still_s = stage.now_s
            elif pressed.unknown and not self._meant(self._signal):
                self._say(f"'{pressed.unknown[0]}' does nothing here.")
        return Wish.LEAVE

    def _look(self) -> None:
        nothing = np.zeros(0, np.float32)
        self._signal = self._operator.advise(nothing, nothing, {})

    def _action(self) -> FloatArray | None:
        action = self._signal.action
        if action is None or self._signal.link is not Link.OK:
            return None
        if action.shape != (len(self._names),) or not np.isfinite(action).all():
            return None
        return np.clip(action, -1, 1).astype(np.float32)

    @staticmethod
    def _meant(signal: OperatorSignal) -> bool:
        """Return whether a press was one of those that drive."""
        return signal.engaged or bool(signal.requests) or signal.evaluation is not None

    def _say(self, line: str) -> None:
        self._message, self._until_s = line, self._stage.now_s + MESSAGE_S

    def _draw(self, question: str, film: Screening, player: Player) -> None:
        stage = self._stage
        scribe = stage.begin()
        message = self._message if stage.now_s < self._until_s else ""
        if self._signal.link is Link.DEVICE_REMOVED:
            message = _GONE
        if not stage.focused:
            message = "Click into this window: it does not get your keys."
        keys: Bindings = [*_driving(self._operator), *self._controls.bindings()]
        screen = scribe.surface.get_rect()
        inner = screen.inflate(-scribe.px(28), -scribe.px(20))
        tall = strip_height(scribe, inner.width, keys)
        strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
        draw_strip(scribe, strip, keys)
        head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(42))
        scribe.write(question, head, 25, bold=True)
        panel = pygame.Rect(0, head.bottom, scribe.px(330), 0)
        panel.right, panel.height = inner.right, strip.top - head.bottom - scribe.px(8)
        view = pygame.Rect(inner.left, panel.top, 0, panel.height)
        view.width = panel.left - view.left - scribe.px(10)
        bar = pygame.Rect(view.left, view.bottom - scribe.px(8), view.width, scribe.px(8))
        view.height -= scribe.px(14)
        pygame.draw.rect(scribe.surface, scribe.theme.card, view)
        film.draw(scribe, view, player.places()[0])
        draw_bar(scribe, bar, player.share, scribe.theme.operator)
        label = CONTROLS[0].label(pad=self._controls.pad_used)
        state = f"held: {label} takes it" if self._signal.engaged else "hands off"
        draw_action(scribe, panel, self._names, self._signal.action, state=state)
        if message:
            draw_pill(scribe, view.move(0, scribe.px(42)), message)
        stage.show()


def draw_action(
    scribe: Scribe,
    area: pygame.Rect,
    names: Sequence[str],
    action: FloatArray | None,
    *,
    state: str,
) -> None:
    """Draw what the hands say now: a bar for each part of the action.

    Args:
        scribe: Draws and writes.
        area: Box of the drawing.
        names: What the parts are called.
        action: The action, shape (act_dim,); None: no device steers.
        state: What the hands do, in words.
    """
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(28), -scribe.px(20))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(30))
    scribe.write("YOUR HANDS", head, 14, colour=scribe.theme.quiet, bold=True)
    line = pygame.Rect(inner.left, head.bottom, inner.width, scribe.px(34))
    scribe.write(state, line, 18, bold=True)
    shown = names[:_MOST_BARS]
    room = pygame.Rect(inner.left, line.bottom, inner.width, inner.bottom - line.bottom)
    room.height = min(room.height, scribe.px(84) * len(shown))
    axes = Axes(tuple(names))
    for place, row in enumerate(rows(room, len(shown))):
        value = 0.0 if action is None or place >= len(action) else float(action[place])
        upper, lower = rows(row.inflate(0, -scribe.px(16)), 2)
        scribe.write(shown[place], upper, 16)
        words = f"{value:+.2f}"
        # A positive turn is counter-clockwise, so to the left.
        turned = axes.is_drive and place == 1
        if turned:
            side = "left" if value > 0 else "right"
            words = "straight" if abs(value) < 0.005 else f"{side} {abs(value):.2f}"
        scribe.write(words, upper, 16, bold=True, align="right")
        _draw_value(scribe, lower, -value if turned else value)


def _draw_value(scribe: Scribe, area: pygame.Rect, value: float) -> None:
    track = area.inflate(0, -max(0, area.height - scribe.px(14)))
    end = track.centerx + round(max(-1.0, min(1.0, value)) * track.width / 2)
    filled = pygame.Rect(min(end, track.centerx), track.top, 0, track.height)
    filled.width = abs(end - track.centerx)
    pygame.draw.rect(scribe.surface, scribe.theme.operator, filled)
    pygame.draw.rect(scribe.surface, scribe.theme.line, track, 1)
    tick = track.inflate(0, scribe.px(8))
    pygame.draw.line(scribe.surface, scribe.theme.quiet, tick.midtop, tick.midbottom)


def _driving(operator: Operator) -> Bindings:
    """Return the controls that drive, of an operator who tells them."""
    tell = getattr(operator, "bindings", None)
    lines = tell() if tell is not None else []
    driving = [(label, meaning) for label, meaning in lines if "(takes over)" in meaning]
    return [
        (label.split(" or ")[0], meaning.removesuffix(" (takes over)"))
        for label, meaning in driving
    ]
