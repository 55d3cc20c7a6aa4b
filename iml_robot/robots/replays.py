"""Takes recorded episodes up again at any of their steps, to see what else could follow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import gymnasium as gym
import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import BoolArray, Episode, FloatArray
from iml_robot.robots.env_id import EnvId
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.fleet import Fleet, make_fleet

logger = logging.getLogger(__name__)

FLEET_STEP = 8
"""Numbers of robots in a fleet are multiples of this."""
GOING_OR_THERE = ("", "success")
"""Outcomes of robots that have not failed."""
Key: TypeAlias = tuple[int, int, int, int]
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
        features: Reward features of each step, shape (k, d); (k, 0): there are none.
    """

    observations: FloatArray
    actions: FloatArray
    outcome: str
    approach_m: float
    has_goal: bool = True
    features: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @property
    def failed(self) -> bool:
        """True if it ended in anything but success."""
        return self.outcome not in GOING_OR_THERE


@dataclass
class _Course:
    """What one robot saw, did and was worth so far."""

    seen: list[FloatArray]
    actions: list[FloatArray] = field(default_factory=list)
    features: list[FloatArray] = field(default_factory=list)

    def add(self, fleet: Fleet, place: int, action: FloatArray) -> None:
        """Take in the step that a robot of a fleet has just made."""
        self.seen.append(fleet.observations[place].copy())
        self.actions.append(action)
        self.features.append(fleet.features[place].copy())


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
        self._guide: Any = None
        self._fleets: dict[int, Fleet] = {}
        self._snapshots: dict[Key, bytes | None] = {}

    @property
    def longest(self) -> int | None:
        """Control steps after which the environment's time limit ends an episode."""
        said = EnvId.parse(self._env_id)
        self._env()
        # Making it has imported the module that registers it. The environment itself has
        # forgotten its limit, since it was made without.
        return gym.spec(said.name).max_episode_steps

    @property
    def possible(self) -> bool:
        """Whether the environment can be put back into a state at all."""
        env = self._env()
        return None not in (extra(env, "get_state"), extra(env, "set_state"))

    def futures(
        self,
        moments: Sequence[Moment],
        drivers: Sequence[Policy],
        *,
        steps: int | Sequence[int],
        failures: int | None = None,
    ) -> list[Future | None]:
        """Drive on from moments, each with its own driver.

        Args:
            moments: Where to begin.
            drivers: Who drives from each; the same object may come several times, and
                then answers for all of its robots at once.
            steps: Control steps at most, for all or for each.
            failures: As soon as more than so many have failed nobody drives on; None:
                everybody drives to the end.

        Returns:
            What followed; None where the episode cannot be taken up again.
        """
        states = self._states(moments)
        limits = [steps] * len(states) if isinstance(steps, int) else steps
        known = [place for place, state in enumerate(states) if state is not None]
        kept = [state for state in states if state is not None]
        own = [drivers[place] for place in known]
        allowed = [limits[place] for place in known]
        most = len(kept) if failures is None else failures
        found = iter(self._drive(kept, own, allowed, most))
        return [None if state is None else next(found) for state in states]

    def close(self) -> None:
        """Close the simulators."""
        for fleet in self._fleets.values():
            fleet.close()
        self._fleets.clear()
        if self._guide is not None:
            self._guide.close()
            self._guide = None

    def _env(self) -> Any:
        if self._guide is None:
            # Without the time limit, which counts steps that were never driven.
            self._guide = make_env(self._env_id, time_limit=False)
        return self._guide

    def _drive(
        self,
        states: Sequence[bytes],
        drivers: Sequence[Policy],
        limits: Sequence[int],
        failures: int,
    ) -> list[Future]:
        """Drive on from snapshots, all robots together."""
        if not states:
            return []
        # A few sizes of fleets for all numbers of states; the robots that are left over
        # stand still.
        size = -(-len(states) // FLEET_STEP) * FLEET_STEP
        if size not in self._fleets:
            self._fleets[size] = make_fleet(self._env_id, size, time_limit=False)
        fleet = self._fleets[size]
        fleet.restore([*states, *[states[-1]] * (size - len(states))])
        courses = [_Course([row.copy()]) for row in fleet.observations[: len(states)]]
        began = None if fleet.goal_distances is None else fleet.goal_distances.copy()
        allowed = np.array([*limits, *[0] * (size - len(states))])
        for step in range(max(limits)):
            moving = (step < allowed) & np.array(
                [not outcome for outcome in fleet.outcomes]
            )
            if not moving.any() or _failed(fleet.outcomes[: len(states)]) > failures:
                break
            own = moving[: len(states)]
            asked = _asked(drivers, fleet.observations[: len(states)], own)
            actions = np.zeros((size, asked.shape[1]), np.float32)
            actions[: len(states)] = asked
            fleet.step(actions, moving)
            for place in np.flatnonzero(own).tolist():
                courses[place].add(fleet, place, asked[place])
        now = fleet.goal_distances
        gained = np.zeros(size) if began is None or now is None else began - now
        return [
            Future(
                np.stack(course.seen),
                np.array(course.actions, np.float32),
                fleet.outcomes[place],
                float(gained[place]),
                began is not None,
                np.array(course.features, np.float32).reshape(
                    len(course.actions), fleet.features.shape[1]
                ),
            )
            for place, course in enumerate(courses)
        ]

    def _states(self, moments: Sequence[Moment]) -> list[bytes | None]:
        """Return the snapshots of moments, driving each episode again at most once."""
        if not self.possible:
            return [None] * len(moments)
        missing: dict[int, list[Moment]] = {}
        for moment in moments:
            if key_of(moment) not in self._snapshots:
                missing.setdefault(id(moment.episode), []).append(moment)
        if len(self._snapshots) > LARGEST_CACHE:
            self._snapshots.clear()
        for wanted in missing.values():
            self._drive_again(wanted)
        return [self._snapshots.get(key_of(moment)) for moment in moments]

    def _drive_again(self, moments: Sequence[Moment]) -> None:
        """Drive an episode again as far as needed, and keep snapshots of its moments."""
        episode, env = moments[0].episode, self._env()
        wanted = {moment.step: moment for moment in moments}
        seen, _ = env.reset(seed=episode.info.seed, options=dict(episode.info.options))
        for action in episode.prelude:
            seen = env.step(action)[0]
        begun = len(episode.observations) == 0 or np.array_equal(
            seen, episode.observations[0]
        )
        if not episode.knows_prelude or (episode.info.begins_at and not begun):
            self._refuse(episode, moments, 0)
            return
        for step in range(max(wanted) + 1):
            if step in wanted:
                self._snapshots[key_of(wanted[step])] = extra(env, "get_state")()
            if step < max(wanted):
                seen = env.step(episode.executed_actions[step])[0]
                if not np.array_equal(seen, episode.observations[step + 1]):
                    self._refuse(episode, moments, step)
                    return

    def _refuse(self, episode: Episode, moments: Sequence[Moment], step: int) -> None:
        for moment in moments:
            self._snapshots[key_of(moment)] = None
        logger.warning(
            "episode %d goes another way when it is driven again (step %d); nothing is "
            "learned from what else could have followed", episode.info.episode_id, step,
        )  # fmt: skip


def _failed(outcomes: Sequence[str]) -> int:
    """Return how many robots have ended in anything but success."""
    return sum(outcome not in GOING_OR_THERE for outcome in outcomes)


def _asked(
    drivers: Sequence[Policy], observations: FloatArray, moving: BoolArray
) -> FloatArray:
    """Return the actions of all robots; each driver answers once for all of its own."""
    actions: FloatArray | None = None
    for key, driver in {id(driver): driver for driver in drivers}.items():
        own = moving & np.array([id(other) == key for other in drivers])
        if own.any():
            chosen = driver.act_batch(observations[own])
            if actions is None:
                actions = np.zeros((len(drivers), chosen.shape[1]), np.float32)
            actions[own] = chosen
    assert actions is not None
    return actions


def key_of(moment: Moment) -> Key:
    """Return what tells a moment from all others."""
    info = moment.episode.info
    begun = len(moment.episode.prelude)
    driven = hash(moment.episode.driven[: begun + moment.step].tobytes())
    return info.episode_id, info.seed, moment.step, driven
