"""Sessions on the point in which episodes can be taken back."""

from dataclasses import dataclass

from quiet_progress import Quiet
from run_to_end import run_to_end

import iml_robot_envs  # noqa: F401
from iml_robot.core.config import load_config
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import (
    build_arbiter,
    build_env,
    build_rewinding,
    build_session,
)

ENV = "iml_robot_envs:iml/Point-v0"


class KilledError(Exception):
    """Stands for kill -9."""


class Fragile(SessionRecorder):
    """A recorder that dies at a step of an episode."""

    dies_at = None

    def begin(self, info):
        self._number, self._steps = info.episode_id, 0
        super().begin(info)

    def add(self, step):
        super().add(step)
        self._steps += 1
        if (self._number, self._steps) == self.dies_at:
            raise KilledError


@dataclass
class Rig:
    """A session on the point, in a folder that may hold one already."""

    folder: object
    operator: object
    rewind: str = "{back_s: 1.0, times: 2}"
    dies_at: object = None

    def run(self, episodes, *, resume=False):
        settings = [f"rewind={self.rewind}", "learner.updates=5", "trainer=blocking"]
        config = load_config("point", settings)
        (self.folder / "policies").mkdir(exist_ok=True)
        opened = SessionStore.resume if resume else SessionStore.create
        with opened(self.folder / "session.db") as store:
            env = build_env(config)
            recorder = Fragile(store)
            recorder.dies_at = None if resume else self.dies_at
            loop = Loop(
                env=env,
                operator=self.operator.in_env(env),
                arbiter=build_arbiter(config, env),
                recorder=recorder,
                view=NullView(),
                pacer=FullSpeedPacer(0.05),
                rewinding=build_rewinding(config, env, people=False),
            )
            session = build_session(
                config, loop, folder=self.folder, store=store, progress=Quiet()
            )
            run_to_end(session, env, episodes, resume=resume)
        return session
