"""Sessions in which policies are refused, undone, or learned in the background."""

import hashlib
from dataclasses import dataclass, field

import pytest
import torch
from quiet_progress import Quiet
from run_to_end import run_to_end

from iml_robot.core.config import load_config
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.operators import OPERATORS
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.judging import COUNTS, Judged
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_arbiter,
    build_env,
    build_learner,
    build_session,
    build_trainer,
)
from iml_robot.session.report import markdown
from iml_robot.session.results import RunResult
from iml_robot.training.background import BackgroundTrainer
from iml_robot.training.trainer import Trainer
from iml_robot.training.verdict import Verdict

pytestmark = pytest.mark.slow


class Judge:
    """Says what it was told to, and then yes."""

    def __init__(self, *answers):
        self._answers = list(answers)

    def judge(self, candidate, current, episodes):
        answer = self._answers.pop(0) if self._answers else True
        return Verdict(answer, "as told", {"margin": 0.5})


@dataclass
class Rig:
    """A session on the point in a folder that may hold one already."""

    folder: object
    trainer: str = "blocking"
    answers: tuple = ()
    undo_after: tuple = ()
    judged: dict = field(default_factory=dict)
    driven: list = field(default_factory=list)

    def run(self, episodes, *, resume=False):
        config = load_config("point", [f"trainer={self.trainer}", "learner.updates=5"])
        (self.folder / "policies").mkdir(exist_ok=True)
        opened = SessionStore.resume if resume else SessionStore.create
        with opened(self.folder / "session.db") as store:
            env = build_env(config)
            operator = OPERATORS.build("simulated", env, options={"preset": "ideal"})
            loop = Loop(
                env=env,
                operator=operator,
                arbiter=build_arbiter(config, env),
                recorder=SessionRecorder(store),
                view=NullView(),
                pacer=FullSpeedPacer(0.05),
            )
            session = build_session(
                config, loop, folder=self.folder, store=store, progress=Quiet()
            )
            if self.answers:
                session.trainer = Trainer(
                    build_learner(config, env, seed=0),
                    lambda n: self.folder / "policies" / f"{n:04d}.safetensors",
                    acceptance=Judge(*self.answers),
                )
            session.undo_requested = lambda: len(session.episodes) in self.undo_after
            session.judge = lambda episode, _: self.judged.get(
                episode.info.episode_id, COUNTS
            )
            run_to_end(session, env, episodes, resume=resume)
        return session


def kinds(folder):
    with SessionStore.read(folder / "session.db") as store:
        return [e.kind for e in store.events() if e.kind.startswith("policy_")]


def drove(session):
    return [row.policy_version for row in session.rows]


def network_of(folder, version):
    return load_policy(folder / "policies" / f"{version:04d}.safetensors").network


def test_a_refused_policy_never_drives_and_the_report_says_why(tmp_path):
    session = Rig(tmp_path, answers=(True, False)).run(4)
    assert all(row.takeovers for row in session.rows)
    assert drove(session) == [0, 1, 1, 2]
    accepted, refused = "policy_accepted", "policy_refused"
    assert kinds(tmp_path) == [accepted, refused, accepted, accepted]
    assert (tmp_path / "policies" / "0002-refused.safetensors").is_file()
    text = markdown(
        RunResult("a", "b", "c", "d", 0, episodes=tuple(session.rows)), picture="p.png"
    )
    assert "- after episode 0: policy 1 accepted: as told" in text
    assert "- after episode 1: policy 1 stays, its successor refused: as told" in text
    assert session.rows[0].figures["margin"] == 0.5


