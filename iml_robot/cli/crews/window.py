"""A person at the window: keys and sticks in, the drive view out, in real time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from iml_robot.cli.console import say
from iml_robot.cli.crews.asking import AskingCrew, action_names
from iml_robot.cli.lines import counted, episode_line, percent
from iml_robot.core.config import RunConfig
from iml_robot.core.interfaces import Operator
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.human import HumanOperator
from iml_robot.robots.environment import control_period_s, extra
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_adaptation,
    build_arbiter,
    build_asker,
    build_env,
    build_rewinding,
    build_session,
)
from iml_robot.session.preferences.changes import changes_of
from iml_robot.session.preferences.preferences import Preferences
from iml_robot.session.preferences.question_break import BreakResult
from iml_robot.session.results import EpisodeRow, RunResult
from iml_robot.session.session import Session
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.status import SessionStatus
from iml_robot.station.supervision import SupervisionView
from iml_robot.station.window import DriveWindow
from iml_robot.training.trainer import Training

UNDO_KEY = ("F8", "undo the last learning")
KNOBS_KEY = ("F7", "weigh what counts, in the next break")


class WindowCrew:
    """Runs a session with a person at a window.

    Args:
        settings: The configuration.

    Attributes:
        env: The environment.
        pump: Collects the events of keys, sticks and window.
        pacer: Keeps the control rate.

    Raises:
        InfrastructureError: If no window can be opened.
    """

    def __init__(self, settings: RunConfig) -> None:
        self._settings = settings
        self.env = build_env(settings, render_mode="rgb_array")
        period_s = control_period_s(self.env)
        self.pump = EventPump()
        limit = getattr(self.env.spec, "max_episode_steps", None)
        self._status = SessionStatus(
            episodes=settings.schedule.episodes, step_limit=limit, control_dt_s=period_s
        )
        self._window = DriveWindow(self.env, self.pump, status=self._status)
        # What follows takes seconds, and a black window looks like a crash.
        self._window.show_message("Getting ready", ("Loading the policy.",))
        self._operator = HumanOperator(
            self.env, pump=self.pump, **settings.operator.options
        )
        self._operator.open()
        self._asking = self._asking_crew()
        self._show_bindings()
        self.pacer = RealTimePacer(period_s)
        self._absent = True
        self._trainer: Training | None = None

    def session(
        self, folder: Path, store: SessionStore, operator: Operator | None = None
    ) -> Session:
        """Return the session, ready to start.

        Args:
            folder: Root of the session's files.
            store: Keeps the data.
            operator: Who supervises; None: the person at the window.
        """
        recorder, asking = SessionRecorder(store), self._asking
        self._absent = operator is None
        loop = Loop(
            env=self.env,
            operator=operator or self._operator,
            arbiter=build_arbiter(self._settings, self.env),
            asker=build_asker(self._settings, self.env),
            adaptation=build_adaptation(self._settings),
            rewinding=build_rewinding(self._settings, self.env, people=operator is None),
            recorder=recorder,
            view=SupervisionView(
                self._window, self.pacer, lambda: recorder.healthy, notice=self._notice
            ),
            pacer=self.pacer,
        )
        session = build_session(
            self._settings,
            loop,
            folder=folder,
            store=store,
            progress=self,
            people=True,
            annotator_for=asking.annotator_for if asking is not None else None,
        )
        self._trainer = session.trainer
        if isinstance(session.preferences, Preferences) and self._asking is not None:
            session.preferences.finished = partial(self._after_questions, session)
        session.redo_interrupted = False
        session.undo_requested = self._asked_to_undo
        session.stop_requested = lambda: self._window.quit_requested
        return session

    @property
    def leaving(self) -> bool:
        """Whether somebody closed the window."""
        return self._window.quit_requested

    def show_evaluation(self, fraction: float, text: str) -> None:
        """Show how far an evaluation is."""
        self._window.show_evaluation(fraction, text)

    def before_episode(self, number: int, total: int) -> bool:
        """Wait for a person where nobody was there; False ends the session."""
        self._status.episode = number
        self._window.look()
        self._operator.look()
        self._show_bindings()
        if not self._absent:
            return not self._window.quit_requested
        self._absent = False
        lines = (
            "The policy drives until you take over.",
            "Steer with W A S D or the arrow keys, or with a gamepad: you drive at once.",
            "Let go for half a second, or press Enter, and the policy drives on.",
            "What you did becomes training data; the policy learns after each episode.",
            "Space stops everything. F1 shows all keys.",
        )
        self._window.show_message(
            f"Episode {number} of {total}: ready?", lines, timeout_s=None
        )
        return not self._window.quit_requested

    def training(self, fraction: float) -> None:
        """Show how far the update is."""
        self._window.show_training(fraction)

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Say how an episode went, in the terminal too."""
        say(episode_line(row, number, total))
        self._status.successes += row.outcome == "success"
        self._absent = row.outcome == "operator_lost"

    def farewell(self, result: RunResult) -> None:
        """Show what was gained until the person has seen it."""
        if self._window.quit_requested:
            return
        rows: list[str | tuple[str, ...]] = []
        if result.evaluations:
            rows.append(("success alone", "before", "after"))
        for evaluation in result.evaluations:
            before, after = (
                "not measured" if count is None else percent(count)
                for count in (evaluation.before, evaluation.after)
            )
            rows.append((evaluation.name, before, after))
        rows.append(
            f"You drove {result.human_controlled_s:.0f} s in "
            f"{counted(result.takeovers, 'takeover')}."
        )
        rows.extend(result.notes)
        self._window.show_message("What was gained", rows, timeout_s=60.0)

    def close(self) -> None:
        """End the learning, let go of the devices, close window and environment."""
        if self._trainer is not None:
            self._trainer.close()
        if self._asking is not None:
            self._asking.close()
        self._operator.close()
        self._window.close()
        self.env.close()

    def _asking_crew(self) -> AskingCrew | None:
        """Return who is asked in the breaks; None: nobody at the window is."""
        wanted = self._settings.preferences
        asked = wanted.questions or wanted.moments
        if not asked or wanted.annotator.name not in ("auto", "human"):
            return None
        features = extra(self.env, "reward_features", {})
        steering = (self._operator, action_names(self.env))
        return AskingCrew(self._window.stage, self._settings.env.id, features, steering)

    def _after_questions(self, session: Session, result: BreakResult) -> None:
        """Let the person turn the weights if they want to, and show what changed."""
        preferences, asking = session.preferences, self._asking
        if asking is None or not isinstance(preferences, Preferences):
            return
        if self._window.quit_requested:
            return
        if self._window.knobs_requested:
            self._window.knobs_requested = False
            asking.turn_knobs(preferences.learning)
            result.after = preferences.learning.model
        if not (result.asked or result.after is not result.before):
            return
        before = preferences.driving or session.trainer.policy
        now = preferences.driver(session.trainer.policy, session.trainer.path)
        lines = changes_of(result.before, preferences.learning, result)
        asking.show_change(result, lines, before, now)

    def _show_bindings(self) -> None:
        asked = () if self._asking is None else (KNOBS_KEY,)
        self._window.bindings = (*self._operator.bindings(), UNDO_KEY, *asked)

    def _notice(self) -> str:
        trainer = self._trainer
        if trainer is None or not self._window.undo_requested:
            return trainer.notice if trainer is not None else ""
        if len(trainer.versions.good) == 1:
            return "Nothing to undo: the first policy drives."
        return "Undo: from the next episode the policy before this one drives."

    def _asked_to_undo(self) -> bool:
        asked, self._window.undo_requested = self._window.undo_requested, False
        return asked
