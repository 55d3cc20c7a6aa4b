"""Drives that are timed: the environment's steps, then the same physics alone."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import mujoco
import numpy as np

from iml_robot_envs.robot_task import FloatArray, Pilot
from iml_robot_envs.terrain import Array


class Call(NamedTuple):
    """What one call of the physics was given.

    Attributes:
        controls: Of all actuators, shape (N, actuators).
        pushes: Forces from outside, shape (N, bodies, 6).
        substeps: Steps of the physics.
    """

    controls: Array
    pushes: Array
    substeps: int


class Recorder:
    """Writes down what a batch of simulations is told, to run the same without the rest.

    What an environment writes into the models on its way, the grip of soils, is left as
    it was at the end; it makes no step slower or faster.

    Args:
        batch: A `mujoco.batch.Batch`.

    Attributes:
        complete: False once a call was not for all simulations.
    """

    def __init__(self, batch: Any) -> None:
        self._batch = batch
        self._step = batch.step
        self._controls, self._pushes = batch.bind("ctrl"), batch.bind("xfrc_applied")
        self._calls: list[Call] = []
        self._first: Array = batch.state.copy()
        self._data = batch.get_data(0)
        self.complete = True

    def start(self) -> None:
        """Forget what was recorded; record from here."""
        self._calls.clear()
        self._first = self._batch.state.copy()
        self.complete = True
        self._batch.step = self._record

    def stop(self) -> None:
        """Record no more, so that steps take no longer than they do."""
        self._batch.step = self._step

    def replay(self) -> float:
        """Return the time that the batch needs for the same, alone [s]."""
        state = self._batch.state
        last = state.copy()
        state[:] = self._first
        spent = 0.0
        for call in self._calls:
            self._controls[:], self._pushes[:] = call.controls, call.pushes
            started = time.perf_counter()
            self._step(None, nstep=call.substeps)
            spent += time.perf_counter() - started
        state[:] = last
        return spent

    def replay_first(self) -> float:
        """Return the time that MuJoCo needs for the first robot alone [s]."""
        whole = mujoco.mjtState.mjSTATE_INTEGRATION
        # A copy, because each map writes other ground into it.
        model = self._batch.get_model(0)
        mujoco.mj_setState(model, self._data, self._first[0], whole)
        controls, pushes = self._data.ctrl, self._data.xfrc_applied
        spent = 0.0
        for call in self._calls:
            controls[:], pushes[:] = call.controls[0], call.pushes[0]
            started = time.perf_counter()
            mujoco.mj_step(model, self._data, nstep=call.substeps)
            spent += time.perf_counter() - started
        return spent

    def _record(self, ids: Any = None, nstep: int = 1) -> None:
        if ids is not None:
            self.complete = False
        self._calls.append(Call(self._controls.copy(), self._pushes.copy(), nstep))
        self._step(ids, nstep=nstep)


class Crew:
    """A scripted driver for each robot.

    Args:
        pilots: The drivers.
    """

    def __init__(self, pilots: list[Pilot]) -> None:
        self._pilots = pilots
        for seed, pilot in enumerate(pilots):
            pilot.reset(seed=seed)

    def act(self, observations: FloatArray) -> FloatArray:
        """Return their actions, shape (N, act_dim)."""
        return np.array(
            [pilot.act(own) for pilot, own in zip(self._pilots, observations, strict=True)]
        )
