"""A scripted driver that says what it would do at a moment."""

from __future__ import annotations

from typing import Any, Protocol

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Episode, FloatArray
from iml_robot.robots.environment import extra

WATCHED_STEPS = 60
"""A driver sees so much of what led to a moment: 3 s."""


class Driver(Protocol):
    """A driver that an environment offers through `make_pilot`."""

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        ...

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action the driver would take, shape (act_dim,)."""
        ...


class PilotAdviser:
    """Answers for the simulated operator, with the same scripted driver.

    Args:
        pilot: The driver.

    Attributes:
        name: Under which answers are kept.
        reason: Always "": it sees what the policy saw.
    """

    name = "simulated"
    reason = ""

    def __init__(self, pilot: Driver) -> None:
        self._pilot = pilot

    @classmethod
    def of(cls, env: Any) -> PilotAdviser:
        """Return the adviser of an environment.

        Raises:
            UsageError: If it offers no driver.
        """
        make = extra(env, "make_pilot")
        if make is None:
            raise UsageError(
                "this environment offers no pilot that a simulated operator could ask at "
                "single moments (make_pilot); set preferences.moments to 0, or drive it "
                "yourself with --operator human"
            )
        return cls(make())

    def advise(self, episode: Episode, step: int) -> FloatArray:
        """Return what the driver does before a step, having seen what led to it."""
        self._pilot.reset(seed=episode.info.seed)
        first = max(0, step - WATCHED_STEPS)
        for seen in episode.observations[first:step]:
            self._pilot.act(seen)
        return self._pilot.act(episode.observations[step])
