"""Every state times every event, against a table written down from the design."""

import pytest
from driving import (
    NAN,
    Drive,
    driven_by_grip,
    driven_by_motion,
    driven_by_policy,
    gripping,
    held_and_deflected,
    held_and_ready,
    moving,
    neutral,
    paused_operator,
    paused_policy,
    releasing,
    stopped,
)

from iml_robot.arbitration.rules.transitions import TRANSITIONS, Event
from iml_robot.core.types import Link, Mode, OperatorSignal, Request

MODES = {
    "A": Mode.AUTO,
    "H": Mode.HUMAN,
    "R": Mode.RELEASING,
    "O": Mode.HOLD,
    "E": Mode.ESTOP,
    "P": Mode.PAUSED,
}

STARTS = {
    "policy": (driven_by_policy, "A"),
    "motion": (driven_by_motion, "H"),
    "grip": (driven_by_grip, "H"),
    "releasing": (releasing, "R"),
    "ready": (held_and_ready, "O"),
    "deflected": (held_and_deflected, "O"),
    "stop": (stopped, "E"),
    "paused": (paused_policy, "P"),
    "paused_op": (paused_operator, "P"),
}

STOP, RESET = Request.EMERGENCY_STOP, Request.RESET

# What happens: signal, number of steps, further arguments of one step.
EVENTS = {
    "nothing": (neutral(), 1, {}),
    "movement": (moving(), 1, {}),
    "grip": (gripping(), 1, {}),
    "take control": (neutral(Request.TAKE_CONTROL), 1, {}),
    "give back": (neutral(Request.GIVE_BACK), 1, {}),
    "give back, deflected": (moving(Request.GIVE_BACK), 1, {}),
    "pause": (neutral(Request.PAUSE), 1, {}),
    "pause, deflected": (moving(Request.PAUSE), 1, {}),
    "stop": (neutral(STOP), 1, {}),
    "stop, deflected": (moving(STOP), 1, {}),
    "stop while lost": (neutral(STOP, link=Link.STALE), 1, {}),
    "stop and pause": (neutral(STOP, Request.PAUSE), 1, {}),
    "reset": (neutral(RESET), 1, {}),
    "reset 0.9 s": (neutral(RESET), 18, {}),
    "reset 1 s": (neutral(RESET), 20, {}),
    "reset 1 s, gripping": (gripping(RESET), 20, {}),
    "device removed": (neutral(link=Link.DEVICE_REMOVED), 1, {}),
    "device removed, moving": (moving(link=Link.DEVICE_REMOVED), 1, {}),
    "focus lost": (neutral(link=Link.FOCUS_LOST), 1, {}),
    "focus lost 2 s": (neutral(link=Link.FOCUS_LOST), 40, {}),
    "input stale": (gripping(link=Link.STALE), 1, {}),
    "lost and take": (gripping(Request.TAKE_CONTROL, link=Link.STALE), 1, {}),
    "lost and give back": (neutral(Request.GIVE_BACK, link=Link.STALE), 1, {}),
    "operator NaN": (OperatorSignal(action=NAN, gripping=True), 1, {}),
    "operator silent": (OperatorSignal(), 1, {}),
    "loop stalled": (neutral(), 1, {"elapsed_s": 0.51}),
    "policy NaN": (neutral(), 1, {"policy": NAN}),
    "rest 0.5 s": (neutral(), 10, {}),
    "end episode": (neutral(Request.END_EPISODE), 1, {}),
    "quit": (neutral(Request.QUIT), 1, {}),
}

# The mode after the event, for each start.
TABLE = """\
event                  | policy motion grip releasing ready deflected stop paused paused_op
nothing                | A      H      R    R         O     O         E    P      P
movement               | H      H      R    H         H     O         E    P      P
grip                   | H      H      H    H         H     O         E    P      P
take control           | H      H      R    H         H     O         E    P      P
give back              | A      R      R    R         A     O         E    P      P
give back, deflected   | H      R      R    H         H     O         E    P      P
pause                  | P      P      P    P         P     P         E    A      H
pause, deflected       | P      P      P    P         P     P         E    A      O
stop                   | E      E      E    E         E     E         E    E      E
stop, deflected        | E      E      E    E         E     E         E    E      E
stop while lost        | E      E      E    E         E     E         E    E      E
stop and pause         | E      E      E    E         E     E         E    E      E
reset                  | A      H      R    R         O     O         E    P      P
reset 0.9 s            | A      A      A    A         O     O         E    P      P
reset 1 s              | A      A      A    A         O     O         O    P      P
reset 1 s, gripping    | H      H      H    H         H     O         E    P      P
device removed         | A      O      O    O         O     O         E    P      P
device removed, moving | A      O      O    O         O     O         E    P      P
focus lost             | A      O      O    O         O     O         E    P      P
focus lost 2 s         | P      O      O    O         O     O         E    P      P
input stale            | A      O      O    O         O     O         E    P      P
lost and take          | A      O      O    O         O     O         E    P      P
lost and give back     | A      O      O    O         O     O         E    P      P
operator NaN           | A      O      O    O         O     O         E    P      P
operator silent        | A      O      R    R         O     O         E    P      P
loop stalled           | A      O      O    O         O     O         E    P      P
policy NaN             | O      H      O    O         O     O         E    P      P
rest 0.5 s             | A      R      A    A         O     O         E    P      P
end episode            | A      H      R    R         O     O         E    P      P
quit                   | A      H      R    R         O     O         E    P      P
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
        if mode in (Mode.HOLD, Mode.ESTOP) and goal in (Mode.AUTO, Mode.RELEASING)
    }
    assert ways == {Event.GIVE_BACK}
