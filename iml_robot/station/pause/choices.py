"""What can be chosen in a pause, and what the arbiter is told then."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import replace

from iml_robot.core.types import OperatorSignal, Request


class PauseChoice(enum.Enum):
    """What a person chose in the pause menu."""

    RESUME = "resume"
    REWIND = "rewind"
    RESTART_KEEPING = "restart_keeping"
    """To drive the same episode again; what was recorded of this one counts."""
    RESTART_DISCARDING = "restart_discarding"
    """The same, and nothing may be learned from this one."""
    END_EPISODE = "end_episode"
    TAKE_BACK = "take_back"
    """To drive with the policy before this one from the next episode on; chosen again, it
    is as if nothing had been chosen."""
    SETTINGS = "settings"
    END_SESSION = "end_session"

    @property
    def requests(self) -> frozenset[Request]:
        """What the arbiter is asked for; empty: the pause goes on."""
        return _REQUESTS.get(self, frozenset())


# A pause ends by its own request, so that the arbiter decides as always: only where the
# controls are at rest does it go on with what it did.
_REQUESTS: Mapping[PauseChoice, frozenset[Request]] = {
    PauseChoice.RESUME: frozenset({Request.PAUSE}),
    PauseChoice.REWIND: frozenset({Request.REWIND}),
    PauseChoice.RESTART_KEEPING: frozenset({Request.END_EPISODE}),
    PauseChoice.RESTART_DISCARDING: frozenset({Request.END_EPISODE}),
    PauseChoice.END_EPISODE: frozenset({Request.END_EPISODE}),
    PauseChoice.END_SESSION: frozenset({Request.QUIT}),
}

# A closed window ends the session and a stop stops, whatever is on the screen. Every other
# key means something else while the menu is open.
_PASSING = frozenset({Request.EMERGENCY_STOP, Request.RESET, Request.QUIT})


def spoken(signal: OperatorSignal, choice: PauseChoice | None) -> OperatorSignal:
    """Return what the operator says while the menu is open.

    Args:
        signal: What the devices say; keys that lead through the menu may mean requests
            there.
        choice: What was chosen at this step; None: nothing.

    Returns:
        The same signal with the requests of the choice in place of those of the keys. An
        emergency stop comes through, and nothing is chosen beside it.
    """
    requests = signal.requests & _PASSING
    if choice is not None and Request.EMERGENCY_STOP not in requests:
        requests |= choice.requests
    return replace(signal, requests=requests)
