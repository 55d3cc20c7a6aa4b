"""One row: a session without a person, its policy measured alone again and again."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import iml_robot
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.data.store import SessionStore
from iml_robot.operators import OPERATORS
from iml_robot.robots.environment import control_period_s
from iml_robot.session.folder import SessionFolder
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
from iml_robot.study.examination import Examination, outcomes, passed
from iml_robot.study.plan import RowPlan
from iml_robot.study.records import Point, RowRecord


def drive_row(
    plan: RowPlan,
    work: Path,
    *,
    on_episode: Callable[[float, int], None],
    on_point: Callable[[Point], None],
    known: Path | None = None,
) -> tuple[RowRecord, Path]:
    """Drive a row to its end.

    Args:
        plan: The row.
        work: Empty folder for the policies.
        on_episode: Called after each episode with the human-controlled seconds so far [s]
            and the number of episodes.
        on_point: Called with each evaluation of the headline maps.
        known: Folder for what policies did on the maps; None: nothing is kept.

    Returns:
        The record, and the file of the last policy.
    """
    begun = time.perf_counter()
    with _session(plan, work) as session:
        row = _Row(plan, session, SessionFolder(work), on_point, known)
        row.measure()
        first = row.examine_familiar()
        ended_by = _go_on(plan, row, on_episode)
        row.measure()
        last = row.examine_familiar() if row.version else first
        record = RowRecord(
            task=plan.task,
            method=plan.method,
            operator=plan.operator,
            seed=plan.seed,
            ended_by=ended_by,
            points=tuple(row.points),
            familiar=tuple(p for p in (first, last) if p is not None),
            hcs_s=row.result.human_controlled_s,
            takeovers=row.result.takeovers,
            episodes=len(session.rows),
            supervised_s=sum(r.duration_s for r in session.rows),
            log=tuple(map(_plain, session.rows)),
            indices=tuple(row.headline.indices),
            wait_s=row.result.wait_percentiles(),
            wall_s=time.perf_counter() - begun,
            settings=plan.settings(),
            digest=plan.digest(),
            program_version=iml_robot.__version__,
        )
        return record, row.policy


def _go_on(plan: RowPlan, row: _Row, on_episode: Callable[[float, int], None]) -> str:
    """Drive episodes and measure; return what the row was ended by."""
    for number in range(1, plan.config.schedule.episodes + 1):
        row.session.run(number)
        spent = row.result.human_controlled_s
        on_episode(spent, number)
        if spent >= plan.budget_s:
            return "budget"
        if spent - row.points[-1].hcs_s >= plan.evaluate_every_s:
            row.measure()
    return "episodes"


class _Row:
    """What a running row has measured so far."""

    def __init__(
        self,
        plan: RowPlan,
        session: Session,
        folder: SessionFolder,
        on_point: Callable[[Point], None],
        known: Path | None,
    ) -> None:
        self.session = session
        self.points: list[Point] = []
        self._plan = plan
        self._folder = folder
        self._on_point = on_point
        env_id = plan.config.env.id
        self.headline = Examination(env_id, plan.headline, known)
        self._familiar = plan.familiar and Examination(env_id, plan.familiar, known)

    @property
    def version(self) -> int:
        """Number of the policy that drives from now on."""
        return self.session.trainer.version

    @property
    def policy(self) -> Path:
        """Its file."""
        return self._folder.policy(self.version)

    @property
    def result(self) -> RunResult:
        """The episodes so far."""
        config = self._plan.config
        return RunResult(
            name=self._plan.name,
            env_id=config.env.id,
            operator=self._plan.operator,
            learner=config.learner.name,
            seed=self._plan.seed,
            episodes=tuple(self.session.rows),
        )

    def measure(self) -> None:
        """Add a point to the learning curve, unless this policy was measured last."""
        if self.points and self.points[-1].policy_version == self.version:
            return
        self.points.append(self._examine(self.headline))
        self._on_point(self.points[-1])

    def examine_familiar(self) -> Point | None:
        """Return the policy's success on familiar terrain; None: it is not measured."""
        return self._examine(self._familiar) if self._familiar else None

    def _examine(self, examination: Examination) -> Point:
        results, so_far = examination.drive(self.policy), self.result
        return Point(
            hcs_s=so_far.human_controlled_s,
            takeovers=so_far.takeovers,
            episodes=len(so_far.episodes),
            supervised_s=sum(row.duration_s for row in so_far.episodes),
            policy_version=self.version,
            passed=passed(results),
            outcomes=outcomes(results),
        )


@contextmanager
def _session(plan: RowPlan, work: Path) -> Iterator[Session]:
    """Yield a session that keeps its steps in memory, and its policies in a folder."""
    env = build_env(plan.config)
    folder = SessionFolder.create(plan.name, work)
    part = plan.config.operator
    try:
        with SessionStore.create(folder.database) as store:
            loop = Loop(
                env=env,
                operator=OPERATORS.build(part.name, env, options=part.options),
                arbiter=build_arbiter(plan.config, env),
                asker=build_asker(plan.config, env),
                adaptation=build_adaptation(plan.config),
                rewinding=build_rewinding(plan.config, env, people=False),
                recorder=_Recorder(store),
                view=NullView(),
                pacer=FullSpeedPacer(control_period_s(env)),
            )
            session = build_session(
                plan.config, loop, folder=folder.path, store=store, progress=_Silence()
            )
            session.start()
            yield session
    finally:
        env.close()


class _Recorder(MemoryRecorder):
    """Keeps steps in memory; the store hears of each episode only to number it."""

    def __init__(self, store: SessionStore) -> None:
        super().__init__()
        self._store = store

    def begin(self, info: EpisodeInfo) -> None:
        """Open an episode."""
        super().begin(info)
        self._store.put_episode(info)


class _Silence:
    """A session's progress that nobody watches."""

    def before_episode(self, number: int, total: int) -> bool:
        """Go on at once."""
        return True

    def training(self, fraction: float) -> None:
        """Do nothing."""

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Do nothing."""


def _plain(row: EpisodeRow) -> dict[str, Any]:
    """Return what happened in an episode as plain values, every number finite or null."""
    names = ("outcome", "takeovers", "human_controlled_s", "duration_s", "policy_version")
    figures = {name: float(value) for name, value in row.figures.items()}
    return {
        **{name: getattr(row, name) for name in (*names, "update_s", "wait_s")},
        "figures": {n: v if math.isfinite(v) else None for n, v in figures.items()},
    }


def keep_policy(policy: Path, target: Path) -> None:
    """Copy the last policy of a row to its place, whole or not at all.

    Args:
        policy: The file.
        target: Its new name.
    """
    draft = target.with_name(f".{target.name}.draft")
    shutil.copyfile(policy, draft)
    draft.replace(target)
