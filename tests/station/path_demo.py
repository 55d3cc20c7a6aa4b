"""A process in which a rover can be driven along a way drawn in a real window.

Usage: python path_demo.py SECONDS. Prints a line of JSON at every control step.
"""

import json
import sys
import time

import numpy as np
import pygame

from iml_robot.arbitration import ARBITERS
from iml_robot.core.types import Mode
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.drawing.drawing import DrawingOperator
from iml_robot.operators.human import HumanOperator
from iml_robot.robots.environment import extra, make_env
from iml_robot.station.display import open_display
from iml_robot.station.hints import draw_pill
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.paths.overlay import SketchOverlay
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.text import Scribe

STILL = np.zeros(2, np.float32)


class MapWindow:
    """A window full of map."""

    def __init__(self, env, sketch):
        self.env = env
        self.overlay = SketchOverlay(env, sketch)
        self.surface = open_display((1280, 720), "path demo")
        env.unwrapped.render_size = self.surface.get_size()

    def show(self, mode, words):
        picture = pygame.surfarray.make_surface(self.env.render().swapaxes(0, 1))
        self.surface.blit(picture, (0, 0))
        area, scribe = self.surface.get_rect(), Scribe(self.surface, 1.0)
        self.overlay.measure(area, lambda pixels: pixels)
        self.overlay.draw(scribe, area, mode=mode)
        draw_pill(scribe, area, words)
        pygame.display.flip()


def main() -> None:
    env = make_env("iml_robot_envs:iml/RoverRocks-v0", render_mode="rgb_array")
    pump = EventPump()
    sketch = Sketch(pump)
    person = HumanOperator(env, pump=pump, devices=("keyboard",))
    operator = DrawingOperator(person, env, sketch)
    operator.open()
    seen, info = env.reset(seed=0, options={"level": 0, "split": "train", "index": 0})
    window = MapWindow(env, sketch)
    arbiter, pacer = ARBITERS.build("takeover", 2), RealTimePacer(0.05)
    operator.reset(seed=0)
    window.show(Mode.AUTO, "")
    elapsed_s, end = pacer.restart(), time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end and not pump.quit_requested:
        # The policy stands still, so that all movement is the person's.
        signal = operator.advise(seen, STILL, info)
        decision = arbiter.decide(STILL, signal, elapsed_s=elapsed_s)
        if decision.mode is not Mode.PAUSED:
            seen, _, _, _, info = env.step(decision.executed)
        window.show(decision.mode, sketch.words)
        said = {
            "mode": decision.mode.value,
            "device": signal.device,
            "position": list(map(float, info["position"]))[:2],
            "heading": float(info["heading"]),
            "way": None if operator.path is None else operator.path.points[-1].tolist(),
            "words": sketch.words,
            "robot": extra(env, "project")(np.array([info["position"][:2]]))[0].tolist(),
        }
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        elapsed_s = pacer.wait()
    operator.close()
    pygame.display.quit()


main()
