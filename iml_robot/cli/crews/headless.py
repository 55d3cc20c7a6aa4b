"""The loop without a window: a simulated operator at full speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from iml_robot.cli.console import say
from iml_robot.cli.lines import episode_line
from iml_robot.core.config import RunConfig
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.operators import OPERATORS
from iml_robot.robots.environment import control_period_s
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_adaptation,
    build_arbiter,
    build_asker,
    build_env,
    build_rewinding,
    build_session,
)
from iml_robot.session.results import EpisodeRow, RunResult
from iml_robot.session.session import Session
from iml_robot.training.trainer import Training

LONG_S = 2.0
"""Who waits for longer wants to know what for [s]."""


class HeadlessCrew:
    """Runs a session with nobody there.

    Args:
        settings: The configuration.
    """

    show_evaluation: Callable[[float, str], None] | None = None

    def __init__(self, settings: RunConfig) -> None:
        self._settings = settings
        self._env = build_env(settings)
        self._trainer: Training | None = None

    def session(self, folder: Path, store: SessionStore) -> Session:
        """Return the session, ready to start."""
        env, settings = self._env, self._settings
        part = settings.operator
        loop = Loop(
            env=env,
            operator=OPERATORS.build(part.name, env, options=part.options),
            arbiter=build_arbiter(settings, env),
            asker=build_asker(settings, env),
            adaptation=build_adaptation(settings),
            rewinding=build_rewinding(settings, env, people=False),
            recorder=SessionRecorder(store),
            view=NullView(),
            pacer=FullSpeedPacer(control_period_s(env)),
        )
        session = build_session(
            settings, loop, folder=folder, store=store, progress=_Lines()
        )
        self._trainer = session.trainer
        if getattr(loop.asker, "maps", 0):
            say("each policy drives some maps alone first, to know when to ask for help")
        return session

    @property
    def leaving(self) -> bool:
        """Whether somebody wants to go; nobody is there."""
        return False

    def farewell(self, result: RunResult) -> None:
        """Do nothing; the lines say it all."""

    def close(self) -> None:
        """End the learning and close the environment."""
        if self._trainer is not None:
            self._trainer.close()
        self._env.close()


class _Lines:
    """A line an episode, and one where learning takes its time."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._said = False

    def before_episode(self, number: int, total: int) -> bool:
        """Go on at once."""
        return True

    def training(self, fraction: float) -> None:
        """Say once that the policy learns, if that takes more than two seconds."""
        now = time.monotonic()
        if self._since_s is None:
            self._since_s, self._said = now, False
        if now - self._since_s > LONG_S and not self._said:
            say("learning; the new policy is tried before it drives ...")
            self._said = True
        if fraction >= 1:
            self._since_s = None

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Say how an episode went."""
        say(episode_line(row, number, total))
