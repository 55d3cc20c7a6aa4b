"""The screens within a session at telling moments, for pictures and for layout tests.

Usage: python session_scenes.py FOLDER [THEME]: writes a picture of each screen with a real
film, at 1280 x 720, 1920 x 1080, and both with letters of 150 %.
"""

import sys
from pathlib import Path

import numpy as np
import pygame
import screen_rig as rig

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.core.types import Decision, Mode, Source
from iml_robot.devices.input.mapping import BUTTONS
from iml_robot.station.banner import draw_banner
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.layout import Layout
from iml_robot.station.pause.facts import PauseFacts
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.review.replay import Mark, Replay
from iml_robot.station.review.screen import ReviewScreen
from iml_robot.station.status import SessionStatus
from iml_robot.station.summary.figures import (
    EpisodeFigures,
    Learned,
    SessionFigures,
    SuccessFigures,
)
from iml_robot.station.summary.learning import LearningPage, draw_learning
from iml_robot.station.summary.screen import SummaryScreen
from iml_robot.station.workload.screen import LoadScreen

__all__ = ["BUTTONS"]

SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]

PAUSE = PauseFacts(
    reason="the window was not in focus",
    episode=118,
    episodes=250,
    rewind_refused="This robot cannot be put back: its simulator keeps no snapshots.",
    version=117,
    taking_back=True,
    recorded_s=59.4,
)
ASTRAY = (
    "episode 12 goes another way when it is driven again (step 118): the environment is "
    "not the one of the record"
)


def replay(frames=None, **changes):
    """The last 10 s of an episode of 30 s, with everything that can happen in it."""
    values = {
        "title": "episode 12",
        "outcome": "rolled_over",
        "success": False,
        "steps": 600,
        "first": 400,
        "dt_s": 0.05,
        "frames": frames,
        "no_film": "" if frames else ASTRAY,
        "takeovers": ((380, 430), (520, 560)),
        "marks": (Mark("ask", 505), Mark("good", 450), Mark("bad", 580), Mark("ask", 20)),
        "earliest_rewind": 540,
    }
    return Replay(**{**values, **changes})


