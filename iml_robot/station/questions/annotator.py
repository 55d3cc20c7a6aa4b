"""Asks a person at the window which of two segments is better."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from iml_robot.core.feedback import Question, Reply, Segment, Wish
from iml_robot.station.controls import Changes, Control, Controls, rebound
from iml_robot.station.player import Frames, Player, Screening
from iml_robot.station.questions.answering import (
    ANSWERS,
    TAKEN_BACK,
    Answering,
    Given,
)
from iml_robot.station.questions.differences import differences
from iml_robot.station.questions.screen import QuestionPicture, draw_question
from iml_robot.station.screens import Page, draw_page
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_key_page

logger = logging.getLogger(__name__)

CONTROLS = (
    Control("left", "left is better", ("LEFT",), ("dpleft",)),
    Control("right", "right is better", ("RIGHT",), ("dpright",)),
    Control("equal", "about equal", ("DOWN",), ("dpdown",)),
    Control("cant_tell", "can't tell", ("?", "H", "/"), ("y",)),
    Control("skip", "skip", ("S",), ("x",)),
    Control("undo", "undo", ("U", "BACKSPACE"), ("leftshoulder",)),
    Control("replay", "replay", ("R",), ("a",)),
    Control("figures", "figures on, off", ("F",), ("rightshoulder",)),
    Control("help", "help", ("F1",), ("start",)),
    Control("leave", "no more questions", ("ESCAPE",), ("b",)),
)
"""Not BACK of a pad, nor Space: they are the emergency stop, also between episodes."""

MESSAGE_S = 2.5
"""How long a message stays [s]."""
UNSHOWN_S = 6.0
"""How long the page stays that says why a question cannot be shown [s]."""
_GUARD_S = 0.3

_TWICE = ("twice", "much better")
_NOTE = "Who cannot tell should say so: nothing is concluded from it."


class WindowAnnotator:
    """A person who answers questions in the window.

    An answer counts when both segments were shown to the end once, and a moment after it
    was pressed: until then a second press says "much better", another answer cancels it
    and "undo" takes it back. There is no answer that counts by itself.

    Args:
        stage: The window.
        films: Turns a segment into pictures; None where it cannot be shown, with an
            attribute `reason` if it has one.
        frame_period_s: Time between two pictures of a film [s].
        reward_features: What the features mean, as the environment tells; empty: the
            figures under the films are left out.
        name: Who answers.
        keys: Other keys by action, for example {"skip": "N"}.
        buttons: Other pad buttons by action.
        figures: Whether the figures are shown at first; a person can switch them off,
            because they can steer the answer.

    Attributes:
        progress: Where in the series of questions this is, for display; may be set.
        reason: Why the last question could not be shown; "" if it could.

    Raises:
        UsageError: If the keys or buttons contradict each other.
    """

    def __init__(
        self,
        stage: Stage,
        films: Callable[[Segment], Frames | None],
        *,
        frame_period_s: float = 0.1,
        reward_features: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "operator",
        keys: Changes | None = None,
        buttons: Changes | None = None,
        figures: bool = True,
    ) -> None:
        self.progress = ""
        self.reason = ""
        self._stage = stage
        self._films = films
        self._frame_period_s = frame_period_s
        self._about = dict(reward_features or {})
        self._name = name
        self._controls = Controls(rebound(CONTROLS, keys, buttons))
        self._figures = figures

    def answer(self, question: Question) -> Reply | Wish | None:
        """Ask a question until it is answered.

        Returns:
            The reply; a wish if the person wants something else, `Wish.LEAVE` also if
            the window was closed; None if the question could not be shown, so that
            nobody has answered it: `reason` says why.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        self.reason = ""
        if stage.closed:
            return Wish.LEAVE
        loading = QuestionPicture(
            None, Player((1, 1), 1.0), self._bindings(), progress=self.progress
        )
        draw_question(stage.begin(), loading)
        stage.show()
        films = self._load(question)
        stage.enter()
        if films is None:
            return self._say_unshown()
        return _Asking(
            stage,
            self._controls,
            replace(loading, films=films, player=self._player(films)),
            self,
            question,
        ).run()

    def reply(self, question: Question, given: Given, replays: int) -> Reply:
        """Return an answer as a reply to a question."""
        return Reply(
            question, given.answer, given.much, self._name, given.waited_s, replays
        )

    def picture(self, picture: QuestionPicture, question: Question) -> QuestionPicture:
        """Return a picture with the keys, and with figures where they are wanted."""
        found = differences(question, self._about) if self._figures else []
        return replace(picture, differences=found, keys=self._bindings())

    def toggle_figures(self) -> str:
        """Switch the figures on or off; return a line that says so."""
        self._figures = not self._figures
        if self._figures and not self._about:
            return "This environment says nothing about its features."
        return "Figures are shown." if self._figures else "Figures are hidden."

    def _bindings(self) -> list[tuple[str, str]]:
        lines = self._controls.bindings()
        return [*lines[:2], _TWICE, *lines[2:]]

    def _player(self, films: tuple[Screening, Screening]) -> Player:
        return Player([len(film) for film in films], self._frame_period_s)

    def _load(self, question: Question) -> tuple[Screening, Screening] | None:
        made = []
        for word, segment in (("left", question.left), ("right", question.right)):
            frames = self._films(segment)
            if not frames:
                reason = getattr(self._films, "reason", "") or "there are no pictures of it"
                self.reason = f"the {word} segment cannot be shown: {reason}"
                logger.warning("question %d: %s", question.question_id, self.reason)
                return None
            made.append(Screening(frames))
        return made[0], made[1]

    def _say_unshown(self) -> Wish | None:
        """Say why there is no question, until a press or for a while."""
        stage = self._stage
        begun_s = stage.now_s
        while stage.now_s - begun_s < UNSHOWN_S:
            stage.wait()
            pressed = self._controls.read(stage.events, stage.now_s)
            if stage.closed or "leave" in pressed.actions:
                return Wish.LEAVE
            late = stage.now_s - begun_s > _GUARD_S
            if late and (pressed.actions or pressed.unknown):
                break
            scribe = stage.begin()
            lines = scribe.wrapped(self.reason, round(stage.surface.get_width() * 0.6), 19)
            footer = "nothing counts as answered; any key goes on"
            draw_page(scribe, Page("This question is left out", lines[:8], footer=footer))
            stage.show()
        return None


