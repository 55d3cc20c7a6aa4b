"""Whatever is decided, and wherever a kill strikes: nothing is lost or done twice."""

import os
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest
from quiet_progress import Quiet

from iml_robot.core.config import load_config
from iml_robot.core.types import OperatorSignal, Request
from iml_robot.data.judgements import Judgements
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.schema import connect, create_tables
from iml_robot.data.store import SessionStore
from iml_robot.data.writer import DatabaseWriter
from iml_robot.operators import OPERATORS
from iml_robot.session.chains import newest_chain
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.judging import Judged
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_arbiter,
    build_env,
    build_rewinding,
    build_session,
)

BACK, KEEP, DROP = "back", Judged(), Judged(discard="review")
AGAIN, DROP_AGAIN = Judged(again=True), Judged(discard="restarted", again=True)
PLAN = (
    ((BACK, AGAIN), False),
    ((BACK, BACK, DROP), True),
    ((DROP_AGAIN,), False),
    ((KEEP,), True),
)
"""What is said about each drive and those that it goes on in; whether F8 was pressed."""


class Hands:
    """Rewinds each failure, and drives into one where the seed says so."""

    def __init__(self, env):
        self._sober = OPERATORS.build("simulated", env, options={"demonstrates": True})

    def reset(self, *, seed):
        self._sober.reset(seed=seed)
        self._wild = seed % 2 == 0

    def advise(self, observation, policy_action, info):
        if "ended" in info:
            return OperatorSignal(requests=frozenset({Request.REWIND}))
        if self._wild:
            return OperatorSignal(action=np.array([-1, 0.3], np.float32), gripping=True)
        return self._sober.advise(observation, policy_action, info)


@dataclass
class Rig:
    """A session on the point whose drives are decided on by a plan."""

    folder: object
    plan: tuple = PLAN
    people: bool = False

    def run(self, *, resume=False):
        settings = ["rewind={back_s: 1.0, times: 1}", "learner.updates=1"]
        config = load_config("point", [*settings, "trainer=blocking"])
        (self.folder / "policies").mkdir(exist_ok=True)
        opened = SessionStore.resume if resume else SessionStore.create
        with opened(self.folder / "session.db") as store:
            env = build_env(config)
            loop = Loop(
                env=env,
                operator=Hands(env),
                arbiter=build_arbiter(config, env),
                recorder=SessionRecorder(store),
                view=NullView(),
                pacer=FullSpeedPacer(0.05),
                rewinding=build_rewinding(config, env, people=False),
            )
            session = build_session(
                config, loop, folder=self.folder, store=store, progress=Quiet()
            )
            session.redo_interrupted = not self.people
            session.judge = lambda *_: self.judged(session)
            session.undo_requested = lambda: self.plan[session.begun - 1][1]
            try:
                session.resume() if resume else session.start()
                session.run(len(self.plan))
            finally:
                session.trainer.close()
                env.close()
        return session

    def judged(self, session):
        """What the plan says; all that it depends on is on the disk."""
        said = self.plan[session.begun - 1][0]
        chain = newest_chain(session.episodes)
        # What was rewound while it was driven is not in the plan.
        taken_back = sum(e.info.rewound_to == a_third(e) for e in chain)
        answer = said[min(taken_back, len(said) - 1)]
        return Judged(back_to=a_third(chain[-1])) if answer is BACK else answer


def a_third(episode):
    return episode.info.begins_at + len(episode) // 3


class Journal:
    """Everything that a session put on its disk, in order, as a kill may leave it."""

    def __init__(self, monkeypatch, folder):
        self.groups, self.files = [], []
        usual = DatabaseWriter.put_all

        def put_all(writer, statements):
            known = [(sql, v() if callable(v) else v) for sql, v in statements]
            self.groups.append(known)
            self.files.append({f.name for f in (folder / "policies").iterdir()})
            usual(writer, known)

        monkeypatch.setattr(DatabaseWriter, "put_all", put_all)
        (folder / "policies").mkdir()
        self._folder, self.session = folder, Rig(folder).run()
        monkeypatch.undo()

    def killed_after(self, count, folder):
        """Make the folder that a kill after so many records leaves."""
        folder.mkdir()
        with closing(connect(folder / "session.db", writable=True, create=True)) as db:
            create_tables(db)
            for sql, values in (s for group in self.groups[:count] for s in group):
                db.execute(sql, values)
        (folder / "policies").mkdir()
        for name in self.files[min(count, len(self.files) - 1)]:
            content = (self._folder / "policies" / name).read_bytes()
            (folder / "policies" / name).write_bytes(content)

    def moments(self, part):
        """Where to kill: after records that are no steps, and some that are.

        Args:
            part: Of eight that share them out; all with IML_ROBOT_KILLS=all.
        """
        steps = ["INTO steps" in group[0][0] for group in self.groups]
        found = [n for n, step in enumerate(steps, 1) if not step or n % 97 == 0]
        return found if os.environ.get("IML_ROBOT_KILLS") == "all" else found[part::8]