def session(count=14, **changes):
    """A session whose episodes need less and less help."""
    rng = np.random.default_rng(4)
    episodes = []
    for k in range(count):
        often = int(rng.integers(0, 2 + 7 * (count - k) // count))
        human_s = min(28.0, 3.1 * often)
        success = bool(rng.random() < 0.4 + 0.6 * k / count)
        word = "success" if success else "rolled_over"
        episodes.append(EpisodeFigures(word, success, often, human_s, 30.0, k == 3))
    values = {
        "name": "rover-rocks",
        "episodes": episodes,
        "evaluations": (
            SuccessFigures("unfamiliar", (21, 40), (39, 40)),
            SuccessFigures("familiar", (38, 40), None),
        ),
        "to_asks_s": (0.9, 1.2, 1.1, 2.4),
        "to_signs_s": (1.4, 0.8, 3.1),
        "unanswered": 1,
        "learned": (
            Learned("policy 1 accepted: copes with 41 of 44 moments, 36 before", True),
            Learned("policy 1 stays, its successor refused: copes with 40 of 44", False),
            Learned("policy 1 taken back by the operator; policy 0 drives on"),
        ),
        "folder": Path(
            "/home/operator/robots/rover/runs/2026-11-23-rover-rocks-with-long-names/0007"
        ),
        "data_bytes": 18_400_000,
        "watched_s": 812.0,
        "breaks": 1,
        "load": 42.5,
        "notes": ("Two rows were lost when the disk was full for some seconds.",),
    }
    return SessionFigures(**{**values, **changes})


def learning(**changes):
    """The page between two episodes with everything on it."""
    shown = session().episodes
    values = {
        "fraction": 0.43,
        "text": "Training on 14 episodes, 96 s of your driving.",
        "shares": [e.human_s / e.duration_s for e in shown],
        "good": [e.success for e in shown],
        "version": 3,
        "verdict": "policy 3 accepted: copes with 41 of 44 moments, 36 before",
        "accepted": True,
        "figures": (("loss", "0.031"), ("frames", "8,412"), ("time", "12.4 s")),
        "keys": (("F8", "take back policy 3"), ("F1", "all keys"), ("Space", "stop")),
    }
    return LearningPage(**{**values, **changes})


def draw_once(stage, draw):
    """Draw one picture that no screen draws by itself."""
    scribe = stage.begin()
    draw(scribe)
    stage.show()


def pause(stage, *keys):
    """The pause menu over the drive view, which only leaves the banner free."""
    menu = PauseMenu()
    menu.follow(Mode.PAUSED, PAUSE, 0.0)
    for count, name in enumerate(keys):
        menu.feed(rig.tap(name), 1.0 + count)

    def draw(scribe):
        size = scribe.surface.get_size()
        layout = Layout.of(size, stage._kept.scale)
        still = np.zeros(2, np.float32)
        decision = Decision(
            still, Source.SAFETY, 0.0, Mode.PAUSED, "paused by the operator"
        )
        draw_banner(scribe, layout, decision, SessionStatus())
        edge = layout.view.left
        area = pygame.Rect(edge, layout.view.top, size[0] - 2 * edge, 0)
        area.height = size[1] - edge - area.top
        menu.draw(scribe, area)

    draw_once(stage, draw)


def page(stage, shown):
    """A page between two episodes."""
    draw_once(stage, lambda s: draw_learning(s, s.surface.get_rect(), shown))


SCENES = {
    "pause": (0, [], lambda s, f: pause(s)),
    "pause-refused": (0, [], lambda s, f: pause(s, "DOWN", "RETURN")),
    "pause-restart": (0, [], lambda s, f: pause(s, "DOWN", "DOWN", "RETURN")),
    "pause-leave": (0, [], lambda s, f: pause(s, "UP", "RETURN")),
    "review": (4.0, [], lambda s, f: ReviewScreen(s).ask(replay(f))),
    "review-marked": (
        *(3.0, [(0.5, "n"), (0.7, "1"), (0.9, "4"), (1.1, "d"), (1.4, "z")]),
        lambda s, f: ReviewScreen(s).ask(replay(f)),
    ),
    "review-no-film": (0.5, [], lambda s, f: ReviewScreen(s).ask(replay())),
    "load": (0.3, [], lambda s, f: LoadScreen(s).ask()),
    "load-answered": (
        *(6.0, [(0.5 + 0.2 * k, "RIGHT" if k % 2 else "DOWN") for k in range(13)]),
        lambda s, f: LoadScreen(s).ask(),
    ),
    "summary": (0.3, [], lambda s, f: SummaryScreen(s).show(session())),
    "summary-end": (
        *(3.0, [(0.5 + 0.2 * k, "RIGHT") for k in range(4)]),
        lambda s, f: SummaryScreen(s).show(session(240)),
    ),
    "summary-empty": (
        0.3,
        [],
        lambda s, f: SummaryScreen(s).show(SessionFigures("rover-rocks")),
    ),
    "learning": (0, [], lambda s, f: page(s, learning())),
    "learning-refused": (
        *(0, []),
        lambda s, f: page(
            s,
            learning(
                fraction=None,
                title="What was learned",
                accepted=False,
                verdict="policy 3 stays, its successor refused: it copes with 40 of 44 "
                "moments where 41 were coped with before, and rolled over twice",
                notice="Undo: from the next episode the policy before this one drives.",
            ),
        ),
    ),
    "learning-first": (0, [], lambda s, f: page(s, LearningPage(0.0))),
}
"""When to look at each screen [s], presses before, and what shows it."""


def stage_of(name, monkeypatch, size, *, frames=None, theme="dark"):
    """Return the stage with the picture of a scene; the caller closes it."""
    moment_s, presses, show_scene = SCENES[name]
    width, height, scale = size
    pump = rig.ScriptedPump(monkeypatch)
    # Fewer pictures up to the one that counts.
    monkeypatch.setattr("iml_robot.station.stage.FRAME_S", 0.1)
    for time_s, key in presses:
        pump.at(time_s, *rig.tap(key, typed=key if len(key) == 1 else ""))
    display = DisplaySettings(scale=scale, theme=theme)
    kept = KeptSettings(StationSettings(display=display))
    stage = pump.stage(size=(width, height), kept=kept)
    shown = stage.show

    def show():
        rate = shown()
        if pump.now_s >= moment_s:
            # The screen that finds the window closed returns without another picture.
            stage.closed = True
        return rate

    stage.show = show
    show_scene(stage, frames or rig.pictures(101, shade=60))
    return stage


def real_frames():
    """The film of a rover that is driven for 10 s."""
    from screen_scenes import _wavering

    from iml_robot.robots.environment import make_env
    from iml_robot.robots.film import Film

    env_id = "iml_robot_envs:iml/RoverRocks-v0"
    film = Film(env_id)
    # 5 s of it, each picture shown twice.
    found = film.frames(_wavering(make_env(env_id), 1), 0, 100, every=2)
    return [picture for picture in found for _ in (0, 1)]


def main():
    """Write the pictures."""
    import pytest

    folder = Path(sys.argv[1])
    theme = sys.argv[2] if len(sys.argv) > 2 else "dark"
    folder.mkdir(parents=True, exist_ok=True)
    frames = real_frames()
    for size in SIZES:
        for name in SCENES:
            with pytest.MonkeyPatch.context() as patch:
                stage = stage_of(name, patch, size, frames=frames, theme=theme)
                file = f"{name}_{size[0]}x{size[1]}_{size[2]:.0%}.png"
                pygame.image.save(stage.surface, folder / file)
                stage.close()


if __name__ == "__main__":
    main()
