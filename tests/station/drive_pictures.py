"""Writes the pictures of the drive view that the documentation shows.

Usage: python drive_pictures.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pygame

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.core.types import Ask, Decision, Mode, OperatorSignal, Source, Step
from iml_robot.data.recorder import Recording
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard
from iml_robot.operators.drawing.path import DrawnPath
from iml_robot.robots.environment import extra, make_env
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.paths.sketch import Sketch
from iml_robot.station.status import SessionStatus
from iml_robot.station.window import DriveWindow
from iml_robot.station.window_keys import UNDO

STEPS = 60
SCENES = {
    "drive": ("RoverHills", 4, Mode.HUMAN, {}),
    "drive-asking": ("DroneCanyon", 3, Mode.ASKING, {"view": "first_person"}),
    "drive-map-light": ("RoverIce", 4, Mode.AUTO, {"theme": "light", "view": "map"}),
    "drive-contrast-150": (
        "DroneForest",
        3,
        Mode.HUMAN,
        {"theme": "contrast", "scale": 1.5},
    ),
    "drive-path": ("RoverRocks", 3, Mode.HUMAN, {"view": "map"}),
    "drive-help": ("RoverRocks", 3, Mode.AUTO, {}),
}
"""Environment, level, who drives, and how it looks."""
REASONS = {
    Mode.HUMAN: "until the controls rest",
    Mode.ASKING: "take over, or give back to let it go on",
    Mode.AUTO: "the policy drives",
}
SURE = {Mode.HUMAN: 0.14, Mode.ASKING: 0.31, Mode.AUTO: 0.05}


def photograph(name, file):
    """Drive for three seconds and write what the window shows then."""
    robot, level, mode, looks = SCENES[name]
    env = make_env(f"iml_robot_envs:iml/{robot}-v0", render_mode="rgb_array")
    options = {"level": level, "split": "practice", "index": 1}
    seen, info = env.reset(seed=0, options=options)
    pilot = extra(env, "make_pilot")()
    pilot.reset(seed=0)
    for _ in range(STEPS):
        wanted = np.asarray(pilot.act(seen), np.float32)
        seen, _, _, _, info = env.step(wanted)
    kept = KeptSettings(StationSettings(display=DisplaySettings(**looks)))
    status = SessionStatus(
        3, 20, step=STEPS, step_limit=1200, policy_version=3, policy_name="mlp",
        policy_hash="a41fc09b", ask_threshold=0.2, successes=2, takeovers=7,
        human_controlled_s=83.4, human_share=0.12, share_episodes=10,
        recording=Recording.ON, frames=STEPS, disk_free_bytes=41e9, loop_rate_hz=20.0,
        verdict="policy 3 accepted: copes with 41 of 44 moments",
    )  # fmt: skip
    pump = EventPump()
    sketch = Sketch(pump) if name == "drive-path" else None
    window = DriveWindow(
        env, pump, status=status, first_run=False, kept=kept, sketch=sketch
    )
    drone = robot.startswith("Drone")
    window.bindings = Keyboard(pump, layout="drone" if drone else "rover").bindings()
    window.offered = {UNDO}
    mine = wanted * 0.9
    mine[1] -= 0.35
    human = mode is Mode.HUMAN
    executed = mine if human else wanted
    signal = OperatorSignal(mine if human else None, human, age_s=0.012, device="keyboard")
    decision = Decision(
        executed, Source.OPERATOR if human else Source.POLICY, float(human), mode,
        REASONS[mode], 2.4 if mode is Mode.ASKING else None,
    )  # fmt: skip
    ask = Ask(mode is Mode.ASKING, SURE[mode])
    pump.pump()
    if sketch is not None:
        here, way = np.asarray(info["position"]), float(info["heading"])
        ahead = np.array([np.cos(way), np.sin(way)])
        aside = np.array([-ahead[1], ahead[0]])
        along = np.linspace(0, 6, 60)[:, None]
        line = here + along * ahead - 1.7 * np.sin(along / 1.4) * aside
        sketch.follow(DrawnPath.of(line), 0.0, "")
    window.help_shown = name == "drive-help"
    window.show(Step(seen, wanted, signal, decision, 0.0, ask), info)
    if sketch is not None:
        # What the crosses mean is said from the next step on.
        status.notice = sketch.words
        window.show(Step(seen, wanted, signal, decision, 0.0, ask), info)
    pygame.image.save(window.surface, file)
    window.close()
    env.close()


def main():
    """Write the pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        photograph(name, folder / f"{name}.png")


if __name__ == "__main__":
    main()
