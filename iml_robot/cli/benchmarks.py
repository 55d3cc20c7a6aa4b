"""`iml-robot bench`: speed of simulators and learners, evenness of the control loop."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iml_robot.cli.console import say
from iml_robot.core.config import load_config
from iml_robot.core.types import FloatArray, OperatorSignal
from iml_robot.session.results import EpisodeRow

if TYPE_CHECKING:
    from iml_robot.cli.crews.window import WindowCrew
    from iml_robot.training.background import BackgroundTrainer

SIM_STEPS = 5000
LEARNER_POLICIES = ("rover_rocks", "drone_forest")
LEARNER_BATCHES = (64, 128)
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


def bench_loop(*, episodes: int = LOOP_EPISODES) -> Mapping[str, Any]:
    """Return how even the real-time loop is, with the drive window open.

    A simulated operator supervises the shipped policy at 20 Hz, and a process learns
    meanwhile; everything is as with a person: window, recorder, arbiter, trainer.

    Args:
        episodes: How many are driven.
    """
    from iml_robot.cli.crews.window import WindowCrew

    say(f"{episodes} episodes in real time, about 20 s each")
    # Nobody is there who could end the pause that a computer at a standstill causes.
    settings = [
        f"schedule.seed={LOOP_SEED}",
        "trainer=background",
        "arbiter.unwatched_s=1e9",
    ]
    crew = WindowCrew(load_config("quickstart", settings))
    watched = _Watched(crew)
    try:
        with tempfile.TemporaryDirectory() as name:
            rows = _drive(watched, Path(name), episodes)
    finally:
        crew.close()
    jitter_ms = 1000 * np.asarray(crew.pacer.jitter_s)
    learning = np.asarray(watched.learning)[-len(jitter_ms) :]
    waits_s = [row.wait_s or 0.0 for row in rows]
    return {
        "load_average": round(os.getloadavg()[0], 2),
        "control_steps": len(jitter_ms),
        "late_ticks": crew.pacer.late_ticks,
        "jitter_ms": _percentiles(jitter_ms),
        "control_steps_while_learning": int(learning.sum()),
        "jitter_while_learning_ms": _percentiles(jitter_ms[learning]),
        "wait_s": _percentiles(waits_s),
        "update_s": _percentiles([row.update_s for row in rows if row.update_s]),
        "policies": int(rows[-1].figures["version"]),
        "decisions": [decision for row in rows for decision in row.decisions],
    }


def bench_learner() -> Mapping[str, Any]:
    """Return how fast an ensemble of five learns, against two other ways to do it.

    The same plain network in a loop over its members, and imitation's behaviour cloning
    of one such network. Samples count once for every network that learns from them.
    """
    from iml_robot.cli.learner_speed import compare, compare_own
    from iml_robot.policies.ensemble.policy import use_one_thread

    use_one_thread()
    figures: dict[str, Any] = {"load_average": round(os.getloadavg()[0], 2)}
    for policy in LEARNER_POLICIES:
        for batch_size in LEARNER_BATCHES:
            found = compare(policy, batch_size)
            figures[f"mlp on {policy}, batch {batch_size}"] = found
        found = compare_own(policy, LEARNER_BATCHES[0])
        figures[f"its own network on {policy}, batch {LEARNER_BATCHES[0]}"] = found
    return figures


def _percentiles(values: Any) -> Mapping[str, float | None]:
    """Return the median, the 95th and 99th percentile and the largest value."""
    if not len(values):
        return {"p50": None, "p95": None, "p99": None, "max": None}
    found = np.percentile(values, [50, 95, 99, 100])
    return dict(zip(("p50", "p95", "p99", "max"), found.round(3).tolist(), strict=True))


def _drive(watched: _Watched, folder: Path, episodes: int) -> list[EpisodeRow]:
    """Drive some episodes in a folder that goes away afterwards."""
    from iml_robot.data.store import SessionStore
    from iml_robot.training.background import BackgroundTrainer

    (folder / "policies").mkdir()
    with SessionStore.create(folder / "session.db") as store:
        session = watched.crew.session(folder, store, watched)
        assert isinstance(session.trainer, BackgroundTrainer)
        watched.trainer = session.trainer
        session.start()
        session.run(episodes)
    return session.rows


class _Watched:
    """A simulated operator in a window, whose events are collected as for a person.

    Args:
        crew: What is around the loop.

    Attributes:
        trainer: Learns meanwhile.
        learning: Whether it did so, at each control step.
    """

    def __init__(self, crew: WindowCrew) -> None:
        from iml_robot.operators.simulated import SimulatedOperator

        self.crew = crew
        self.trainer: BackgroundTrainer | None = None
        self.learning: list[bool] = []
        self._operator = SimulatedOperator(crew.env)

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        self._operator.reset(seed=seed)

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the simulated operator wants."""
        self.learning.append(self.trainer is not None and self.trainer.working)
        self.crew.pump.pump()
        return self._operator.advise(observation, policy_action, info)
