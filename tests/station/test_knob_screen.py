"""A person turns knobs: each key, and what comes back."""

import itertools

import pygame
import pytest
from screen_rig import closing, key, knobs, tap, typed

from iml_robot.core.feedback import WeightEdit
from iml_robot.station.knobs.screen import KnobScreen


@pytest.fixture
def pump(scripted_pump):
    return scripted_pump


def edited(stage, pump, *presses, given=(), **options):
    """The edits after presses, one every 0.2 s, and Enter."""
    for number, events in enumerate(presses, 1):
        pump.at(number * 0.2, *events)
    pump.at((len(presses) + 1) * 0.2, *tap("RETURN"))
    return KnobScreen(stage, **options).edit(knobs(edits=given))


PLUS = (typed("+", code=pygame.K_EQUALS, place="EQUALS"),)
MINUS = (typed("-", code=pygame.K_MINUS, place="MINUS"),)


@pytest.mark.parametrize(
    ("presses", "edits"),
    [
        ([], ()),
        ([tap("RIGHT")], (WeightEdit("progress", 0.95),)),
        ([tap("LEFT")], (WeightEdit("progress", 0.85),)),
        ([tap("DOWN"), tap("RIGHT")], (WeightEdit("clearance", -0.65),)),
        ([tap("DOWN"), tap("UP"), tap("RIGHT")], (WeightEdit("progress", 0.95),)),
        ([tap("l")], (WeightEdit("progress", 0.9, locked=True),)),
        ([PLUS], (WeightEdit("progress", sign=1),)),
        ([MINUS], (WeightEdit("progress", sign=-1),)),
        ([tap("RIGHT"), tap("BACKSPACE")], ()),
    ],
)
def test_every_key_does_what_the_screen_says(stage, pump, presses, edits):
    assert edited(stage, pump, *presses) == edits


def test_holding_turns_on_and_then_faster(stage, pump):
    seen, shown = [], stage.show
    board = KnobScreen(
        stage, conflicts=lambda edits: seen.append((pump.now_s, edits)) or {}
    )
    stage.show = shown
    pump.at(0.0, key("LEFT"))
    pump.at(2.5, key("LEFT", kind=pygame.KEYUP))
    pump.at(3.0, *tap("RETURN"))
    (edit,) = board.edit(knobs())
    weights = [(time_s, edits[0].weight) for time_s, edits in seen if edits]
    slow = [w for t, w in weights if t < 1.4]
    fast = [w for t, w in weights if t > 1.6]
    # 0.05 a step at first, 0.25 a step later.
    assert {round(a - b, 3) for a, b in itertools.pairwise(slow)} == {0.05}
    assert 0.25 in {round(a - b, 3) for a, b in itertools.pairwise(fast)}
    assert edit.weight < -2


def test_escape_leaves_everything_as_it_was(stage, pump):
    given = (WeightEdit("tilt", -1.0),)
    pump.at(0.2, *tap("RIGHT"))
    pump.at(0.4, *tap("ESCAPE"))
    assert KnobScreen(stage).edit(knobs(edits=given)) == given


def test_a_late_answer_to_the_last_question_turns_nothing(stage, pump):
    late = edited(stage, pump, tap("RIGHT"), tap("l"), tap("LEFT"), deaf_s=0.5)
    assert late == (WeightEdit("progress", 0.85),)


def test_a_closed_window_leaves_everything_as_it_was(stage, pump):
    given = (WeightEdit("tilt", -1.0),)
    pump.at(0.2, *tap("RIGHT"))
    pump.at(0.4, closing())
    assert KnobScreen(stage).edit(knobs(edits=given)) == given
    assert stage.closed


def test_an_unknown_key_does_nothing_and_says_so(stage, pump):
    seen, shown = set(), stage.show

    def show():
        seen.update(p.text for p in stage.texts)
        return shown()

    stage.show = show
    assert edited(stage, pump, tap("z", typed="z")) == ()
    assert "'Z' does nothing here. F1 shows the keys." in seen


def test_everything_about_a_feature_is_on_the_screen(stage, pump):
    seen, shown = set(), stage.show

    def show():
        seen.update(p.text for p in stage.texts)
        return shown()

    stage.show = show
    lines = {"progress": "12 answers speak against this edit"}
    pump.at(0.5, *tap("RETURN"))
    edit = WeightEdit("progress", -1.0, locked=True, sign=-1)
    KnobScreen(stage).edit(knobs(edits=(edit,), conflicts=lines))
    wanted = {"progress", "way towards the goal", "yours -1.00, locked, always -"}
    assert wanted | {"! 12 answers speak against this edit", "-0.70 ± 0.50"} <= seen


def test_conflicts_are_asked_for_after_each_change(stage, pump):
    asked = []

    def conflicts(edits):
        asked.append(edits)
        return {"progress": f"{len(asked)} answers"}

    edits = edited(stage, pump, tap("RIGHT"), tap("DOWN"), tap("l"), conflicts=conflicts)
    assert len(asked) == 2
    assert asked[-1] == edits


def test_the_help_is_closed_by_any_key_which_then_does_nothing(stage, pump):
    assert edited(stage, pump, tap("F1"), tap("RIGHT")) == ()


def test_a_reward_without_features_has_no_knobs(stage):
    empty = knobs(0)
    assert KnobScreen(stage).edit(empty) == ()
