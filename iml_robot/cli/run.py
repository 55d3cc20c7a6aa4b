"""`iml-robot run`: drive, take over, correct; the policy learns between episodes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.cli.console import progress, say
from iml_robot.cli.lines import percent
from iml_robot.core.config import EvaluationConfig, RunConfig, load_config
from iml_robot.evaluation.evaluator import Evaluation, EvaluationOutcome, Evaluator
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
) -> int:
    """Run a session and report what was gained; returns the exit code."""
    settings = _settings(config, operator, episodes, seed, overrides)
    if resume is None:
        folder = SessionFolder.create(settings.name, out)
        folder.write_config(settings)
    else:
        folder = SessionFolder.resume(resume)
    say(f"session folder: {folder.path}")
    say(
        f"{settings.name}: {settings.env.id}, {settings.operator.name} operator, "
        f"{settings.learner.name} learner, {settings.schedule.episodes} episodes, "
        f"seed {settings.schedule.seed}; first the policy is measured alone"
    )
    begun = time.perf_counter()
    with Evaluator(max(1, min(2, os.cpu_count() or 1))) as evaluator:
        job = _Job(settings, folder, evaluator)
        job.run(resuming=resume is not None, begun=begun)
    say(f"report: {folder.report}")
    return 0


def _settings(
    config: str,
    operator: str | None,
    episodes: int | None,
    seed: int | None,
    overrides: Sequence[str],
) -> RunConfig:
    """Return the configuration with the options of the command line in it."""
    extra = list(overrides)
    if episodes is not None:
        extra.append(f"schedule.episodes={episodes}")
    if seed is not None:
        extra.append(f"schedule.seed={seed}")
    settings = load_config(config, extra)
    if operator is not None:
        settings = settings.with_operator(operator)
    if settings.operator.name == "auto":
        settings = settings.with_operator(_who_is_there())
    return settings


def _who_is_there() -> str:
    """Return "human" where a person can see and steer, else "simulated"; say which."""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    if display and driver not in ("dummy", "offscreen"):
        say("operator: human (there is a display); --operator simulated drives by itself")
        return "human"
    say("operator: simulated (there is no display); --operator human needs one")
    return "simulated"


@dataclass
class _Job:
    """One run from the first evaluation to the report."""

    settings: RunConfig
    folder: SessionFolder
    evaluator: Evaluator
    notes: list[str] = field(default_factory=list)

    def run(self, *, resuming: bool, begun: float) -> RunResult:
        """Measure, drive and learn, measure again, report."""
        from iml_robot.data.store import SessionStore

        opened = SessionStore.resume if resuming else SessionStore.create
        with opened(self.folder.database) as store:
            crew = _crew(self.settings)
            try:
                session = crew.session(self.folder.path, store)
                if resuming:
                    session.resume()
                else:
                    session.start()
                before = self._measure("before", 0, crew.show_evaluation, store)
                session.run(self.settings.schedule.episodes)
                version = session.trainer.version
                after = self._measure("after", version, crew.show_evaluation, store)
                result = self._result(session, before, after, begun)
                self._report(result)
                crew.farewell(result)
            finally:
                crew.close()
        return result

    def _measure(
        self,
        when: str,
        version: int,
        show: Callable[[float, str], None] | None,
        store: SessionStore,
    ) -> list[Count]:
        """Return the success of a policy version on every configured evaluation."""
        stored = store.value(f"success_of_policy_{version}")
        if stored is not None:
            return [Count(*pair) for pair in stored]
        counts = []
        for wanted in self.settings.evaluation:
            outcome = self._evaluate(when, wanted, version, show)
            counts.append(Count(outcome.successes, wanted.maps))
            parts = ", ".join(f"{n} {word}" for word, n in outcome.outcomes().items())
            say(f"{when}, {wanted.name}: {percent(counts[-1])} ({parts})")
        pairs = [[count.successes, count.maps] for count in counts]
        store.set_value(f"success_of_policy_{version}", pairs)
        return counts

    def _evaluate(
        self,
        when: str,
        wanted: EvaluationConfig,
        version: int,
        show: Callable[[float, str], None] | None,
    ) -> EvaluationOutcome:
        evaluation = Evaluation(
            wanted.name, self.settings.env.id, dict(wanted.options), wanted.maps
        )
        label = f"{when}: {wanted.name}, {wanted.maps} maps without help"
        with progress(label) as advance:

            def both(fraction: float) -> None:
                advance(fraction)
                if show is not None:
                    show(fraction, label)

            path = self.folder.policy(version)
            return self.evaluator.evaluate(path, evaluation, on_progress=both)

    def _result(
        self, session: Session, before: list[Count], after: list[Count], begun: float
    ) -> RunResult:
        settings = self.settings
        names = [evaluation.name for evaluation in settings.evaluation]
        if session.store.problem:
            self.notes.append(f"Recording failed: {session.store.problem}.")
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

        write_report(result, self.folder)
        for evaluation in result.evaluations:
            if evaluation.before is not None and evaluation.after is not None:
                say(
                    f"{evaluation.name}: {percent(evaluation.before)} -> "
                    f"{percent(evaluation.after)}"
                )
        say(
            f"{result.human_controlled_s:.0f} s of {result.operator} control in "
            f"{result.takeovers} takeovers, {len(result.episodes)} episodes, "
            f"{result.wall_s:.0f} s in all"
        )


def _crew(settings: RunConfig) -> Any:
    """Return the people or programs around the loop: at a window, or none."""
    if settings.operator.name == "human":
        from iml_robot.cli.crews.window import WindowCrew

        return WindowCrew(settings)
    from iml_robot.cli.crews.headless import HeadlessCrew

    return HeadlessCrew(settings)
