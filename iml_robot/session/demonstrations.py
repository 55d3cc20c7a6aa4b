"""Records demonstrations of an environment's own pilot, with disturbances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.interfaces import Policy
from iml_robot.core.outcome import outcome_of
from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import (
    Decision,
    Episode,
    EpisodeInfo,
    FloatArray,
    Mode,
    OperatorSignal,
    Source,
    Step,
)
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.robots.environment import extra
from iml_robot.robots.reward_features import features_of
from iml_robot.session.guards import flat

PUSH_PROBABILITY = 0.02
"""Chance of a disturbance at a step: about one in 2.5 s at 20 Hz."""


class Pushes:
    """Disturbs the executed action now and then for 0.3 to 1 s.

    A flawless demonstration never shows how to come back from an error; under pushes the
    label stays right while the robot gets into places that it must get out of.

    Args:
        rng: Source of all randomness.
        act_dim: Size of an action.

    Source: noise injection after Laskey et al. (2017), "DART".
    """

    def __init__(self, rng: np.random.Generator, act_dim: int) -> None:
        self._rng = rng
        self._act_dim = act_dim
        self._left = 0
        self._push = np.zeros(act_dim, np.float32)

    def disturb(self, action: FloatArray) -> FloatArray:
        """Return the action to execute in place of the wanted one."""
        if self._left == 0 and self._rng.random() < PUSH_PROBABILITY:
            self._left = int(self._rng.integers(6, 20))
            self._push = self._rng.uniform(-1, 1, self._act_dim).astype(np.float32)
        if self._left == 0:
            return action
        self._left -= 1
        return self._push


def record_demonstrations(
    env: Any,
    options: Mapping[str, Any],
    count: int,
    *,
    seed: int,
    env_id: str,
    on_progress: Callable[[float], None],
    driver: Policy | None = None,
) -> list[Episode]:
    """Let the environment's pilot drive, or comment on a policy that drives.

    Args:
        env: Environment that offers `make_pilot`.
        options: Options of `env.reset`.
        count: Number of episodes.
        seed: Root of all randomness.
        env_id: Gymnasium id, for the records.
        on_progress: Called with the finished fraction in [0, 1].
        driver: Drives in the pilot's place, while the pilot says at every step what it
            would have done (as in DAgger); None: the pilot drives, with disturbances.

    Returns:
        The episodes; their operator actions are the pilot's.

    Raises:
        UsageError: If the environment offers no pilot.
    """
    make_pilot = extra(env, "make_pilot")
    if make_pilot is None:
        raise UsageError(
            f"{env_id} offers no pilot (make_pilot) to demonstrate; record "
            "demonstrations with a human operator instead"
        )
    pilot, episodes = make_pilot(), []
    for number in range(count):
        info = EpisodeInfo(
            episode_id=number,
            phase="demonstration",
            env_id=env_id,
            seed=named_seed(seed, "demonstration", number),
            options=dict(options),
        )
        pushes = Pushes(named_stream(info.seed, "pushes"), env.action_space.shape[0])
        disturb = pushes.disturb if driver is None else None
        episodes.append(_demonstrate(env, pilot, driver, disturb, info))
        on_progress((number + 1) / count)
    return episodes


def _demonstrate(
    env: Any,
    pilot: Any,
    driver: Policy | None,
    disturb: Callable[[FloatArray], FloatArray] | None,
    start: EpisodeInfo,
) -> Episode:
    recorder = MemoryRecorder()
    recorder.begin(start)
    observation = flat(env.reset(seed=start.seed, options=dict(start.options))[0])
    pilot.reset(seed=start.seed)
    terminated, outcome = False, ""
    while not outcome:
        wanted = pilot.act(observation)
        executed = wanted if driver is None else driver.act(observation)
        executed = executed if disturb is None else disturb(executed)
        following, reward, terminated, truncated, info = env.step(executed)
        outcome = outcome_of(info, terminated=terminated, truncated=truncated)
        signal = OperatorSignal(action=wanted, gripping=True, device="pilot")
        decision = Decision(executed, Source.OPERATOR, 1.0, Mode.HUMAN)
        features = features_of(info)
        recorder.add(
            Step(observation, wanted, signal, decision, float(reward), features=features)
        )
        observation = flat(following)
    return recorder.finish(observation, outcome=outcome, terminated=terminated)