class _Asking:
    """One question on the screen, from the first picture to the answer."""

    def __init__(
        self,
        stage: Stage,
        controls: Controls,
        picture: QuestionPicture,
        annotator: WindowAnnotator,
        question: Question,
    ) -> None:
        self._stage = stage
        self._controls = controls
        self._picture = picture
        self._annotator = annotator
        self._question = question
        self._answering = Answering()
        self._help = False
        self._message, self._until_s = "", 0.0

    def run(self) -> Reply | Wish:
        """Ask until there is an answer or a wish."""
        stage, player = self._stage, self._picture.player
        while True:
            self._draw()
            stage.wait()
            if stage.closed:
                return Wish.LEAVE
            pressed = self._controls.read(stage.events, stage.now_s)
            if self._help:
                self._help = not (pressed.actions or pressed.unknown)
                continue
            player.advance(stage.now_s)
            wish = self._take(pressed.actions)
            if wish is not None:
                return wish
            if pressed.unknown:
                self._say(f"'{pressed.unknown[0]}' does nothing here. F1 shows the keys.")
            given = self._answering.settled(stage.now_s)
            if given is not None:
                return self._annotator.reply(self._question, given, player.replays)

    def _take(self, actions: tuple[str, ...]) -> Wish | None:
        player = self._picture.player
        if "leave" in actions:
            return Wish.LEAVE
        if "undo" in actions:
            # It takes back what was pressed before it, also within the same batch.
            last = len(actions) - actions[::-1].index("undo")
            pressed = not ANSWERS.keys().isdisjoint(actions[:last])
            if not self._answering.take_back() and not pressed:
                return Wish.UNDO
            self._say(TAKEN_BACK)
            actions = actions[last:]
        if "replay" in actions:
            player.replay()
        if "figures" in actions:
            self._say(self._annotator.toggle_figures())
        if "help" in actions:
            self._help = True
            player.pause()
        self._say(
            self._answering.press(
                actions, self._stage.now_s, shown=player.shown, waited_s=player.waited_s
            )
        )
        return None

    def _say(self, line: str) -> None:
        if line:
            self._message, self._until_s = line, self._stage.now_s + MESSAGE_S

    def _page(self) -> list[tuple[str, str]]:
        lines = self._controls.page()
        return [*lines[:2], _TWICE, *lines[2:]]

    def _draw(self) -> None:
        stage = self._stage
        scribe = stage.begin()
        shown = self._annotator.picture(self._picture, self._question)
        if self._help:
            draw_key_page(scribe, "Which drive is better?", self._page(), _NOTE)
        else:
            message = self._message if stage.now_s < self._until_s else ""
            if not stage.focused:
                message = "Click into this window: it does not get your keys."
            given = self._answering.pending
            draw_question(scribe, replace(shown, given=given, message=message))
        stage.show()
