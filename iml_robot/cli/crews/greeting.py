"""What somebody reads before the first episode: what happens, and what to press."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from iml_robot.station.window import DriveWindow

WORDS = (
    "The policy drives. Steer at any time, and you drive at once.",
    "Let go for half a second, or give back, and the policy drives on.",
    "What you did becomes training data; the policy learns after each episode.",
)
DEMONSTRATING = (
    "You drive whole episodes, from the first step to the last.",
    "The robot stands still while you let go of the controls.",
    "What you did becomes training data; the policy learns after each episode.",
)
"""The same where the person demonstrates."""
_TAKES_OVER = " (takes over)"
_GIVE_BACK = "give back to the policy"
_REWIND = "rewind some seconds"
_TOLD = ("EMERGENCY STOP", _GIVE_BACK, _REWIND, "pause, go on")


def greet(
    window: DriveWindow, title: str, *, demonstrating: bool, rewinding: bool = False
) -> None:
    """Show the page until the person goes on.

    Args:
        window: The window, which knows what is bound.
        title: Heading.
        demonstrating: Whether the person drives whole episodes.
        rewinding: Whether episodes can be taken back while they are driven.
    """
    words = DEMONSTRATING if demonstrating else WORDS
    help_line = window.controls.help_line
    left_out = {_GIVE_BACK} if demonstrating else set()
    if not rewinding:
        left_out.add(_REWIND)
    keys = first_keys(window.bindings, help_line, left_out)
    window.show_message(title, words, keys=keys, timeout_s=None)


def first_keys(
    bindings: Sequence[tuple[str, str]],
    help_line: tuple[str, str],
    left_out: Collection[str] = (),
) -> list[tuple[str, str]]:
    """Return the keys and buttons that nobody can begin without, as they are bound.

    Args:
        bindings: What to press and what it does, as the devices say.
        help_line: What shows all keys.
        left_out: Meanings of keys that are of no use, such as giving back.
    """
    wanted = [does for does in _TOLD if does not in left_out]
    told: dict[str, list[str]] = {}
    for label, meaning in bindings:
        if meaning in wanted or meaning.endswith(_TAKES_OVER):
            told.setdefault(meaning.removesuffix(_TAKES_OVER), []).append(label)
    steering = [meaning for meaning in told if meaning not in wanted]
    others = [meaning for meaning in wanted if meaning in told]
    lines = [(_one_way_each(told[does]), does) for does in (*steering, *others)]
    return [*lines, help_line] if help_line[0] else lines


def _one_way_each(labels: Sequence[str]) -> str:
    """Return all that one device has, or one way for each of several devices."""
    if len(labels) == 1:
        return labels[0]
    return " or ".join(label.split(" or ")[0] for label in labels)
