"""Why the robot does what it does, in a few words for the display."""

from __future__ import annotations

from collections.abc import Mapping

from iml_robot.arbitration.rules.hands import RESET_HOLD_S, Hands
from iml_robot.arbitration.rules.transitions import Event
from iml_robot.core.types import Link, OperatorSignal, Request

LINK_WORDS: Mapping[Link, str] = {
    Link.OK: "",
    Link.DEVICE_REMOVED: "device removed",
    Link.FOCUS_LOST: "window has no focus",
    Link.STALE: "input is too old",
}
"""What is wrong with the link to the operator."""

PRESENCE = "are you there? press give back, or take over"
POLICY_LATE = "policy is late, robot waits for it"
ASKING = "take over, or give back to let it go on"

_CAUSES: Mapping[Event, str] = {
    Event.LOOP_STALLED: "control loop stalled",
    Event.POLICY_FAULT: "policy gave no usable action",
    Event.POLICY_SLOW: "policy is too slow",
    Event.UNANSWERED: "nobody answered",
    Event.ABSENT: "nobody answered",
}


def cause(event: Event, link: Link) -> str:
    """Return what led to a hold."""
    return _CAUSES.get(event, f"operator lost: {LINK_WORDS[link]}")


def pause_cause(event: Event, *, stalled: bool) -> str:
    """Return what led to a pause; "" if a person asked for it."""
    if event is Event.PAUSE:
        return ""
    why = "computer stood still or was too slow" if stalled else LINK_WORDS[Link.FOCUS_LOST]
    return f"{why}; pause key to go on"


def out_of_hold(link: Link, hands: Hands) -> str:
    """Return what leads out of a hold."""
    if link is not Link.OK:
        return "waiting for the operator"
    return "take control or give back" if hands.ready else "let go of all controls"


def out_of_stop(signal: OperatorSignal, hands: Hands) -> str:
    """Return what leads out of an emergency stop."""
    refused = Request.RESET in signal.requests and hands.reset_s == 0.0
    if refused and (signal.moving or signal.gripping):
        return "reset refused, let go of all controls"
    return f"hold reset for {RESET_HOLD_S:g} s"


def out_of_disarmed(
    signal: OperatorSignal, link: Link, hands: Hands, *, hand_back: bool
) -> str:
    """Return what lets the robot move again after the reset of an emergency stop."""
    if link is not Link.OK:
        return LINK_WORDS[link]
    if signal.moving or signal.gripping or not hands.ready:
        return "let go of all controls"
    grip = "grip to drive"
    return f"{grip}, or give back" if hand_back else grip