def told(session):
    """All that a session came to, with episodes by their place."""
    places = {e.info.episode_id: place for place, e in enumerate(session.episodes)}
    with SessionStore.read(session.folder / "session.db") as store:
        assert places.keys() <= {e.info.episode_id for e in store.episodes()}
        made = [(p.version, [places[e] for e in p.episodes]) for p in store.policies()]
        kinds = [e.kind for e in store.events() if e.kind.startswith("policy_")]
    drives = [
        (e.info.seed, e.info.outcome, e.info.begins_at, e.info.rewound_to, len(e))
        for e in session.episodes
    ]
    links = [places.get(e.info.continues) for e in session.episodes]
    rows = [
        (places[r.episode_id], r.outcome, r.human_controlled_s, r.rewound_s, *r.decisions)
        for r in session.rows
    ]
    discarded = {places[e] for e in session.discarded if e in places}
    seen = np.linspace(-1, 1, 60, dtype=np.float32).reshape(10, 6)
    policy = session.trainer.versions, session.trainer.policy.act_batch(seen).tobytes()
    return drives, links, rows, discarded, policy, made, kinds


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield Journal(patch, tmp_path_factory.mktemp("whole"))


def test_the_session_has_everything_in_it_that_can_be_decided(journal):
    drives, links, rows, discarded, (versions, _), _, kinds = told(journal.session)
    assert len(rows) == len(drives)
    assert sum(link is None for link in links) == len(PLAN)
    assert discarded
    assert discarded != set(range(len(drives)))
    assert kinds.count("policy_rolled_back") == 2
    assert versions.highest >= len(versions.good)
    seeds = [seed for (seed, *_), link in zip(drives, links, strict=True) if link is None]
    assert len(set(seeds)) == 2


def test_a_simulated_session_ends_the_same_wherever_it_was_killed(journal, tmp_path):
    whole = told(journal.session)
    for count in journal.moments(0):
        folder = tmp_path / str(count)
        journal.killed_after(count, folder)
        again = Rig(folder).run(resume=True)
        assert told(again) == whole, f"killed after {count} records"
        for one, other in zip(again.episodes, journal.session.episodes, strict=True):
            assert one.observations.tobytes() == other.observations.tobytes()
            assert one.executed_actions.tobytes() == other.executed_actions.tobytes()


def test_nothing_that_a_person_did_or_said_is_lost_or_counted_twice(journal, tmp_path):
    for count in journal.moments(3):
        folder = tmp_path / str(count)
        journal.killed_after(count, folder)
        with SessionStore.read(folder / "session.db") as store:
            before = {e.info.episode_id: e for e in store.episodes()}
            dropped = Judgements(store).discarded()
        again = Rig(folder, people=True).run(resume=True)
        known = {e.info.episode_id: e for e in again.episodes}
        assert [row.episode_id for row in again.rows] == sorted(known)
        assert dropped <= again.discarded
        assert again.begun == len(PLAN)
        for number, episode in before.items():
            actions = known[number].executed_actions
            assert actions.tobytes() == episode.executed_actions.tobytes()
        continued = [e.info.continues for e in again.episodes]
        for episode in again.episodes:
            goes_on = episode.info.rewound_to is not None
            assert continued.count(episode.info.episode_id) == goes_on, count
        told(again)


@pytest.mark.parametrize("people", [False, True])
def test_a_person_may_go_on_where_nobody_was_there_and_the_other_way_round(
    journal, tmp_path, people
):
    # In the middle of the second drive, which had been gone back in once.
    drives = [n for n, g in enumerate(journal.groups) if "INTO episodes" in g[0][0]]
    folder = tmp_path / "session"
    journal.killed_after(drives[6] + 10, folder)
    first = Rig(folder, people=people).run(resume=True)
    again = Rig(folder, people=not people).run(resume=True)
    assert told(again) == told(first)
    assert len(again.rows) == len(again.episodes)
