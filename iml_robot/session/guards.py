"""Keeps a session going where a policy or an environment fails in the middle of a drive."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.interfaces import Policy
from iml_robot.core.outcome import outcome_of
from iml_robot.core.types import FloatArray
from iml_robot.session.watchdog import HungError, Unwatched

LOGGER = logging.getLogger(__name__)

ENV_FAULT = "env_fault"
"""Outcome of an episode whose environment failed."""
POLICY_FAULT = "policy_fault"
"""Outcome of an episode whose policy never came back."""


@dataclass(frozen=True)
class Followed:
    """What followed an action.

    Attributes:
        observation: What is seen then, shape (obs_dim,).
        reward: Reward of the step.
        info: What the environment said.
        terminated: True if the task ended the episode.
        outcome: How the episode ended; "" if it goes on.
    """

    observation: FloatArray
    reward: float = 0.0
    info: dict[str, Any] = field(default_factory=dict)
    terminated: bool = False
    outcome: str = ""


def wanted_by(
    policy: Policy, observation: FloatArray, act_dim: int, *, watch: Unwatched, first: bool
) -> tuple[FloatArray, str]:
    """Return what a policy wants, and how the episode ends by that; "": it goes on.

    A policy that fails wants no numbers, which the arbiter refuses.

    Args:
        policy: The policy.
        observation: What it sees, shape (obs_dim,).
        act_dim: Size of an action.
        watch: Interrupts a policy that never comes back.
        first: Whether it is asked for the first time in an episode; see `follow`.

    Raises:
        InfrastructureError: If it does not come back even the first time.
    """
    nothing = np.full(act_dim, np.nan, np.float32)
    try:
        with watch.over("the policy", first=first):
            return policy.act(observation), ""
    except HungError as error:
        watch.end()
        _refuse_to_begin(error, first=first)
        LOGGER.error("%s; the episode ends at the step before", error)
        return nothing, POLICY_FAULT
    except Exception:
        # Somebody else's code may be in there; the robot must stand still, and the person
        # must not lose the session to it.
        LOGGER.exception("the policy failed; the robot stands still")
        return nothing, ""


def follow(
    env: Any, action: FloatArray, before: FloatArray, *, watch: Unwatched, first: bool
) -> Followed:
    """Let the robot do something; an environment that fails ends the episode.

    Args:
        env: The environment.
        action: What the robot does, shape (act_dim,).
        before: What was seen before, shape (obs_dim,).
        watch: Interrupts an environment that never comes back.
        first: Whether it is the first action of the episode. Where even that fails, so
            will the next episode, and the error is passed on.

    Raises:
        InfrastructureError: If it does not come back even the first time.
    """
    try:
        with watch.over("the environment", first=first):
            seen, reward, terminated, truncated, info = env.step(action)
        observation = flat(seen)
    except HungError as error:
        watch.end()
        _refuse_to_begin(error, first=first)
        LOGGER.error("%s; the episode ends at the step before", error)
        return Followed(before, outcome=ENV_FAULT)
    except Exception:
        if first:
            raise
        LOGGER.exception("the environment failed; the episode ends at the step before")
        return Followed(before, outcome=ENV_FAULT)
    if not np.isfinite(observation).all() or not np.isfinite(reward):
        LOGGER.error("the environment returned what is no number; the episode ends")
        return Followed(before, outcome=ENV_FAULT)
    outcome = outcome_of(info, terminated=terminated, truncated=truncated)
    return Followed(observation, float(reward), info, bool(terminated), outcome)


def _refuse_to_begin(error: HungError, *, first: bool) -> None:
    """Pass an error on with which every further episode would begin.

    Raises:
        InfrastructureError: If it was the first call.
    """
    if first:
        raise InfrastructureError(
            f"{error} at the first step of an episode; mend it, then go on with --resume"
        ) from None


def flat(observation: Any) -> FloatArray:
    """Return an observation as contiguous float32."""
    return np.ascontiguousarray(observation, dtype=np.float32)
