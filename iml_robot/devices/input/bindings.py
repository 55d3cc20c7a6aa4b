"""Which control does what, as data that devices act on and the window shows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean

#: Names of controls by action, for example {"give_back": ("RETURN",)}.
Bindings = Mapping[str, tuple[str, ...]]

#: What each action means to a person, the most important first. Two actions that belong
#: together share a line.
MEANINGS: Mapping[tuple[str, ...], str] = {
    ("emergency_stop",): "EMERGENCY STOP",
    ("forward", "backward"): "drive (takes over)",
    ("turn_left", "turn_right"): "turn (takes over)",
    ("climb", "descend"): "climb, descend (takes over)",
    ("move_left", "move_right"): "move sideways (takes over)",
    ("grip",): "hold: you drive",
    ("give_back",): "give back to the policy",
    ("pause",): "pause, go on",
    ("reset",): "hold 1 s: reset the stop",
    ("good", "bad"): "that was good, bad",
    ("slow",): "hold: slow",
    ("shift",): "hold: the stick climbs, flies sideways",
    ("end_episode",): "end the episode",
    ("rewind",): "rewind some seconds",
}

#: Share of the command that is left while the slow control is held.
SLOW_FACTOR = 0.3

#: What moves what: action of a key -> (direction of the command, sign).
MOVEMENTS: Mapping[str, tuple[str, float]] = {
    "forward": ("forward", 1.0),
    "backward": ("forward", -1.0),
    "move_left": ("left", 1.0),
    "move_right": ("left", -1.0),
    "climb": ("up", 1.0),
    "descend": ("up", -1.0),
    "turn_left": ("turn", 1.0),
    "turn_right": ("turn", -1.0),
}

LAYOUTS = ("rover", "drone")


def check_layout(layout: str) -> str:
    """Return the layout.

    Raises:
        UsageError: If there is no such layout.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"no layout is called {layout!r}{did_you_mean(layout, LAYOUTS)}")
    return layout


def rebind(
    defaults: Bindings,
    changes: Mapping[str, str | list[str]],
    *,
    sharing: frozenset[str] = frozenset(),
) -> Bindings:
    """Return bindings with some actions on other controls.

    Args:
        defaults: Controls by action.
        changes: New controls by action, one name or several.
        sharing: Actions that may share a control with each other.

    Raises:
        UsageError: If an action is unknown, the emergency stop would be left without
            a control, or one control would do two things.
    """
    bound = dict(defaults)
    for action, controls in changes.items():
        if action not in defaults:
            raise UsageError(
                f"cannot bind the action {action!r}{did_you_mean(action, defaults)}"
            )
        names = [controls] if isinstance(controls, str) else list(controls)
        bound[action] = tuple(names)
    if not bound["emergency_stop"]:
        raise UsageError("the emergency stop needs a control, got none; name at least one")
    _refuse_conflicts(bound, sharing)
    return bound


def _refuse_conflicts(bound: Bindings, sharing: frozenset[str]) -> None:
    owners: dict[str, str] = {}
    for action, controls in bound.items():
        for control in controls:
            owner = owners.setdefault(control, action)
            if owner != action and not {owner, action} <= sharing:
                raise UsageError(
                    f"the control {control!r} is bound to both {owner!r} and {action!r}; "
                    "bind one of them to another control"
                )


def describe(
    bindings: Bindings,
    labels: Mapping[str, str],
    *,
    meanings: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """Return (label of the controls, meaning), the most important first.

    Args:
        bindings: Controls by action.
        labels: What to call a control; its own name where there is no other.
        meanings: Other meanings of some actions than `MEANINGS`.
    """
    lines = []
    for actions, usual in MEANINGS.items():
        meaning = (meanings or {}).get(actions[0], usual)
        controls = [bindings.get(action, ()) for action in actions]
        together = zip_longest(*controls, fillvalue="")
        texts = [
            "/".join(labels.get(name, name) for name in names if name) for names in together
        ]
        if any(texts):
            lines.append((" or ".join(texts), meaning))
    return lines
