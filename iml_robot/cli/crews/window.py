"""A person at the window: keys and sticks in, the drive view out, in real time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from iml_robot.asking.turns.gated import doubt_of
from iml_robot.cli.console import say
from iml_robot.cli.crews.answering import Answered
from iml_robot.cli.crews.asking import AskingCrew, action_names
from iml_robot.cli.crews.greeting import greet
from iml_robot.cli.crews.hands import Hands
from iml_robot.cli.crews.reviewing import Reviewer
from iml_robot.cli.crews.summing_up import figures_of
from iml_robot.cli.crews.watching import Watching
from iml_robot.cli.lines import episode_line
from iml_robot.core.config import PartConfig, RunConfig
from iml_robot.core.feedback import Reply
from iml_robot.core.interfaces import Asker, Operator
from iml_robot.core.station_settings import settings_path
from iml_robot.data.judgements import Judgements
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.devices.input.pump import EventPump
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
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.lost_display import at_display_loss
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.pause.choices import PauseChoice
from iml_robot.station.pause.facts import PauseFacts
from iml_robot.station.settings.broken import settled
from iml_robot.station.status import SessionStatus
from iml_robot.station.summary.learning import LearningPage
from iml_robot.station.summary.screen import SummaryScreen
from iml_robot.station.supervision import SupervisionView
from iml_robot.station.window import DriveWindow
from iml_robot.station.window_keys import UNDO, WEIGHTS
from iml_robot.station.workload.screen import LoadScreen
from iml_robot.station.workload.workload import PRESENCE_S, Workload
from iml_robot.training.improver import hash_of
from iml_robot.training.trainer import Training

SUMMARY_S = 60.0
"""How long the summary waits for a press [s]."""


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
        KeyboardInterrupt: If the person leaves before anything begins.
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
        self._kept = KeptSettings()
        self._hands = Hands(self.env, settings, self.pump, kept=self._kept, obey=self._obey)
        self._window = DriveWindow(
            self.env,
            self.pump,
            status=self._status,
            kept=self._kept,
            sketch=self._hands.sketch,
        )
        self._window.menu = self._hands.menu
        # What follows takes seconds, and a black window looks like a crash.
        self._window.show_message("Getting ready", ("Loading the policy.",))
        self._settle()
        self._asking = self._asking_crew()
        self._show_bindings()
        self.pacer = RealTimePacer(period_s)
        self._absent = True
        self._trainer: Training | None = None
        self._session: Session | None = None
        self._forget: Callable[[], None] = lambda: None
        self._reviewer: Reviewer | None = None
        self._workload = Workload(self._kept.now.workload)
        options = settings.arbiter.options
        self._demonstrates = options.get("hand_back") is False

    def session(
        self, folder: Path, store: SessionStore, operator: Operator | None = None
    ) -> Session:
        """Return the session, ready to start.

        Args:
            folder: Root of the session's files.
            store: Keeps the data.
            operator: Who supervises; None: the person at the window.
        """
        people, asking = operator is None, self._asking
        self._absent = people
        loop = self._loop(folder, store, operator)
        session = build_session(
            self._settings,
            loop,
            folder=folder,
            store=store,
            progress=self,
            people=True,
            annotator_for=asking.annotator_for if asking is not None else None,
        )
        self._session, self._trainer = session, session.trainer
        self._forget = at_display_loss(store.close)
        if isinstance(session.preferences, Preferences) and asking is not None:
            session.preferences.finished = partial(self._after_questions, session)
        session.redo_interrupted = False
        session.undo_requested = self._asked_to_undo
        session.stop_requested = lambda: self._window.quit_requested
        self._reviewer = Reviewer(
            self._window.stage,
            self._kept,
            self._settings.env.id,
            dt_s=self._status.control_dt_s,
            store=store,
        )
        if people:
            session.judge = self._reviewer.judge
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
        self._hands.operator.look()
        self._show_bindings()
        if self._trainer is not None and self._trainer.path.is_file():
            self._status.policy_hash = hash_of(self._trainer.path)
        if not self._absent:
            self._suggest_break()
            return not self._window.quit_requested
        self._absent = False
        title = f"Episode {number} of {total}: ready?"
        rewinds = self._settings.rewind.back_s > 0
        greet(self._window, title, demonstrating=self._demonstrates, rewinding=rewinds)
        return not self._window.quit_requested

    def training(self, fraction: float) -> None:
        """Show how far the update is, and what it came to so far."""
        rows = () if self._session is None else self._session.rows
        verdict = self._status.verdict
        page = LearningPage(
            fraction,
            text="Close the window to end without it: the last good policy stays.",
            shares=[row.human_controlled_s / max(row.duration_s, 0.1) for row in rows],
            good=[row.outcome == "success" for row in rows],
            version=self._status.policy_version,
            verdict=verdict,
            accepted="refused" not in verdict if verdict else None,
            keys=self._window.controls.lines({UNDO}),
        )
        self._window.show_learning(page)

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Say how an episode went, in the terminal too."""
        say(episode_line(row, number, total))
        self._status.successes += row.outcome == "success"
        judged = [text for text in row.decisions if "accepted" in text or "refused" in text]
        self._status.verdict = judged[-1] if judged else self._status.verdict
        self._absent = row.outcome == "operator_lost"

    def farewell(self, result: RunResult) -> None:
        """Show what was gained, and ask how much work it was."""
        session, stage = self._session, self._window.stage
        if session is None or self._reviewer is None:
            return
        event = self._workload.figures()
        session.store.put_event(event.kind, detail=dict(event.detail))
        if self._window.quit_requested:
            return
        figures = figures_of(
            result,
            session,
            self._workload,
            self._reviewer.reviews,
            demonstrated=self._demonstrates,
        )
        seen = SummaryScreen(stage).show(figures, timeout_s=SUMMARY_S)
        if seen and self._kept.now.workload.ask_load:
            answers = LoadScreen(stage).ask()
            if answers.values:
                Judgements(session.store).put_load(answers)

    def close(self) -> None:
        """End the learning, let go of the devices, close window and environment."""
        self._forget()
        for part in (self._trainer, self._asking, self._reviewer, self._hands):
            if part is not None:
                part.close()
        self._window.close()
        self.env.close()

    def _loop(self, folder: Path, store: SessionStore, operator: Operator | None) -> Loop:
        """Return everything that takes part in driving."""
        people, recorder = operator is None, SessionRecorder(store)
        arbiter = build_arbiter(self._watched(people=people), self.env)
        asker = build_asker(self._settings, self.env)
        self._status.policy_name = self._settings.policy or ""

        view = SupervisionView(
            self._window,
            self.pacer,
            recorder,
            notice=self._notice,
            feed=self._feed(asker),
            folder=folder,
        )
        watching = Watching(
            view,
            self._hands.menu,
            arbiter,
            facts=self._facts,
            workload=self._workload,
            store=store,
            pump=self.pump,
        )
        if self._asking is not None:
            self._asking.touched = watching.touched
            self._asking.heard = partial(self._heard, Answered(self._workload, watching))
        return Loop(
            env=self.env,
            operator=operator or self._hands.operator,
            arbiter=arbiter,
            asker=asker,
            adaptation=build_adaptation(self._settings),
            rewinding=build_rewinding(self._settings, self.env, people=people),
            recorder=recorder,
            view=watching,
            pacer=self.pacer,
        )

    def _feed(self, asker: Asker) -> Callable[[SessionStatus], None]:
        """Return what tells the view, at each step, who learns and who may ask."""

        def feed(status: SessionStatus) -> None:
            status.phase = "demonstration" if self._demonstrates else status.phase
            status.learning = getattr(self._trainer, "learning", None)
            status.ask_threshold = getattr(asker, "threshold", None)
            if self._trainer is not None:
                status.doubt = doubt_of(self._trainer.policy)

        return feed

    def _watched(self, *, people: bool) -> RunConfig:
        """Return the configuration with an arbiter that asks whether anybody is there."""
        part = self._settings.arbiter
        asked = people and self._kept.now.workload.presence
        if part.name != "takeover" or not asked or "presence_s" in part.options:
            return self._settings
        there = PartConfig.model_validate(
            {"name": part.name, **part.options, "presence_s": PRESENCE_S}
        )
        return self._settings.model_copy(update={"arbiter": there})

    def _settle(self) -> None:
        """Read what the person likes, and begin to listen to their devices."""
        if not settled(self._window.stage, self._kept, settings_path()):
            self._window.close()
            self.env.close()
            raise KeyboardInterrupt
        self._window.arrangement = self._kept.now.display.view
        self._hands.renew()
        self._hands.open()
        if self._hands.trouble:
            lines = (
                f"{self._hands.trouble[:1].upper()}{self._hands.trouble[1:]}.",
                "The usual controls hold. Esc leads to the settings while you drive.",
            )
            self._window.show_message("Your own controls", lines, timeout_s=None)

    def _facts(self, reason: str) -> PauseFacts:
        """Return what the pause menu tells."""
        back_s, trainer = self._settings.rewind.back_s, self._trainer
        first = trainer is None or len(trainer.versions.good) == 1
        return PauseFacts(
            reason=reason,
            episode=self._status.episode,
            episodes=self._status.episodes,
            rewind_s=back_s,
            rewind_refused="" if back_s else "Rewinding is off; --set rewind=3 allows it.",
            version=self._status.policy_version,
            take_back_refused="The first policy drives." if first else "",
            taking_back=self._window.undo_requested,
            recorded_s=self._status.frames * self._status.control_dt_s,
        )

    def _obey(self, choice: PauseChoice) -> None:
        """Do what was chosen in the pause menu and is no request to the arbiter."""
        if choice is PauseChoice.TAKE_BACK:
            self._window.undo_requested = not self._window.undo_requested
        elif choice is PauseChoice.SETTINGS:
            self._hands.change_settings(self._window.stage)
            self._hands.operator.look()
            self._window.arrangement = self._kept.now.display.view
            self._show_bindings()
            self.pacer.restart()
        elif self._reviewer is not None:
            self._reviewer.chosen = choice

    def _suggest_break(self) -> None:
        """Say between two episodes that a break would do good."""
        why = self._workload.break_due
        if why and not self._window.quit_requested:
            lines = (f"{why[:1].upper()}{why[1:]}.", "Nothing runs away: the robot waits.")
            self._window.show_message("Time for a break?", lines, timeout_s=20.0)

    def _asking_crew(self) -> AskingCrew | None:
        """Return who is asked in the breaks; None: nobody at the window is."""
        wanted = self._settings.preferences
        asked = wanted.questions or wanted.moments
        if not asked or wanted.annotator.name not in ("auto", "human"):
            return None
        features = extra(self.env, "reward_features", {})
        steering = (self._hands.operator, action_names(self.env))
        return AskingCrew(self._window.stage, self._settings.env.id, features, steering)

    def _heard(self, answered: Answered, reply: Reply) -> None:
        """Let an answer count as work."""
        liked = None if self._session is None else self._session.preferences
        model = liked.learning.model if isinstance(liked, Preferences) else None
        answered.hear(reply, model)

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
        self._window.bindings = self._hands.operator.bindings()
        self._window.controls = self._hands.controls
        self._window.offered = {UNDO} if self._asking is None else {UNDO, WEIGHTS}

    def _notice(self) -> str:
        trainer = self._trainer
        told = self._hands.warning or self._workload.notice
        if trainer is None or not self._window.undo_requested:
            return told or ("" if trainer is None else trainer.notice)
        if len(trainer.versions.good) == 1:
            return "Nothing to undo: the first policy drives."
        return "Undo: from the next episode the policy before this one drives."

    def _asked_to_undo(self) -> bool:
        asked, self._window.undo_requested = self._window.undo_requested, False
        return asked
