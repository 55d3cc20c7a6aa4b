"""Every new screen at a telling moment, for pictures and for tests of the layout.

Usage: python screen_scenes.py FOLDER: writes a picture of each screen with real films, at
1280 x 720, 1920 x 1080, and both with letters of 150 %.
"""

import sys
from pathlib import Path

import numpy as np
import pygame
import screen_rig as rig

from iml_robot.core.feedback import Question, Segment
from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.core.types import OperatorSignal
from iml_robot.station.changes import ChangeScreen
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.knobs.board import Knobs
from iml_robot.station.knobs.screen import KnobScreen
from iml_robot.station.questions.annotator import WindowAnnotator
from iml_robot.station.questions.moment import MomentAsker

SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]
REASON = (
    "episode 12 goes another way when it is driven again (step 118): the environment is "
    "not the one of the record"
)


class Hands:
    """An operator who holds the stick forward and to the right."""

    def __init__(self, pump):
        self._pump = pump

    def reset(self, *, seed):
        """Nothing to forget."""

    def bindings(self):
        return [
            ("W/S or Up/Down", "drive (takes over)"),
            ("A/D or Left/Right", "turn (takes over)"),
        ]

    def advise(self, observation, policy_action, info):
        self._pump.pump()
        return OperatorSignal(np.array([0.8, -0.35], np.float32), moving=True)


class Content:
    """What the screens show: made up, or of a real task."""

    def __init__(self):
        self.features = rig.FEATURES
        self.question = rig.question(3)
        self.films = rig.films
        self.knobs = rig.full_knobs(9)
        self.change = rig.change(9)
        self.moment = rig.pictures(10)


def _ask(content, stage, films=None):
    annotator = WindowAnnotator(
        stage, films or content.films, reward_features=content.features
    )
    annotator.progress = "question 3 of 10"
    annotator.answer(content.question)


def _unshown(segment):
    return None


_unshown.reason = REASON

SCENES = {
    "question": (1.0, [], lambda c, s, p: _ask(c, s)),
    "question-unknown-key": (1.1, [(1.0, "z")], lambda c, s, p: _ask(c, s)),
    "question-early": (1.1, [(1.0, "LEFT")], lambda c, s, p: _ask(c, s)),
    "question-answered": (3.1, [(3.0, "RIGHT")], lambda c, s, p: _ask(c, s)),
    "question-equal": (3.1, [(3.0, "DOWN")], lambda c, s, p: _ask(c, s)),
    "question-without-figures": (3.0, [(0.1, "f")], lambda c, s, p: _ask(c, s)),
    "question-help": (1.2, [(1.0, "F1")], lambda c, s, p: _ask(c, s)),
    "question-left-out": (0.5, [], lambda c, s, p: _ask(c, s, _unshown)),
    "moment": (
        *(0.6, []),
        lambda c, s, p: MomentAsker(s, Hands(p), ("speed", "turn")).ask(c.moment),
    ),
    "knobs": (
        *(0.5, [(0.2, "DOWN"), (0.3, "l")]),
        lambda c, s, p: KnobScreen(s).edit(c.knobs),
    ),
    "knobs-help": (0.5, [(0.2, "F1")], lambda c, s, p: KnobScreen(s).edit(c.knobs)),
    "knobs-many": (
        *(3.0, [(0.1 * k, "DOWN") for k in range(1, 12)]),
        lambda c, s, p: KnobScreen(s).edit(rig.full_knobs(16)),
    ),
    "changes": (0.8, [], lambda c, s, p: ChangeScreen(s).show(c.change)),
}
"""When to look at each screen [s], presses before, and what shows it."""


def stage_of(name, monkeypatch, size, *, content=None):
    """Return the stage with the picture of a scene; the caller closes it."""
    moment_s, presses, show_scene = SCENES[name]
    width, height, scale = size
    pump = rig.ScriptedPump(monkeypatch)
    # Fewer pictures up to the one that counts.
    monkeypatch.setattr("iml_robot.station.stage.FRAME_S", 0.1)
    for time_s, key in presses:
        pump.at(time_s, *rig.tap(key))
    settings = StationSettings(display=DisplaySettings(scale=scale))
    stage = pump.stage(size=(width, height), kept=KeptSettings(settings))
    shown = stage.show

    def show():
        rate = shown()
        if pump.now_s >= moment_s:
            # The screen that finds the window closed returns without another picture.
            stage.closed = True
        return rate

    stage.show = show
    show_scene(content or Content(), stage, pump)
    return stage


def real_content():
    """A rover that drives well, and one that wavers, on the same map."""
    from iml_robot.robots.environment import extra, make_env
    from iml_robot.robots.film import Film, SegmentFilms

    env_id = "iml_robot_envs:iml/RoverRocks-v0"
    env = make_env(env_id)
    episodes = {k: _wavering(env, k) for k in (0, 1)}
    films = SegmentFilms(Film(env_id), episodes.get)
    content = Content()
    content.features = extra(env, "reward_features", {})
    left, right = (Segment(k, 60, episodes[k].features[60:100]) for k in (0, 1))
    content.question = Question(3, left, right)
    content.films = films
    content.moment = films(Segment(1, 80, episodes[1].features[80:100]))
    names = list(content.features)
    shipped = [float(content.features[name]["weight"]) for name in names]
    rng = np.random.default_rng(1)
    means = [
        round(w + float(m), 2)
        for w, m in zip(shipped, rng.normal(0, 0.2, 99), strict=False)
    ]
    stds = rng.uniform(0.1, 0.4, len(names)).round(2).tolist()
    meanings = [content.features[name]["meaning"] for name in names]
    edits = rig.full_knobs(len(names)).edits
    named = [
        rig.WeightEdit(names[k], e.weight, e.locked, e.sign) for k, e in enumerate(edits)
    ]
    conflicts = {names[0]: "12 answers speak against this edit"}
    content.knobs = Knobs(names, meanings, means, stds, shipped, named, conflicts)
    content.change = rig.Change(
        names,
        [(w, 0.5) for w in shipped],
        list(zip(means, stds, strict=True)),
        rig.change().lines,
        films(right),
        films(left),
    )
    return content


def _wavering(env, number):
    from iml_robot.core.types import Episode, EpisodeInfo

    pilot = env.get_wrapper_attr("make_pilot")()
    pilot.reset(seed=0)
    options = {"level": 2, "split": "train", "index": 4}
    seen = [env.reset(seed=number, options=options)[0]]
    did, features = [], []
    for step in range(100):
        sway = number * np.array([0.2, np.sin(step / 9)])
        did.append(np.clip(pilot.act(seen[-1]) + sway, -1, 1).astype(np.float32))
        observation, *_, info = env.step(did[-1])
        seen.append(observation)
        features.append(info["features"])
    nothing, actions = np.zeros(100, np.float32), np.array(did)
    return Episode(
        EpisodeInfo(number, "practice", env.spec.id, number, options),
        np.array(seen),
        *(actions, actions, actions),
        *(np.zeros(100, np.int64), nothing, nothing, nothing),
        features=np.array(features, np.float32),
    )


def main():
    """Write the pictures."""
    import pytest

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    content = real_content()
    for size in SIZES:
        for name in SCENES:
            with pytest.MonkeyPatch.context() as patch:
                stage = stage_of(name, patch, size, content=content)
                file = f"{name}_{size[0]}x{size[1]}_{size[2]:.0%}.png"
                pygame.image.save(stage.surface, folder / file)
                stage.close()


if __name__ == "__main__":
    main()
