"""`iml-robot run`: drive, take over, correct; the policy learns between episodes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.cli.check import check_parts
from iml_robot.cli.console import progress, say
from iml_robot.cli.environment_check import check_environment
from iml_robot.cli.lines import counted, percent
from iml_robot.core.config import EvaluationConfig, RunConfig, load_config
from iml_robot.core.errors import InfrastructureError
from iml_robot.evaluation.evaluator import (
    Evaluation,
    EvaluationOutcome,
    EvaluationStoppedError,
    Evaluator,
)
from iml_robot.session.folder import SessionFolder
from iml_robot.session.results import Count, EvaluationResult, RunResult

if TYPE_CHECKING:
    from iml_robot.data.store import SessionStore
    from iml_robot.session.session import Session


def run(
    config: str,
    *,
    operator: str | None,
    episodes: int | None,
    seed: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: Sequence[str],
    checked: Mapping[str, Any] | None = None,
) -> int:
    """Run a session and report what was gained; returns the exit code.

    Args:
        config: Shipped name or YAML file.
        operator: Who supervises; None: whom the configuration names.
        episodes: Number of episodes; None: as configured.
        seed: Root of all randomness; None: as configured.
        out: Folder of a new session; None: a new one under runs.
        resume: Folder of a session to go on with; None: a new session.
        overrides: Settings as KEY=VALUE.
        checked: What a person checked before, to be recorded first; None: nothing.
    """
    settings = run_settings(config, operator, episodes, seed, overrides)
    check_parts(settings)
    check_environment(settings)
    if resume is None:
        folder = SessionFolder.create(settings.name, out)
        folder.write_config(settings)
    else:
        folder = SessionFolder.resume(resume)
    say(f"session folder: {folder.path}")
    say(
        f"{settings.name}: {settings.env.id}, {settings.operator.name} operator, "
        f"{settings.learner.name} learner, "
        f"{counted(settings.schedule.episodes, 'episode')}, "
        f"seed {settings.schedule.seed}"
        f"{'; first the policy is measured alone' if settings.evaluation else ''}"
    )
    with Evaluator(max(1, min(2, os.cpu_count() or 1))) as evaluator:
        job = _Job(settings, folder, evaluator, checked)
        try:
            job.run(resuming=resume is not None)
        except BaseException:
            if resume is None and not job.started:
                folder.discard()
            raise
    if job.failure:
        raise InfrastructureError(job.failure)
    say(f"report: {folder.report}")
    return 0


def run_settings(
    config: str,
    operator: str | None,
    episodes: int | None,
    seed: int | None,
    overrides: Sequence[str],
) -> RunConfig:
    """Return the configuration with the options of the command line in it.

    Args:
        config: A YAML file, or the name of a shipped configuration.
        operator: Who supervises in place of the configured operator; None: nobody else.
        episodes: Number of episodes; None: as configured.
        seed: Root of all randomness; None: as configured.
        overrides: Settings "a.b=value"; those of the operator are for who supervises then.

    Raises:
        UsageError: If there is no such configuration, or a setting is wrong.
    """
    extra = list(overrides)
    if episodes is not None:
        extra.append(f"schedule.episodes={episodes}")
    if seed is not None:
        extra.append(f"schedule.seed={seed}")
    settings = load_config(config, extra)
    wanted = operator or settings.operator.name
    if wanted == "auto":
        wanted = who_is_there("operator")
    if wanted == settings.operator.name:
        return settings
    # The options in the file belong to another operator, those of --set to this one.
    return load_config(config, [f"operator={wanted}", *extra]).with_operator(wanted)


def who_is_there(part: str) -> str:
    """Return "human" where a person can see and steer, else "simulated"; say which.

    Args:
        part: What the person is here for, and the option that says otherwise.
    """
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    if display and driver not in ("dummy", "offscreen"):
        say(f"{part}: human (there is a display); --{part} simulated goes on by itself")
        return "human"
    say(f"{part}: simulated (there is no display); --{part} human needs one")
    return "simulated"


@dataclass
class _Job:
    """One run from the first evaluation to the report.

    Attributes:
        settings: The configuration.
        folder: Where everything is kept.
        evaluator: Measures policies.
        checked: What a person checked before; None: nothing.
        started: Whether there is anything worth keeping in the folder.
        failure: What could not be written; "" if everything was.
        notes: Whole sentences for the report.
    """

    settings: RunConfig
    folder: SessionFolder
    evaluator: Evaluator
    checked: Mapping[str, Any] | None = None
    started: bool = False
    failure: str = ""
    notes: list[str] = field(default_factory=list)

    def run(self, *, resuming: bool) -> None:
        """Measure, drive and learn, measure again, report."""
        from iml_robot.cli.giving_up import watched
        from iml_robot.data.store import SessionStore

        begun = time.perf_counter()
        total = self.settings.schedule.episodes
        opened = SessionStore.resume if resuming else SessionStore.create
        with opened(self.folder.database) as store:
            if self.checked is not None:
                store.put_event("preflight", detail=self.checked)
            crew = _crew(self.settings)
            try:
                session = crew.session(self.folder.path, store)
                if resuming:
                    session.resume()
                    done = session.begun
                    say(f"{done} of {total} episodes are done; --episodes N sets the total")
                else:
                    session.start()
                self.started = True
                before = self._measure("before", self.folder.policy(0), crew, store)
                with watched(session, store, self.folder.path):
                    session.run(total)
                last = session.final or self.folder.policy(session.trainer.version)
                after = self._measure("after", last, crew, store)
                result = self._result(session, before, after, begun)
                self._report(result)
                crew.farewell(result)
            finally:
                crew.close()

    def _measure(
        self, when: str, policy: Path, crew: Any, store: SessionStore
    ) -> list[Count | None]:
        """Return the success of a policy on every configured evaluation."""
        return [
            self._count(when, wanted, policy, crew, store)
            for wanted in self.settings.evaluation
        ]

    def _count(
        self,
        when: str,
        wanted: EvaluationConfig,
        policy: Path,
        crew: Any,
        store: SessionStore,
    ) -> Count | None:
        """Return a stored or a new measurement; None: nobody waits for it."""
        if not policy.is_file():
            return None
        key = f"success of policy {_called(policy)}: {wanted.model_dump_json()}"
        stored = store.value(key) if store.healthy else None
        if stored is not None:
            return Count(*stored)
        try:
            outcome = self._evaluate(when, wanted, policy, crew)
        except EvaluationStoppedError:
            self._note("The window was closed before everything was measured.")
            return None
        count = Count(outcome.successes, wanted.maps)
        parts = ", ".join(f"{n} {word}" for word, n in outcome.outcomes().items())
        say(f"{when}, {wanted.name}: {percent(count)} ({parts})")
        store.set_value(key, [count.successes, count.maps])
        return count

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
            say(note)

    def _evaluate(
        self, when: str, wanted: EvaluationConfig, policy: Path, crew: Any
    ) -> EvaluationOutcome:
        if crew.leaving:
            raise EvaluationStoppedError
        evaluation = Evaluation(
            wanted.name, self.settings.env.id, dict(wanted.options), wanted.maps
        )
        label = f"{when}: {wanted.name}, {wanted.maps} maps without help"
        with progress(label) as advance:

            def both(fraction: float) -> None:
                advance(fraction)
                if crew.show_evaluation is not None:
                    crew.show_evaluation(fraction, label)
                if crew.leaving:
                    raise EvaluationStoppedError

            return self.evaluator.evaluate(policy, evaluation, on_progress=both)

    def _result(
        self,
        session: Session,
        before: list[Count | None],
        after: list[Count | None],
        begun: float,
    ) -> RunResult:
        settings = self.settings
        names = [evaluation.name for evaluation in settings.evaluation]
        if session.store.problem:
            self.failure = f"{self.folder.path}: not recorded: {session.store.problem}"
            self._note(f"Not everything was recorded: {session.store.problem}.")
        version = session.trainer.version
        if not self.folder.policy(version).is_file():
            self.failure = f"{self.folder.path}: policy {version} could not be written"
            self._note(f"Policy {version}, the last one, could not be written.")
        return RunResult(
            name=settings.name,
            env_id=settings.env.id,
            operator=settings.operator.name,
            learner=settings.learner.name,
            seed=settings.schedule.seed,
            evaluations=tuple(map(EvaluationResult, names, before, after)),
            episodes=tuple(session.rows),
            wall_s=time.perf_counter() - begun,
            notes=tuple(self.notes),
        )

    def _report(self, result: RunResult) -> None:
        from iml_robot.session.report import write_report

        for evaluation in result.evaluations:
            if evaluation.before is not None and evaluation.after is not None:
                say(
                    f"{evaluation.name}: {percent(evaluation.before)} -> "
                    f"{percent(evaluation.after)}"
                )
        say(
            f"{result.human_controlled_s:.0f} s of {result.operator} control in "
            f"{counted(result.takeovers, 'takeover')}, "
            f"{counted(len(result.episodes), 'episode')}, "
            f"{result.wall_s:.0f} s in all"
        )
        try:
            write_report(result, self.folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.failure = f"{self.folder.path}: cannot write the report: {reason}"


def _crew(settings: RunConfig) -> Any:
    """Return the people or programs around the loop: at a window, or none."""
    if settings.operator.name == "human":
        from iml_robot.cli.crews.window import WindowCrew

        return WindowCrew(settings)
    from iml_robot.cli.crews.headless import HeadlessCrew

    return HeadlessCrew(settings)


def _called(policy: Path) -> str:
    """Return what tells a policy of the session from others."""
    from iml_robot.training.improver import hash_of

    # Versions never change; what is liked does.
    return str(int(policy.stem)) if policy.stem.isdigit() else hash_of(policy)
