"""Lets a person choose what to run."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from iml_robot.station.launcher.card import draw_card
from iml_robot.station.launcher.draft import Draft
from iml_robot.station.launcher.launch import Launch
from iml_robot.station.launcher.preview import Previews
from iml_robot.station.menus.menu import Item
from iml_robot.station.menus.screen import MenuScreen
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe


class LauncherScreen:
    """Shows what can be run, with a picture and the command that does the same.

    Args:
        stage: The window.
        draft: What is chosen at first; takes in what the person chooses.
        pads: The pads that are there.
        previews: Pictures of the tasks.
        settings: Opens the settings.
    """

    def __init__(
        self,
        stage: Stage,
        draft: Draft,
        pads: LivePads,
        *,
        previews: Previews,
        settings: Callable[[], None],
    ) -> None:
        self._stage, self._draft, self._pads = stage, draft, pads
        self._previews, self._settings = previews, settings

    def choose(self, *, say: str = "") -> Launch | None:
        """Return what is to be run; None: the person quits or closed the window.

        Args:
            say: What is said for some seconds at first.
        """
        menu = MenuScreen(
            self._stage,
            "iml robot",
            self._items,
            beside=self._card,
            watch=self._watch,
            back=False,
        )
        menu.say(say or self._greeting())
        while True:
            choice = menu.wait()
            if choice.action == "closed" or choice.key == "quit":
                return None
            if choice.key == "start":
                return self._draft.launch()
            if choice.key == "settings":
                self._settings()
            else:
                self._draft.step(choice.key, -1 if choice.action == "less" else 1)

    def _greeting(self) -> str:
        count = self._draft.unfinished
        if not count:
            return ""
        many = "1 session is" if count == 1 else f"{count} sessions are"
        return f"{many} not finished: choose it in the line 'Session'."

    def _watch(self) -> None:
        self._pads.look(self._stage.events)

    def _items(self) -> list[Item]:
        trouble = self._draft.trouble()
        return [
            Item("start", "Start", note="Runs what is chosen below.", refused=trouble),
            *self._draft.items(),
            Item("settings", "Settings", note="Looks, sounds, keys, sticks, breaks."),
            Item("quit", "Quit"),
        ]

    def _card(self, scribe: Scribe, area: pygame.Rect) -> None:
        draft, offer = self._draft, self._draft.offer
        session = draft.session
        about = offer.trouble or offer.title
        if session is not None:
            about = f"{session.path.name}: {session.done} of {session.total} episodes."
        picture = None if session is not None else self._previews.picture(offer)
        drawing = session is None and self._previews.drawing
        draw_card(
            scribe,
            area,
            picture=picture,
            without="drawing a map …" if drawing else "no picture",
            about=about,
            command="" if draft.trouble() else draft.launch().command,
        )
