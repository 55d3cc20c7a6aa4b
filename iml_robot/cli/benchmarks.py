"""`iml-robot bench`: how fast the simulator is, and how even the control loop."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iml_robot.cli.console import say
from iml_robot.core.config import load_config
from iml_robot.core.interfaces import Operator
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.session.results import EpisodeRow

if TYPE_CHECKING:
    from iml_robot.cli.crews.window import WindowCrew

SIM_STEPS = 5000
LOOP_EPISODES = 3
LOOP_SEED = 1
"""With this seed the operator corrects, so that there is something to learn in between."""


def bench_sim() -> Mapping[str, Any]:
    """Return control steps a second of one robot and of many, and the share of physics.

    Also how long resets and pictures take and how much memory robots need.
    """
    importlib.import_module("iml_robot_envs")
    benchmark = importlib.import_module("iml_robot_envs.benchmark")
    figures: Mapping[str, float] = benchmark.measure_all(SIM_STEPS)
    return {name: round(value, 3) for name, value in figures.items()}


def bench_loop() -> Mapping[str, Any]:
    """Return how even the real-time loop is, with the drive window open.

    A simulated operator supervises the shipped policy at 20 Hz for three episodes, with
    training in between; everything else is as with a person: window, recorder, arbiter.
    """
    from iml_robot.cli.crews.window import WindowCrew

    say(f"{LOOP_EPISODES} episodes in real time, about 20 s each")
    crew = WindowCrew(load_config("quickstart", [f"schedule.seed={LOOP_SEED}"]))
    try:
        with tempfile.TemporaryDirectory() as name:
            rows = _drive(crew, Path(name))
    finally:
        crew.close()
    jitter_ms = 1000 * np.asarray(crew.pacer.jitter_s)
    return {
        "control_steps": len(jitter_ms),
        "jitter_p50_ms": round(float(np.quantile(jitter_ms, 0.5)), 3),
        "jitter_p99_ms": round(float(np.quantile(jitter_ms, 0.99)), 3),
        "jitter_max_ms": round(float(jitter_ms.max()), 3),
        "late_ticks": crew.pacer.late_ticks,
        "update_s": [round(row.update_s or 0.0, 2) for row in rows],
        "wait_s": [round(row.wait_s or 0.0, 2) for row in rows],
    }


def _drive(crew: WindowCrew, folder: Path) -> list[EpisodeRow]:
    """Drive some episodes in a folder that goes away afterwards."""
    from iml_robot.data.store import SessionStore
    from iml_robot.operators.simulated import SimulatedOperator

    (folder / "policies").mkdir()
    with SessionStore.create(folder / "session.db") as store:
        watched = _Watched(SimulatedOperator(crew.env), crew)
        session = crew.session(folder, store, watched)
        session.start()
        session.run(LOOP_EPISODES)
    return session.rows


class _Watched:
    """A simulated operator in a window, whose events are collected as for a person."""

    def __init__(self, operator: Operator, crew: WindowCrew) -> None:
        self._operator = operator
        self._crew = crew

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        self._operator.reset(seed=seed)

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the simulated operator wants."""
        self._crew.pump.pump()
        return self._operator.advise(observation, policy_action, info)
