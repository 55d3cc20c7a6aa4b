"""Takes recorded episodes up again at any of their steps, to see what else could follow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.outcome import outcome_of
from iml_robot.core.types import Episode, FloatArray
from iml_robot.robots.environment import make_env

logger = logging.getLogger(__name__)

LARGEST_CACHE = 2000
"""Snapshots kept; one of a rover takes some ten kilobytes."""


@dataclass(frozen=True)
class Moment:
    """A step of an episode to go back to.

    Attributes:
        episode: The recorded episode.
        step: The step; 0 is the start.
    """

    episode: Episode
    step: int


@dataclass(frozen=True)
class Future:
    """What followed a moment.

    Attributes:
        observations: From the moment on, shape (k + 1, obs_dim) after k steps.
        actions: What was executed, shape (k, act_dim).
        outcome: How it ended; "" if it was still going on.
        approach_m: How much nearer to the goal it came [m]; 0 without a goal.
        has_goal: Whether the environment says how far the goal is.
    """

    observations: FloatArray
    actions: FloatArray
    outcome: str
    approach_m: float
    has_goal: bool = True

    @property
    def failed(self) -> bool:
        """True if it ended in anything but success."""
        return self.outcome not in ("", "success")


class Replays:
    """Drives on from moments of recorded episodes, in simulators of its own.

    A moment is found by driving the episode again from its seed, options and executed
    actions; if what is seen then differs from the record, the episode cannot be taken up
    again, and neither can environments without snapshots.

    Args:
        env_id: Gymnasium id.
    """

    def __init__(self, env_id: str) -> None:
        self._env_id = env_id
        self._envs: list[Any] = []
        self._snapshots: dict[tuple[int, int, int], bytes | None] = {}

    @property
    def possible(self) -> bool:
        """Whether the environment can be put back into a state at all."""
        env = self._env(0)
        return hasattr(env, "get_state") and hasattr(env, "set_state")

    def futures(
        self,
        moments: Sequence[Moment],
        drivers: Sequence[Policy],
        *,
        steps: int,
    ) -> list[Future | None]:
        """Drive on from moments, each with its own driver.

        Args:
            moments: Where to begin.
            drivers: Who drives from each; the same object may come several times, and
                then answers for all of its robots at once.
            steps: Control steps at most.

        Returns:
            What followed; None where the episode cannot be taken up again.
        """
        states = self._states(moments)
        pairs = [(s, d) for s, d in zip(states, drivers, strict=True) if s is not None]
        runs = [_Run(self._env(place), *pair) for place, pair in enumerate(pairs)]
        going = list(runs)
        for _ in range(steps):
            _step_all(going)
            going = [run for run in going if not run.outcome]
            if not going:
                break
        found = iter(runs)
        return [None if state is None else next(found).future() for state in states]

    def close(self) -> None:
        """Close the simulators."""
        for env in self._envs:
            env.close()
        self._envs.clear()

    def _env(self, place: int) -> Any:
        while len(self._envs) <= place:
            # Without wrappers: the time limit counts steps that were never driven.
            self._envs.append(make_env(self._env_id).unwrapped)
        return self._envs[place]

    def _states(self, moments: Sequence[Moment]) -> list[bytes | None]:
        """Return the snapshots of moments, driving each episode again at most once."""
        if not self.possible:
            return [None] * len(moments)
        missing: dict[int, list[Moment]] = {}
        for moment in moments:
            if _key(moment) not in self._snapshots:
                missing.setdefault(id(moment.episode), []).append(moment)
        if len(self._snapshots) > LARGEST_CACHE:
            self._snapshots.clear()
        for wanted in missing.values():
            self._drive_again(wanted)
        return [self._snapshots.get(_key(moment)) for moment in moments]

    def _drive_again(self, moments: Sequence[Moment]) -> None:
        """Drive an episode again as far as needed, and keep snapshots of its moments."""
        episode, env = moments[0].episode, self._env(0)
        wanted = {moment.step: moment for moment in moments}
        env.reset(seed=episode.info.seed, options=dict(episode.info.options))
        for step in range(max(wanted) + 1):
            if step in wanted:
                self._snapshots[_key(wanted[step])] = env.get_state()
            if step < max(wanted):
                seen = env.step(episode.executed_actions[step])[0]
                if not np.array_equal(seen, episode.observations[step + 1]):
                    self._refuse(episode, moments, step)
                    return

    def _refuse(self, episode: Episode, moments: Sequence[Moment], step: int) -> None:
        for moment in moments:
            self._snapshots[_key(moment)] = None
        logger.warning(
            "episode %d goes another way when it is driven again (step %d); nothing is "
            "learned from what else could have followed", episode.info.episode_id, step,
        )  # fmt: skip


class _Run:
    """One robot that drives on from a snapshot."""

    def __init__(self, env: Any, state: bytes, driver: Policy) -> None:
        observation, info = env.set_state(state)
        self.driver, self.outcome = driver, ""
        self.seen = [np.asarray(observation, np.float32)]
        self.done: list[FloatArray] = []
        self._env = env
        self._has_goal = "distance_to_goal" in info
        self._from_m = self._to_m = float(info.get("distance_to_goal", 0.0))

    def step(self, action: FloatArray) -> None:
        """Drive for one control step."""
        observation, _, terminated, truncated, info = self._env.step(action)
        self.seen.append(np.asarray(observation, np.float32))
        self.done.append(action)
        self._to_m = float(info.get("distance_to_goal", 0.0))
        self.outcome = outcome_of(info, terminated=terminated, truncated=truncated)

    def future(self) -> Future:
        """Return what followed so far."""
        actions = np.stack(self.done) if self.done else np.zeros((0, 0), np.float32)
        gained = self._from_m - self._to_m
        return Future(np.stack(self.seen), actions, self.outcome, gained, self._has_goal)


def _step_all(runs: Sequence[_Run]) -> None:
    """Step all robots; each driver answers once for all of its own."""
    drivers = {id(run.driver): run.driver for run in runs}
    for key, driver in drivers.items():
        own = [run for run in runs if id(run.driver) == key]
        actions = driver.act_batch(np.stack([run.seen[-1] for run in own]))
        for run, action in zip(own, actions, strict=True):
            run.step(action)


def _key(moment: Moment) -> tuple[int, int, int]:
    info = moment.episode.info
    return info.episode_id, info.seed, moment.step
