"""The drive view: the world, who drives, what is wanted and applied, and the keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pygame

from iml_robot.core.types import Mode, Step
from iml_robot.robots.environment import extra
from iml_robot.station.banner import draw_banner
from iml_robot.station.command import Axes
from iml_robot.station.display import open_display
from iml_robot.station.hints import (
    FeedbackEcho,
    caption_rect,
    draw_caption,
    draw_pill,
    hint_for,
    pill_rect,
)
from iml_robot.station.instruments.confidence import confidence_of
from iml_robot.station.instruments.dials import draw_dials
from iml_robot.station.instruments.gauges import gauges_of
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.layout import Layout
from iml_robot.station.legend import Bindings, draw_help, draw_keys
from iml_robot.station.panel import Figures, draw_panel, panel_pages
from iml_robot.station.panes import ARRANGEMENTS, Panes
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.rate import RateMeter
from iml_robot.station.screens import Lines, Page, draw_page
from iml_robot.station.sounds.player import Sounds
from iml_robot.station.stage import Pump, Stage
from iml_robot.station.status import SessionStatus
from iml_robot.station.summary.learning import LearningPage, draw_learning
from iml_robot.station.text import Placed, Scribe
from iml_robot.station.window_controls import WindowControls
from iml_robot.station.window_keys import FIGURES, HELP, UNDO, VIEW, WEIGHTS

_REDRAW_S = 1 / 30
TITLE = "iml robot"
"""Text of the title bar."""
_MEANINGS = {
    HELP: "show or hide this page",
    WEIGHTS: "weigh what counts, in the next break",
}


class DriveWindow:
    """Shows every control step to the operator; a `View`.

    While driving, the loop pumps the events and the window only looks at them. Between
    episodes (`show_learning`, `show_evaluation`, `show_message`) the window pumps them
    itself, so that it stays alive and can be closed.

    Args:
        env: Environment with `render_mode="rgb_array"`; the extras `project`,
            `preview_path`, `render_size`, `view`, `instruments` and `action_names` are
            used where they exist.
        pump: Owner of the event queue.
        status: Figures of the session; the session changes them as it goes on.
        bindings: Key or button and its meaning, the most important first.
        size: Width and height of the window at first [pixels].
        first_run: Whether to say how to take over until it happened once.
        kept: What the person likes; None: the defaults.
        sketch: What the person draws on the map; None: nothing.

    Attributes:
        stage: The same window for the screens between episodes that ask something.
        sounds: What is heard; whoever knows that something happened plays it.
        arrangement: Which view of the world is large: "map", "first_person" or "both".
        menu: The pause menu, drawn while it is open; None: there is none.
        controls: What the window does by a press.
        offered: Which of `UNDO` and `WEIGHTS` the session has.

    Raises:
        InfrastructureError: If no window can be opened.
    """

    def __init__(
        self,
        env: Any,
        pump: Pump,
        *,
        status: SessionStatus | None = None,
        bindings: Bindings = (),
        size: tuple[int, int] = (1280, 720),
        first_run: bool = True,
        kept: KeptSettings | None = None,
        sketch: Sketch | None = None,
    ) -> None:
        self._kept = kept or KeptSettings()
        self.status = status or SessionStatus()
        self.bindings: Bindings = tuple(bindings)
        self.help_shown = False
        self._closed = False
        self.undo_requested = self.knobs_requested = False
        self._pump = pump
        self._first_run = first_run
        self.sounds = Sounds(self._kept)
        self.arrangement: str = self._kept.now.display.view
        self.menu: PauseMenu | None = None
        self.controls = WindowControls()
        self.offered: Collection[str] = ()
        self._panes = Panes(env, sketch=sketch)
        self._instruments: Callable[[], Mapping[str, Any]] = extra(env, "instruments", dict)
        self._dials, self._page, self._pages = True, 0, 1
        self._axes = _axes_of(env)
        self._rate = RateMeter()
        self._echo = FeedbackEcho()
        self._last_page_s = -1.0
        self._surface = open_display(size, TITLE)
        self.stage = Stage(pump, kept=self._kept)
        self._scribe = Scribe(self._surface, 1.0)

    @property
    def quit_requested(self) -> bool:
        """Whether somebody closed the window, while driving or on a screen of the stage."""
        return self._closed or self.stage.closed

    @property
    def texts(self) -> list[Placed]:
        """Every text of the last picture and where it is."""
        return list(self._scribe.placed)

    @property
    def surface(self) -> pygame.Surface:
        """What is on the screen."""
        return self._surface

    def look(self) -> None:
        """Collect what happened between episodes, without a picture."""
        self._pump.pump()
        self._look_at_events()

    def prepare(self) -> None:
        """Draw the world once without a step, to make the pictures of a new map."""
        layout = self._begin()
        self._panes.prepare(layout.view, self.arrangement, self._scribe.px(6))

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Draw the state after a control step; the events must have been pumped."""
        self._look_at_events()
        gauges = gauges_of({**self._instruments(), **info}, self.status)
        self._dials = bool(gauges)
        layout = self._begin()
        scribe = self._scribe
        self._pages = len(panel_pages(scribe, layout.panel))
        self._surface.fill(scribe.theme.background)
        calm = self._kept.now.display.calm
        draw_banner(scribe, layout, step.decision, self.status, calm=calm)
        figures = Figures(
            step,
            self.status,
            self._axes,
            _place(info),
            confidence_of(step.ask, self.status),
            self.status.loop_rate_hz or self._rate.tick(),
            {action: self.controls.label(action) for action in (FIGURES, UNDO)},
        )
        if self.help_shown:
            draw_help(scribe, layout.page, self._keys())
        else:
            menu = self.menu if self.menu is not None and self.menu.is_open else None
            self._draw_world(layout, figures, hints=menu is None)
            draw_dials(scribe, layout.dials, gauges)
            draw_panel(scribe, layout.panel, figures, page=self._page)
            if menu is None:
                self._draw_keys(layout.keys, step.decision.mode)
            else:
                menu.draw(scribe, layout.plate)
        pygame.display.flip()

    def _draw_world(self, layout: Layout, figures: Figures, *, hints: bool) -> None:
        """Draw the pictures of the world and the lines over them."""
        scribe, view = self._scribe, layout.view
        hint, caption = self._hint(figures.step), self.sounds.caption
        hint, caption = (hint, caption) if hints else ("", "")
        self._panes.draw(
            scribe,
            view,
            figures.step,
            arrangement=self.arrangement,
            confidence=figures.confidence,
            hidden=(pill_rect(scribe, view, hint), caption_rect(scribe, view, caption)),
        )
        draw_pill(scribe, view, hint)
        draw_caption(scribe, view, caption)

    def show_learning(self, page: LearningPage) -> None:
        """Show how far the training is and what it came to; cheap to call often."""
        if self._due(page.fraction or 0.0):
            self._draw_screen(lambda s: draw_learning(s, s.surface.get_rect(), page))

    def show_evaluation(self, fraction: float, text: str = "") -> None:
        """Show how far the check of a policy is; cheap to call often."""
        page = Page("Checking the policy", (text,) if text else (), fraction=fraction)
        if self._due(fraction):
            self._draw_screen(lambda scribe: draw_page(scribe, page))

    def show_message(
        self,
        title: str,
        lines: Lines,
        *,
        keys: Bindings = (),
        timeout_s: float | None = 0.0,
    ) -> bool:
        """Show a page of text.

        Args:
            title: Heading.
            lines: Sentences, or tuples of cells for the rows of a table.
            keys: What to press for what, below the lines.
            timeout_s: How long to wait for a key, a button or a click [s]; 0 to return
                at once, None to wait for ever.

        Returns:
            True if the operator answered; False after the time or at a closed window.
        """
        footer = "" if timeout_s == 0.0 else "press any key or button to go on"
        page = Page(title, lines, footer=footer, keys=keys)
        end_s = float("inf") if timeout_s is None else time.perf_counter() + timeout_s
        while True:
            self._draw_screen(lambda scribe: draw_page(scribe, page))
            if timeout_s != 0.0 and self._answered():
                return True
            if self.quit_requested or time.perf_counter() >= end_s:
                return False
            time.sleep(_REDRAW_S)

    def close(self) -> None:
        """Close the window; harmless when it is closed already."""
        self.sounds.close()
        pygame.display.quit()

    def _due(self, fraction: float) -> bool:
        """Return whether progress is drawn now.

        Learners report thousands of times; drawing each would slow the training down.
        """
        now = time.perf_counter()
        due = now - self._last_page_s >= _REDRAW_S or fraction >= 1.0
        self._last_page_s = now if due else self._last_page_s
        return due

    def _draw_screen(self, draw: Callable[[Scribe], None]) -> None:
        """Draw a screen between episodes, and take in the events."""
        self._pump.pump()
        self._look_at_events()
        self._begin()
        draw(self._scribe)
        pygame.display.flip()
        self._rate.restart()

    def _begin(self) -> Layout:
        """Return the layout for the present size of the window, nothing written yet."""
        self._surface = pygame.display.get_surface() or self._surface
        size = self._surface.get_size()
        layout = Layout.of(size, self._kept.scale, dials=self._dials)
        self._scribe = Scribe(self._surface, layout.unit, self._kept.theme)
        return layout

    def _look_at_events(self) -> None:
        self._closed = self._closed or self._pump.quit_requested
        for action in self.controls.read(self._pump.events):
            if action == HELP:
                self.help_shown = not self.help_shown
            elif action == UNDO and UNDO in self.offered:
                # Pressed again, it is as if nothing had been pressed.
                self.undo_requested = not self.undo_requested
            elif action == WEIGHTS and WEIGHTS in self.offered:
                self.knobs_requested = not self.knobs_requested
            elif action == FIGURES:
                self._page += 1
            elif action == VIEW and self._panes.several:
                following = ARRANGEMENTS.index(self.arrangement) + 1
                self.arrangement = ARRANGEMENTS[following % len(ARRANGEMENTS)]

    def _keys(self) -> Bindings:
        """Return the keys of the devices and those of the window itself."""
        there = {HELP: True, VIEW: self._panes.several, FIGURES: self._pages > 1}
        offered = {*self.offered, *(action for action in there if there[action])}
        return (*self.bindings, *self.controls.lines(offered, _MEANINGS))

    def _draw_keys(self, area: pygame.Rect, mode: Mode) -> None:
        """Draw the strip, the way to all keys first."""
        others = [line for line in self._keys() if line[1] != _MEANINGS[HELP]]
        first = self.controls.help_line
        draw_keys(self._scribe, area, [first, *others] if first[0] else others, mode=mode)

    def _answered(self) -> bool:
        kinds = (
            pygame.KEYDOWN,
            pygame.JOYBUTTONDOWN,
            pygame.CONTROLLERBUTTONDOWN,
            pygame.MOUSEBUTTONDOWN,
        )
        return any(event.type in kinds for event in self._pump.events)

    def _hint(self, step: Step) -> str:
        if step.decision.mode is Mode.HUMAN or self.status.takeovers:
            self._first_run = False
        echo = self._echo.line(step.signal.evaluation)
        return hint_for(
            step.decision.mode,
            notice=self.status.notice or echo,
            focused=self._pump.focused,
            first_run=self._first_run,
        )


def _place(info: Mapping[str, Any]) -> str:
    """Return which map this is, "" if nobody says."""
    parts = [f"level {info['level']}"] if "level" in info else []
    parts += [str(info["split"])] if info.get("split") else []
    return ", ".join(parts)


def _axes_of(env: Any) -> Axes:
    """Return what the parts of an action are called, guessed where nobody says."""
    names = extra(env, "action_names")
    if names is not None:
        return Axes(tuple(names))
    count = int(env.action_space.shape[0])
    spec = getattr(env, "spec", None)
    if count == 2 and spec is not None and "Rover" in spec.id:
        return Axes(("speed", "turn"))
    return Axes(tuple(f"action {k + 1}" for k in range(count)))
