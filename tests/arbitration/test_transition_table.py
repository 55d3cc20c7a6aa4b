"""Every state times every event, against a table written down from the design."""

import pytest
from driving import (
    NAN,
    Drive,
    asking_for_help,
    disarmed,
    disarmed_and_bumped,
    driven_by_grip,
    driven_by_motion,
    driven_by_policy,
    gripping,
    held_and_deflected,
    held_and_ready,
    moving,
    neutral,
    paused_disarmed,
    paused_operator,
    paused_policy,
    releasing,
    seized,
    stopped,
)

from iml_robot.arbitration.rules.transitions import TRANSITIONS, Event
from iml_robot.core.types import Link, Mode, OperatorSignal, Request

MODES = {
    "A": Mode.AUTO,
    "N": Mode.ASKING,
    "H": Mode.HUMAN,
    "R": Mode.RELEASING,
    "O": Mode.HOLD,
    "E": Mode.ESTOP,
    "D": Mode.DISARMED,
    "P": Mode.PAUSED,
}

STARTS = {
    "policy": (lambda: driven_by_policy(presence_s=90.0), "A"),
    "asks": (asking_for_help, "N"),
    "motion": (driven_by_motion, "H"),
    "grip": (driven_by_grip, "H"),
    "fade": (releasing, "R"),
    "ready": (held_and_ready, "O"),
    "held": (held_and_deflected, "O"),
    "stop": (stopped, "E"),
    "disarm": (disarmed, "D"),
    "bump": (disarmed_and_bumped, "D"),
    "pause": (paused_policy, "P"),
    "p_op": (paused_operator, "P"),
    "p_dis": (paused_disarmed, "P"),
}

STOP, RESET = Request.EMERGENCY_STOP, Request.RESET

# What happens: signal, number of steps, further arguments of one step.
EVENTS = {
    "nothing": (neutral(), 1, {}),
    "movement": (moving(), 1, {}),
    "grip": (gripping(), 1, {}),
    "grip, moved": (seized(), 1, {}),
    "take control": (neutral(Request.TAKE_CONTROL), 1, {}),
    "give back": (neutral(Request.GIVE_BACK), 1, {}),
    "give back, moved": (moving(Request.GIVE_BACK), 1, {}),
    "pause": (neutral(Request.PAUSE), 1, {}),
    "pause, moved": (moving(Request.PAUSE), 1, {}),
    "stop": (neutral(STOP), 1, {}),
    "stop, moved": (moving(STOP), 1, {}),
    "stop while lost": (neutral(STOP, link=Link.STALE), 1, {}),
    "stop and pause": (neutral(STOP, Request.PAUSE), 1, {}),
    "reset": (neutral(RESET), 1, {}),
    "reset 0.9 s": (neutral(RESET), 18, {}),
    "reset 1 s": (neutral(RESET), 20, {}),
    "reset 1 s, grip": (gripping(RESET), 20, {}),
    "removed": (neutral(link=Link.DEVICE_REMOVED), 1, {}),
    "removed, moving": (moving(link=Link.DEVICE_REMOVED), 1, {}),
    "focus lost": (neutral(link=Link.FOCUS_LOST), 1, {}),
    "focus lost 2 s": (neutral(link=Link.FOCUS_LOST), 40, {}),
    "input stale": (gripping(link=Link.STALE), 1, {}),
    "lost, take": (gripping(Request.TAKE_CONTROL, link=Link.STALE), 1, {}),
    "lost, give back": (neutral(Request.GIVE_BACK, link=Link.STALE), 1, {}),
    "operator NaN": (OperatorSignal(action=NAN, gripping=True), 1, {}),
    "operator silent": (OperatorSignal(), 1, {}),
    "loop stalled": (neutral(), 1, {"elapsed_s": 0.51}),
    "suspended 3 s": (neutral(), 1, {"elapsed_s": 3.0}),
    "policy NaN": (neutral(), 1, {"policy": NAN}),
    "late": (neutral(), 1, {"policy_late": True}),
    "late 5 times": (neutral(), 5, {"policy_late": True}),
    "rest 0.5 s": (neutral(), 10, {}),
    "nothing for 8 s": (neutral(), 160, {}),
    "nothing for 95 s": (neutral(), 1900, {}),
    "end episode": (neutral(Request.END_EPISODE), 1, {}),
    "quit": (neutral(Request.QUIT), 1, {}),
}

