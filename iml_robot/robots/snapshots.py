"""The last seconds of a running episode, kept so that one can go back to them."""

from __future__ import annotations

from collections import deque
from typing import Any

from iml_robot.robots.environment import extra

EVERY_STEPS = 3
"""A snapshot in so many control steps: 7 a second at 20 Hz."""


class Snapshots:
    """A ring of snapshots of an environment, each with its control step since the reset.

    Args:
        env: The environment, with its wrappers.
        steps: How far one wants to go back at once [control steps].
        times: How often one after the other.
    """

    def __init__(self, env: Any, *, steps: int, times: int = 1) -> None:
        self._env = env
        self._steps = steps
        self._take = extra(env, "get_state")
        self._restore = extra(env, "set_state")
        self._ring: deque[tuple[int, bytes]] = deque(
            maxlen=times * (steps // EVERY_STEPS + 2)
        )

    @property
    def possible(self) -> bool:
        """Whether the environment can be put back into a state."""
        return self._take is not None and self._restore is not None

    def clear(self) -> None:
        """Forget everything: another episode begins."""
        self._ring.clear()

    def keep(self, step: int) -> None:
        """Take a snapshot, if it is time for one.

        Args:
            step: Control steps since the reset.
        """
        if step % EVERY_STEPS == 0:
            self._ring.append((step, self._take()))

    def newest_before(self, step: int) -> int | None:
        """Return the step of the snapshot that lies far enough back, or of the first.

        Args:
            step: Control steps since the reset.
        """
        steps = [kept for kept, _ in self._ring]
        far = [kept for kept in steps if kept <= step - self._steps]
        return far[-1] if far else next(iter(steps), None)

    def go_back(self, step: int) -> tuple[Any, dict[str, Any]]:
        """Put the environment back; return what a reset returns.

        Snapshots of before stay, so that one can go back farther; later ones go.

        Args:
            step: Control steps since the reset; there must be a snapshot of it.
        """
        state = next(state for kept, state in self._ring if kept == step)
        while self._ring[-1][0] > step:
            self._ring.pop()
        found: tuple[Any, dict[str, Any]] = self._restore(state)
        layer = self._env
        while layer is not layer.unwrapped:
            # Gymnasium's TimeLimit counts by itself: nobody gets more time by going back.
            if hasattr(layer, "_elapsed_steps"):
                layer._elapsed_steps = step
            layer = layer.env
        return found