def test_every_policy_on_record_is_the_file_that_drove(tmp_path):
    Rig(tmp_path, answers=(True, False)).run(3)
    with SessionStore.read(tmp_path / "session.db") as store:
        records = store.policies()
    assert [record.version for record in records] == [0, 1, 2]
    assert [len(record.episodes) for record in records] == [0, 1, 3]
    for record in records:
        content = (tmp_path / record.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record.sha256


def test_an_undone_policy_drives_no_more_also_in_a_resumed_session(tmp_path):
    session = Rig(tmp_path, undo_after=(2,)).run(3)
    # Policy 1 drove the second episode and was undone; policy 2 was learned from the
    # first one, on both episodes.
    assert drove(session) == [0, 1, 2]
    assert session.trainer.versions.good == (0, 2, 3)
    assert kinds(tmp_path)[1] == "policy_rolled_back"
    assert session.rows[1].decisions[0].startswith("policy 1 taken back by the operator")
    resumed = Rig(tmp_path).run(4, resume=True)
    assert drove(resumed) == [0, 1, 2, 3]
    assert resumed.trainer.versions.good == (0, 2, 3, 4)
    straight = tmp_path / "straight"
    straight.mkdir()
    Rig(straight, undo_after=(2,)).run(4)
    assert_equal_networks(network_of(straight, 4), network_of(tmp_path, 4))


def assert_equal_networks(first, second):
    first, second = first.state_dict(), second.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_was_not_learned_in_time_is_learned_when_the_session_goes_on(
    tmp_path, monkeypatch
):
    # As if the program had been killed while the process was learning.
    monkeypatch.setattr(BackgroundTrainer, "finish", lambda self, **_: self._result())
    rig = Rig(tmp_path, trainer="{name: background, wait_s: 0.0}")
    stopped = rig.run(3)
    assert drove(stopped) == [0, 0, 0]
    monkeypatch.undo()
    resumed = rig.run(3, resume=True)
    assert resumed.trainer.version == 1
    with SessionStore.read(tmp_path / "session.db") as store:
        assert store.policies()[-1].episodes == (0, 1, 2)
        assert store.value("progress")["learned"] == 3
    assert len(resumed.rows) == 3
    assert resumed.rows[-1].update_s > 0


@pytest.mark.parametrize(
    ("name", "people", "kind"),
    [
        ("auto", False, Trainer),
        ("auto", True, BackgroundTrainer),
        ("blocking", True, Trainer),
        ("background", False, BackgroundTrainer),
    ],
)
def test_nobody_waits_where_a_person_drives(tmp_path, name, people, kind):
    config = load_config("point", [f"trainer={name}"])
    env = build_env(config)
    assert type(build_trainer(config, env, tmp_path, people=people)) is kind
    env.close()


def test_nothing_is_learned_from_a_discarded_episode_also_in_a_resumed_session(tmp_path):
    judged = {1: Judged(discard="review")}
    session = Rig(tmp_path, judged=judged).run(3)
    assert drove(session) == [0, 1, 1]
    assert session.discarded == {1}
    with SessionStore.read(tmp_path / "session.db") as store:
        assert [record.episodes for record in store.policies()] == [(), (0,), (0, 2)]
        # What was driven stays in the file.
        assert len(store.episodes()) == 3
    resumed = Rig(tmp_path).run(4, resume=True)
    assert drove(resumed) == [0, 1, 1, 2]
    assert resumed.discarded == {1}
    with SessionStore.read(tmp_path / "session.db") as store:
        assert store.policies()[-1].episodes == (0, 2, 3)


def test_without_the_discarded_episode_the_session_is_the_same(tmp_path):
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    judged = {0: Judged(discard="review", again=True)}
    Rig(tmp_path / "with", judged=judged).run(3)
    Rig(tmp_path / "without").run(2)
    first, second = (network_of(tmp_path / name, 1) for name in ("with", "without"))
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_episode_is_driven_again_on_the_same_map(tmp_path):
    session = Rig(tmp_path, judged={1: Judged(again=True)}).run(4)
    seeds = [episode.info.seed for episode in session.episodes]
    assert seeds[1] == seeds[2]
    assert len(set(seeds)) == 3
