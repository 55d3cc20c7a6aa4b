"""From the review of an episode a person drives on from any of its steps, by keys alone."""

import pygame
import pytest
import screen_rig as rig
from quiet_progress import Quiet

from iml_robot.cli.crews.reviewing import Reviewer
from iml_robot.core.config import load_config
from iml_robot.core.types import OperatorSignal, Source
from iml_robot.data.judgements import Judgements
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.session.chains import joined
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_arbiter,
    build_env,
    build_rewinding,
    build_session,
)
from iml_robot.station.kept_settings import KeptSettings

np = rig.np


class Person:
    """Drives off the map at first, and the other way once that was taken back."""

    def reset(self, *, seed):
        self._steps = 0

    def advise(self, observation, policy_action, info):
        self._steps += 1
        if self._steps < 60:
            wanted = np.array([0.1 * np.sin(self._steps), 0.1], np.float32)
        else:
            wanted = np.array([-1.0, 0.3], np.float32)
        return OperatorSignal(action=wanted, gripping=True)


@pytest.fixture
def pump(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield rig.ScriptedPump(monkeypatch)
    pygame.display.quit()


def drive(folder, pump, presses, *, spoil=None):
    """One drive with its reviews; each review presses the next keys of the list."""
    config = load_config("point", ["learner.updates=1", "trainer=blocking"])
    (folder / "policies").mkdir()
    with SessionStore.create(folder / "session.db") as store:
        env = build_env(config)
        loop = Loop(
            env=env,
            operator=Person(),
            arbiter=build_arbiter(config, env),
            recorder=SessionRecorder(store),
            view=NullView(),
            pacer=FullSpeedPacer(0.05),
            rewinding=build_rewinding(config, env, people=True),
        )
        session = build_session(config, loop, folder=folder, store=store, progress=Quiet())
        stage = pump.stage()
        reviewer = Reviewer(stage, KeptSettings(), config.env.id, dt_s=0.05, store=store)
        waiting = list(presses)

        def judge(episode, take_up):
            if spoil is not None:
                spoil(env, len(presses) - len(waiting))
            for count, name in enumerate(waiting.pop(0)):
                typed = name if len(name) == 1 else ""
                pump.at(0.6 + 0.2 * count, *rig.tap(name, typed=typed))
            return reviewer.judge(episode, take_up)

        session.judge = judge
        session.start()
        session.run(1)
        reviews = Judgements(store).reviews()
        reviewer.close()
        stage.close()
        env.close()
    assert not waiting
    return session, reviews


def test_a_moment_long_before_the_end_is_driven_on_from_bit_for_bit(tmp_path, pump):
    # To the start, 1 s on, drive; in the second review back into what came before it.
    far = ["j"] * 3
    keys = [
        [*far, *["RIGHT"] * 10, "z"],
        [*far, *["RIGHT"] * 4, "z"],
        ["RETURN"],
    ]
    session, reviews = drive(tmp_path, pump, keys)
    first, second, third = session.episodes
    assert (first.info.rewound_to, second.info.begins_at) == (20, 20)
    assert (second.info.rewound_to, third.info.begins_at) == (8, 8)
    assert (second.info.continues, third.info.continues) == (0, 1)
    np.testing.assert_array_equal(second.observations[0], first.observations[20])
    np.testing.assert_array_equal(third.observations[0], first.observations[8])
    np.testing.assert_array_equal(third.prelude, first.executed_actions[:8])
    assert [reviews[n].rewind_to_step for n in (0, 1, 2)] == [20, 8, None]
    assert session.begun == len({e.info.seed for e in session.episodes}) == 1
    # All that was driven is on record, and no more than what was not rewound is left.
    driven = sum(map(len, session.episodes))
    rewound = sum(episode.rewound_steps for episode in session.episodes)
    whole = joined(session.episodes)
    assert len(whole) == driven - rewound == 8 + len(third)
    np.testing.assert_array_equal(whole.observations[:9], first.observations[:9])
    assert (whole.sources == Source.OPERATOR).all()
    with SessionStore.read(tmp_path / "session.db") as store:
        for one, other in zip(store.episodes(), session.episodes, strict=True):
            assert one.info == other.info
            np.testing.assert_array_equal(one.prelude, other.prelude)


def test_what_cannot_be_restored_is_said_and_the_episode_counts_as_it_is(tmp_path, pump):
    def spoil(env, count):
        env.unwrapped.step = lambda action: (np.zeros(6, np.float32), 0.0, False, False, {})

    shown = set()
    usual = pump.stage

    def stage():
        made = usual()
        show = made.show
        made.show = lambda: (shown.update(p.text for p in made.texts), show())[1]
        return made

    pump.stage = stage
    session, reviews = drive(
        tmp_path, pump, [["j", "j", "RIGHT", "z", "RETURN"]], spoil=spoil
    )
    (episode,) = session.episodes
    assert episode.info.rewound_to is None
    assert reviews[0].rewind_to_step is None
    assert "One cannot drive on from here." in shown
    assert any("goes another way when it is driven again" in text for text in shown)
