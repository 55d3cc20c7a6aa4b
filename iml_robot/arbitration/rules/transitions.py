"""The table of who may drive after what happened."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping

from iml_robot.core.types import Mode


class Event(enum.Enum):
    """What can change the mode, in the order of its weight: the first one decides."""

    EMERGENCY_STOP = "emergency_stop"
    LINK_LOST = "link_lost"
    LOOP_STALLED = "loop_stalled"
    PAUSE = "pause"
    UNWATCHED = "unwatched"
    RESET_HELD = "reset_held"
    TAKE = "take"
    GIVE_BACK = "give_back"
    LET_GO = "let_go"
    BLENDED = "blended"
    UNANSWERED = "unanswered"
    ABSENT = "absent"
    ASKED = "asked"
    WITHDRAWN = "withdrawn"
    POLICY_FAULT = "policy_fault"
    POLICY_SLOW = "policy_slow"


#: Mode after an event. What is not in here changes nothing, so that no event can lead
#: from a hold, a stop or a pause to the policy but those that a person caused on
#: purpose. `PAUSED` and `PAUSE` are not in here either: that way leads back to where
#: the pause began.
TRANSITIONS: Mapping[tuple[Mode, Event], Mode] = {
    **{(mode, Event.EMERGENCY_STOP): Mode.ESTOP for mode in Mode},
    (Mode.AUTO, Event.PAUSE): Mode.PAUSED,
    (Mode.AUTO, Event.UNWATCHED): Mode.PAUSED,
    (Mode.AUTO, Event.TAKE): Mode.HUMAN,
    (Mode.AUTO, Event.ABSENT): Mode.HOLD,
    (Mode.AUTO, Event.ASKED): Mode.ASKING,
    (Mode.AUTO, Event.POLICY_FAULT): Mode.HOLD,
    (Mode.AUTO, Event.POLICY_SLOW): Mode.HOLD,
    (Mode.ASKING, Event.PAUSE): Mode.PAUSED,
    (Mode.ASKING, Event.UNWATCHED): Mode.PAUSED,
    (Mode.ASKING, Event.TAKE): Mode.HUMAN,
    (Mode.ASKING, Event.GIVE_BACK): Mode.AUTO,
    (Mode.ASKING, Event.UNANSWERED): Mode.HOLD,
    (Mode.ASKING, Event.WITHDRAWN): Mode.AUTO,
    (Mode.ASKING, Event.POLICY_FAULT): Mode.HOLD,
    (Mode.ASKING, Event.POLICY_SLOW): Mode.HOLD,
    (Mode.HUMAN, Event.LINK_LOST): Mode.HOLD,
    (Mode.HUMAN, Event.LOOP_STALLED): Mode.HOLD,
    (Mode.HUMAN, Event.PAUSE): Mode.PAUSED,
    (Mode.HUMAN, Event.GIVE_BACK): Mode.RELEASING,
    (Mode.HUMAN, Event.LET_GO): Mode.RELEASING,
    (Mode.RELEASING, Event.LINK_LOST): Mode.HOLD,
    (Mode.RELEASING, Event.LOOP_STALLED): Mode.HOLD,
    (Mode.RELEASING, Event.PAUSE): Mode.PAUSED,
    (Mode.RELEASING, Event.TAKE): Mode.HUMAN,
    (Mode.RELEASING, Event.BLENDED): Mode.AUTO,
    (Mode.RELEASING, Event.POLICY_FAULT): Mode.HOLD,
    (Mode.RELEASING, Event.POLICY_SLOW): Mode.HOLD,
    (Mode.HOLD, Event.PAUSE): Mode.PAUSED,
    (Mode.HOLD, Event.TAKE): Mode.HUMAN,
    (Mode.HOLD, Event.GIVE_BACK): Mode.AUTO,
    (Mode.ESTOP, Event.RESET_HELD): Mode.DISARMED,
    (Mode.DISARMED, Event.PAUSE): Mode.PAUSED,
    (Mode.DISARMED, Event.TAKE): Mode.HUMAN,
    (Mode.DISARMED, Event.GIVE_BACK): Mode.AUTO,
}


def deciding_event(mode: Mode, events: Collection[Event]) -> Event | None:
    """Return the weightiest event that means something in this mode, or None."""
    for event in Event:
        resumes = mode is Mode.PAUSED and event is Event.PAUSE
        if event in events and (resumes or (mode, event) in TRANSITIONS):
            return event
    return None
