"""A process with a real window and one screen of a session, pressed from outside.

Usage: python session_demo.py WHAT, which is review, load or summary. Prints a line when
the screen is there, and one with what came back.
"""

import json
import sys
from dataclasses import asdict

import screen_rig as rig
import session_scenes as scenes

from iml_robot.devices.input.pump import EventPump
from iml_robot.station.review.screen import ReviewScreen
from iml_robot.station.stage import Stage
from iml_robot.station.summary.screen import SummaryScreen
from iml_robot.station.workload.screen import LoadScreen


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def run(what, stage):
    """Show the screen; return what came back as plain values."""
    if what == "review":
        film = rig.pictures(101, shade=60, size=(560, 380))
        return asdict(ReviewScreen(stage).ask(scenes.replay(film, earliest_rewind=400)))
    if what == "load":
        return asdict(LoadScreen(stage).ask())
    return {"done": SummaryScreen(stage).show(scenes.session())}


def main():
    stage = Stage(EventPump(), title="session_demo")
    shown = stage.show
    rates = []

    def show():
        rates.append(shown())
        # Presses right after the first picture are left out as meant for the robot.
        if len(rates) == 30:
            say(ready=True)
        return rates[-1]

    stage.show = show
    found = run(sys.argv[1], stage)
    say(**found, rate_hz=rates[-1])
    stage.close()


if __name__ == "__main__":
    main()