# The mode after the event, for each start: written down from docs/safety.md, by hand.
TABLE = """\
event            | policy asks motion grip fade ready held stop disarm bump pause p_op p_dis
nothing          | A      N    H      R    R    O     O    E    D      D    P     P    P
movement         | H      H    H      R    H    H     O    E    D      D    P     P    P
grip             | H      H    H      H    H    H     O    E    H      D    P     P    P
grip, moved      | H      H    H      H    H    H     O    E    D      D    P     P    P
take control     | H      H    H      R    H    H     O    E    H      D    P     P    P
give back        | A      A    R      R    R    A     O    E    A      D    P     P    P
give back, moved | H      H    R      R    H    H     O    E    D      D    P     P    P
pause            | P      P    P      P    P    P     P    E    P      P    A     H    D
pause, moved     | P      P    P      P    P    P     P    E    P      P    A     O    D
stop             | E      E    E      E    E    E     E    E    E      E    E     E    E
stop, moved      | E      E    E      E    E    E     E    E    E      E    E     E    E
stop while lost  | E      E    E      E    E    E     E    E    E      E    E     E    E
stop and pause   | E      E    E      E    E    E     E    E    E      E    E     E    E
reset            | A      N    H      R    R    O     O    E    D      D    P     P    P
reset 0.9 s      | A      N    A      A    A    O     O    E    D      D    P     P    P
reset 1 s        | A      N    A      A    A    O     O    D    D      D    P     P    P
reset 1 s, grip  | H      H    H      H    H    H     O    E    H      D    P     P    P
removed          | A      N    O      O    O    O     O    E    D      D    P     P    P
removed, moving  | A      N    O      O    O    O     O    E    D      D    P     P    P
focus lost       | A      N    O      O    O    O     O    E    D      D    P     P    P
focus lost 2 s   | P      P    O      O    O    O     O    E    D      D    P     P    P
input stale      | A      N    O      O    O    O     O    E    D      D    P     P    P
lost, take       | A      N    O      O    O    O     O    E    D      D    P     P    P
lost, give back  | A      N    O      O    O    O     O    E    D      D    P     P    P
operator NaN     | A      N    O      O    O    O     O    E    D      D    P     P    P
operator silent  | A      N    O      R    R    O     O    E    D      D    P     P    P
loop stalled     | A      N    O      O    O    O     O    E    D      D    P     P    P
suspended 3 s    | P      P    O      O    O    O     O    E    D      D    P     P    P
policy NaN       | O      O    H      O    O    O     O    E    D      D    P     P    P
late             | A      N    H      R    R    O     O    E    D      D    P     P    P
late 5 times     | O      O    H      O    O    O     O    E    D      D    P     P    P
rest 0.5 s       | A      N    R      A    A    O     O    E    D      D    P     P    P
nothing for 8 s  | A      O    A      A    A    O     O    E    D      D    P     P    P
nothing for 95 s | O      O    A      A    A    O     O    E    D      D    P     P    P
end episode      | A      N    H      R    R    O     O    E    D      D    P     P    P
quit             | A      N    H      R    R    O     O    E    D      D    P     P    P
"""

EXPECTED = dict(
    (part.strip() for part in line.split("|")) for line in TABLE.splitlines()[1:]
)


def cells():
    for event, row in EXPECTED.items():
        for start, letter in zip(STARTS, row.split(), strict=True):
            yield pytest.param(start, event, MODES[letter], id=f"{start}-{event}")


@pytest.mark.parametrize("start", STARTS)
def test_every_start_is_the_mode_that_it_says(start):
    make, letter = STARTS[start]
    assert make().mode is MODES[letter]


def test_the_table_has_a_row_for_every_event_and_a_start_in_every_mode():
    assert TABLE.splitlines()[0].split("|")[1].split() == list(STARTS)
    assert set(EXPECTED) == set(EVENTS)
    assert {letter for _, letter in STARTS.values()} == set(MODES)


@pytest.mark.parametrize(("start", "event", "mode"), cells())
def test_the_arbiter_follows_the_table(start, event, mode):
    drive: Drive = STARTS[start][0]()
    signal, steps, others = EVENTS[event]
    assert drive(signal, steps=steps, **others).mode is mode


def test_only_requests_of_a_person_lead_from_a_standstill_to_the_policy():
    ways = {
        event
        for (mode, event), goal in TRANSITIONS.items()
        if mode in (Mode.HOLD, Mode.ESTOP, Mode.DISARMED)
        and goal in (Mode.AUTO, Mode.ASKING, Mode.RELEASING)
    }
    assert ways == {Event.GIVE_BACK}


def test_nothing_moves_right_after_an_emergency_stop():
    goals = {goal for (mode, _), goal in TRANSITIONS.items() if mode is Mode.ESTOP}
    assert goals == {Mode.ESTOP, Mode.DISARMED}
