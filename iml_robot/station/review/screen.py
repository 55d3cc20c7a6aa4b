"""Lets a person look back at an episode for some seconds, and say what it was."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from iml_robot.data.judgements import TAGS, Review
from iml_robot.station.controls import Control, Controls
from iml_robot.station.player import Screening
from iml_robot.station.review.drawing import ReviewPicture, draw_review
from iml_robot.station.review.opinion import DISCARD, DONE, REWIND, Opinion
from iml_robot.station.review.replay import Replay
from iml_robot.station.review.scrubber import Scrubber
from iml_robot.station.stage import Stage

CONTROLS = (
    Control("choose", "choose", ("RETURN",), ("a",)),
    Control("up", "up", ("UP",), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN",), ("dpdown",), repeats=True),
    Control("skip", "skip", ("ESCAPE",), ("b",)),
    Control("success", "success", ("Y",), ("y",)),
    Control("failure", "failure", ("N",), ("x",)),
    Control("unsure", "not sure", ("U",), ("leftshoulder",)),
    Control("earlier", "earlier", ("LEFT",), ("dpleft",), repeats=True),
    Control("later", "later", ("RIGHT",), ("dpright",), repeats=True),
    Control("play", "play, stop", ("P",), ("rightshoulder",)),
    Control(REWIND, "rewind to here", ("Z",), ("start",)),
    Control("far_back", "5 s back", ("J",), ("leftstick",), repeats=True),
    Control("far_on", "5 s on", ("L",), ("rightstick",), repeats=True),
    Control(DISCARD, "do not learn", ("D",)),
    *(Control(tag, words, (str(k),)) for k, (tag, words) in enumerate(TAGS.items(), 1)),
)
"""Not Space, nor BACK of a pad: they are the emergency stop, also between episodes."""

PATIENCE_S = 10.0
"""Time without a press after which the review ends by itself [s]."""
MESSAGE_S, REASON_S = 3.0, 8.0
JUMP_S = 5.0
"""How far a jump on the timeline goes [s]."""
GUARD_S = 0.4
"""Presses this soon after the screen appears were meant for the robot [s]."""

_TAG_KEYS = (f"1 to {len(TAGS)}", "reasons")


class ReviewScreen:
    """Asks what an episode was; who says nothing says what the environment says.

    Args:
        stage: The window.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._controls = Controls(CONTROLS)

    def ask(self, replay: Replay, take_up: Callable[[int], str] | None = None) -> Review:
        """Show an episode until the person goes on, or did nothing for 10 s.

        Args:
            replay: The episode.
            take_up: Puts the robot back to a step of it, and returns why it cannot, or
                ""; None: nothing has to be done for that.

        Returns:
            What holds then. What the environment said if the person skips the review or
            closes the window.
        """
        self._controls.begin()
        return _Reviewing(self._stage, self._controls, replay, take_up).run()


