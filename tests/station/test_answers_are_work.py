"""Answers between episodes are work and signs of life, and no rest."""

from types import SimpleNamespace

import pytest
from screen_rig import question

from iml_robot.cli.crews.answering import Answered, fails_gold
from iml_robot.cli.crews.watching import Watching
from iml_robot.cli.label import pad_options
from iml_robot.core.config import load_config
from iml_robot.core.feedback import Answer, Purpose, Question, Reply
from iml_robot.core.station_settings import StationSettings
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.store import SessionStore
from iml_robot.devices import DEVICES
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.workload.workload import Workload


@pytest.fixture
def person(tmp_path, monkeypatch):
    """Somebody between two episodes, on a clock of their own."""
    now = [0.0]
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr("iml_robot.cli.crews.watching.time", clock)
    view = SimpleNamespace(begin=lambda start: None)
    work = Workload()
    with SessionStore.create(tmp_path / "session.db") as store:
        watching = Watching(
            view, PauseMenu(), None, facts=lambda reason: None,
            workload=work, store=store, pump=EventPump(),
        )  # fmt: skip
        yield SimpleNamespace(
            now=now, watching=watching, work=work, store=store,
            answered=Answered(work, watching),
        )  # fmt: skip


def begin(person, number):
    person.watching.begin(EpisodeInfo(number, "practice", "x", seed=0))
    return [event.kind for event in person.store.events()]


def test_who_answers_between_two_episodes_does_not_rest(person):
    assert begin(person, 0) == []
    for person.now[0] in (70.0, 140.0, 210.0):
        person.answered.hear(Reply(question(), Answer.LEFT, seconds=4.0), None)
    person.now[0] = 300.0
    assert begin(person, 1) == []
    assert person.work.figures().detail["questions"] == 3
    person.now[0] = 421.0
    assert begin(person, 2) == ["break_taken"]


def test_many_answers_bring_a_suggestion_into_the_record(person):
    for number in range(100):
        person.answered.hear(Reply(question(number), Answer.LEFT, seconds=4.0), None)
    (event,) = person.store.events()
    assert event.detail["reason"] == "you have answered 100 questions"


def test_a_plain_question_is_failed_by_the_opposite_answer_alone():
    asked = question()
    # The left one has less of the first feature, which is bad and all that counts here.
    liked = SimpleNamespace(reward=lambda features: -features[:, 0])
    gold = Question(1, asked.left, asked.right, Purpose.GOLD)
    assert asked.left.mean[0] < asked.right.mean[0]
    failed = {a for a in Answer if fails_gold(Reply(gold, a), liked)}
    assert failed == {Answer.RIGHT}
    assert not fails_gold(Reply(asked, Answer.RIGHT), liked)


def test_the_pad_that_answers_questions_is_the_persons_own():
    own = {"buttons": {"give_back": ["y"], "view": ["x"]}, "hands": "both"}
    liked = StationSettings.model_validate({"controls": own})
    settings = load_config("point", ["operator=human"])
    pad = DEVICES.build("gamepad", EventPump(), options=pad_options(settings, liked))
    assert ("Y", "give back to the policy") in pad.bindings()
    task = "operator.device_options.gamepad.buttons={give_back: b, end_episode: a}"
    settings = load_config("point", ["operator=human", task])
    pad = DEVICES.build("gamepad", EventPump(), options=pad_options(settings, liked))
    assert ("B", "give back to the policy") in pad.bindings()
