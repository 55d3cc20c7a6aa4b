"""A session on a shipped configuration with numbered actions, in a real window.

Usage: python numbered_demo.py FOLDER. Drives one episode, learns from it, and ends.
"""

import sys
from pathlib import Path

import pygame

from iml_robot.core.config import load_config
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.pressing import person_at
from iml_robot.robots.action_names import named
from iml_robot.robots.environment import control_period_s
from iml_robot.session.loop import Loop
from iml_robot.session.parts import build_arbiter, build_env, build_session
from iml_robot.station.display import open_display
from iml_robot.station.pacing import RealTimePacer


class Picture:
    """The environment's own picture, and nothing else."""

    def __init__(self, env):
        self.env, self.surface = env, open_display((640, 480), "numbered demo")

    def begin(self, start):
        self.show(None, {})

    def show(self, step, info):
        frame = pygame.surfarray.make_surface(self.env.render().swapaxes(0, 1))
        self.surface.blit(pygame.transform.scale(frame, self.surface.get_size()), (0, 0))
        pygame.display.flip()


class Quiet:
    """Waits for nothing and says nothing but that it began."""

    def before_episode(self, number, total):
        sys.stdout.write("driving\n")
        sys.stdout.flush()
        return True

    def training(self, fraction):
        pass

    def episode(self, row, number, total):
        pass


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "policies").mkdir()
    settings = load_config("mountain_car", ["learner.updates=20", "trainer=blocking"])
    env = named(build_env(settings, render_mode="rgb_array"), settings.env.names)
    pump = EventPump()
    view = Picture(env)
    person = person_at(
        env,
        settings.env.actions,
        pump=pump,
        devices=("keyboard",),
        **settings.operator.options,
    )
    with SessionStore.create(folder / "session.db") as store:
        loop = Loop(
            env=env,
            operator=person,
            arbiter=build_arbiter(settings, env),
            recorder=SessionRecorder(store),
            view=view,
            pacer=RealTimePacer(control_period_s(env)),
        )
        session = build_session(
            settings, loop, folder=folder, store=store, progress=Quiet(), people=True
        )
        session.start()
        session.run(1)
        session.trainer.close()
    person.close()
    pygame.display.quit()


main()