class _Reviewing:
    """One review on the screen."""

    def __init__(
        self,
        stage: Stage,
        controls: Controls,
        replay: Replay,
        take_up: Callable[[int], str] | None,
    ) -> None:
        self._stage, self._controls, self._replay = stage, controls, replay
        self._take_up = take_up
        self._why, self._why_until_s = "", 0.0
        self._opinion = Opinion(replay.success)
        self._scrubber = Scrubber(replay)
        self._places: dict[str, pygame.Rect] = {}
        self._bar = pygame.Rect(0, 0, 0, 0)
        self._shown: tuple[int, Screening | None] | None = None
        self._message, self._until_s = "", 0.0
        self._dragging = False
        self._begun_s = self._touched_s = 0.0

    def run(self) -> Review:
        """Show the review until it ends."""
        stage = self._stage
        stage.enter()
        self._begun_s = self._touched_s = stage.now_s
        told = Opinion(self._replay.success)
        while not stage.closed:
            self._draw()
            stage.wait()
            self._scrubber.advance(stage.now_s)
            actions = self._actions()
            if stage.closed or "skip" in actions:
                break
            review = self._take(actions)
            if review is not None:
                return review
            if stage.now_s - self._touched_s >= PATIENCE_S:
                return self._opinion.review(self._spent_s)
        return told.review(self._spent_s)

    @property
    def _spent_s(self) -> float:
        return self._stage.now_s - self._begun_s

    def _actions(self) -> tuple[str, ...]:
        """Return what was pressed, clicks included."""
        stage = self._stage
        pressed = self._controls.read(stage.events, stage.now_s)
        actions = (*pressed.actions, *self._clicks())
        if self._spent_s < GUARD_S:
            return ()
        if actions or pressed.unknown or self._dragging:
            self._touched_s = stage.now_s
        return actions

    def _take(self, actions: tuple[str, ...]) -> Review | None:
        """Do what was pressed; return the review where that ends it."""
        for action in actions:
            key = self._opinion.cursor if action == "choose" else action
            if key == DONE:
                return self._opinion.review(self._spent_s)
            if key == REWIND:
                review = self._rewind()
                if review is not None:
                    return review
            self._do(key)
        return None

    def _do(self, key: str) -> None:
        """Do what does not end the review."""
        if key in ("up", "down"):
            self._opinion.move(-1 if key == "up" else 1)
        elif key in ("earlier", "later"):
            self._scrubber.move(-1 if key == "earlier" else 1)
        elif key in ("far_back", "far_on"):
            self._scrubber.jump(-JUMP_S if key == "far_back" else JUMP_S)
        elif key == "play":
            self._scrubber.toggle()
        else:
            # The opinion knows its own lines; a rewind that was refused is none of them.
            self._opinion.press(key)

    def _rewind(self) -> Review | None:
        step = self._scrubber.step
        refusal = self._replay.refusal(step)
        if refusal:
            self._tell(refusal)
            return None
        if self._take_up is not None:
            # A long episode takes a second or two to be driven again.
            self._tell("Going back ...")
            self._draw()
            self._why = self._take_up(step)
            self._stage.enter()
            self._touched_s = self._stage.now_s
        if self._why:
            self._why_until_s = self._stage.now_s + REASON_S
            self._tell("One cannot drive on from here.")
            return None
        return self._opinion.review(self._spent_s, rewind_to_step=step)

    def _tell(self, message: str) -> None:
        self._message, self._until_s = message, self._stage.now_s + MESSAGE_S

    def _clicks(self) -> list[str]:
        """Return the lines that the mouse pressed; follow it on the timeline."""
        clicked = []
        for event in self._stage.events:
            if event.type == pygame.MOUSEBUTTONUP:
                self._dragging = False
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                wide = self._bar.inflate(0, self._bar.height)
                self._dragging = wide.collidepoint(event.pos)
                clicked += [
                    key for key, at in self._places.items() if at.collidepoint(event.pos)
                ]
            if self._dragging and hasattr(event, "pos"):
                passed = event.pos[0] - self._bar.left
                self._scrubber.point(passed / max(1, self._bar.width))
        return clicked

    def _draw(self) -> None:
        stage = self._stage
        say = self._message if stage.now_s < self._until_s else ""
        if not stage.focused:
            say = "Click into this window: it does not get your keys."
        picture = ReviewPicture(
            self._replay,
            self._opinion,
            self._scrubber.step,
            self._frame(),
            self._keys(),
            max(0.0, PATIENCE_S - (stage.now_s - self._touched_s)),
            say,
            self._why if stage.now_s < self._why_until_s else "",
        )
        self._places, self._bar = draw_review(stage.begin(), picture)
        stage.show()

    def _keys(self) -> list[tuple[str, str]]:
        """Return the keys; those of the reasons in one entry, and those of the jumps."""
        words = TAGS.values()
        lines = [line for line in self._controls.bindings() if line[1] not in words]
        back, on = (c for c in CONTROLS if c.action in ("far_back", "far_on"))
        pad = self._controls.pad_used
        far = (f"{back.label(pad=pad)}, {on.label(pad=pad)}", "5 s back, on")
        lines = [far if line[1] == back.meaning else line for line in lines]
        lines = [line for line in lines if line[1] != on.meaning]
        return lines if self._controls.pad_used else [*lines, _TAG_KEYS]

    def _frame(self) -> Screening | None:
        """Return the picture of the present step; the others are not kept in its size."""
        frames = self._replay.frames
        if not frames:
            return None
        place = self._replay.place(self._scrubber.step)
        if self._shown is None or self._shown[0] != place:
            picture = frames[place]
            self._shown = place, None if picture is None else Screening([picture])
        return self._shown[1]
