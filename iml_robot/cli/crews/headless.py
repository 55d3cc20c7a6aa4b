"""The loop without a window: a simulated operator at full speed."""

from __future__ import annotations

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
from iml_robot.session.parts import build_arbiter, build_env, build_learner
from iml_robot.session.results import EpisodeRow, RunResult
from iml_robot.session.session import Session
from iml_robot.training.trainer import Trainer


class HeadlessCrew:
    """Runs a session with nobody there.

    Args:
        settings: The configuration.
    """

    show_evaluation: Callable[[float, str], None] | None = None

    def __init__(self, settings: RunConfig) -> None:
        self._env = build_env(settings)

    def session(self, settings: RunConfig, folder: Path, store: SessionStore) -> Session:
        """Return the session, ready to start."""
        env, seed = self._env, settings.schedule.seed
        operator = settings.operator
        loop = Loop(
            env=env,
            operator=OPERATORS.build(operator.name, env, options=operator.options),
            arbiter=build_arbiter(settings, env),
            recorder=SessionRecorder(store),
            view=NullView(),
            pacer=FullSpeedPacer(control_period_s(env)),
        )
        learner = build_learner(settings, env, seed=seed)
        return Session(
            loop=loop,
            trainer=Trainer(
                learner, lambda n: folder / "policies" / f"{n:04d}.safetensors"
            ),
            store=store,
            folder=folder,
            env_id=settings.env.id,
            options=settings.env.options,
            seed=seed,
            control_dt_s=control_period_s(env),
            progress=_Lines(),
        )

    def farewell(self, result: RunResult) -> None:
        """Do nothing; the lines say it all."""

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


class _Lines:
    """A line an episode."""

    def training(self, fraction: float) -> None:
        """Do nothing: an update takes less than two seconds."""

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Say how an episode went."""
        say(episode_line(row, number, total))
