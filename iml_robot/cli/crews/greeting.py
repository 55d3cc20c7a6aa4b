"""What somebody reads before the first episode: what happens, and what to press."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = (
    "The policy drives until you take over; steer at any time, and you drive at once.",
    "Let go for half a second, or give back, and the policy drives on.",
    "What you did becomes training data; the policy learns after each episode.",
)
_TAKES_OVER = "(takes over)"
_TOLD = ("EMERGENCY STOP", "give back to the policy", "pause, go on")


def greeting(
    bindings: Sequence[tuple[str, str]], help_line: tuple[str, str]
) -> tuple[str | tuple[str, ...], ...]:
    """Return sentences, and rows of a table with what is really bound.

    Args:
        bindings: What to press and what it does, as the devices say.
        help_line: What shows all keys.
    """
    steering = [line for line in bindings if _TAKES_OVER in line[1]]
    others = [line for told in _TOLD for line in bindings if line[1] == told]
    rows = [*steering, *others, *([help_line] if help_line[0] else [])]
    return (*WORDS, *((label, does) for label, does in rows))
