"""A process with a real window that asks, for tests that press from outside.

Usage: python asking_demo.py WHAT, which is questions, knobs or moment. Prints a line when
the first picture is there, when a question can be answered, for each thing that came back,
and how many pictures a second there were.
"""

import json
import sys

import gymnasium as gym
import numpy as np
from screen_rig import FEATURES, knobs, pictures, question

from iml_robot.core.feedback import Reply
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.human import HumanOperator
from iml_robot.station.knobs.screen import KnobScreen
from iml_robot.station.questions.annotator import WindowAnnotator
from iml_robot.station.questions.moment import MomentAsker
from iml_robot.station.stage import Stage


class Rover:
    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def short_film(segment):
    """Half a second, in colours that tell the sides apart."""
    return pictures(5, shade=60 if segment.episode_id == 0 else 160, size=(560, 380))


def ask(stage):
    annotator = WindowAnnotator(stage, short_film, reward_features=FEATURES)
    for number in range(100):
        answer = annotator.answer(question(number))
        if isinstance(answer, Reply):
            say(answer=answer.answer.value, much=answer.much, seconds=answer.seconds)
        else:
            say(wish=answer.value)
            return


def turn(stage):
    say(
        edits=[
            [e.feature, e.weight, e.locked, e.sign] for e in KnobScreen(stage).edit(knobs())
        ]
    )


def steer(stage, pump):
    operator = HumanOperator(Rover(), pump=pump)
    action = MomentAsker(stage, operator, ("speed", "turn")).ask(
        short_film(question().left)
    )
    say(action=action.tolist() if isinstance(action, np.ndarray) else str(action))
    operator.close()


def main():
    pump = EventPump()
    stage = Stage(pump, title="asking demo")
    rates, open_questions, shown = [0.0], [False], stage.show

    def show():
        if not any(rates):
            say(ready=True)
        rates.append(shown() or 1e-9)
        asked = any(p.text.startswith("your answer?") for p in stage.texts)
        if asked and not open_questions[-1]:
            say(asked=True)
        open_questions.append(asked)
        return rates[-1]

    stage.show = show
    what = sys.argv[1]
    if what == "questions":
        ask(stage)
    elif what == "knobs":
        turn(stage)
    else:
        steer(stage, pump)
    say(closed=stage.closed, rate_hz=float(np.median([r for r in rates if r > 1])))
    stage.close()


main()
