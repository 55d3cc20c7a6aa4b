"""The worst maps can be looked at: as a strip of pictures, and once more in a window."""

import io
import os
import subprocess
import time

import numpy as np
import pytest
from commands import COMMAND, call_here
from evaluation_rig import HERE, evaluate_point, read
from PIL import Image
from point_drivers import leaving
from virtual_display import virtual_display

from iml_robot.core.errors import InfrastructureError
from iml_robot.evaluation.strips import CAPTION, GAP, MOMENTS, PICTURE, strip
from iml_robot.evaluation.takes import Take
from iml_robot.robots.environment import make_env

POINT = "iml_robot_envs:iml/Point-v0"
OPTIONS = {"level": 0, "split": "test", "index": 3}


@pytest.fixture
def env():
    made = make_env(POINT, render_mode="rgb_array")
    made.unwrapped.render_size = PICTURE
    yield made
    made.close()


def driven(env):
    """Return a take of map 3, driven in the plainest way, and the pictures of each step."""
    seen, info = env.reset(seed=3, options=OPTIONS)
    actions, pictures, done = [], [env.render().copy()], False
    while not done:
        actions.append(leaving(seen[None])[0].astype(np.float32))
        seen, _, terminated, truncated, info = env.step(actions[-1])
        pictures.append(env.render().copy())
        done = terminated or truncated
    return Take(3, OPTIONS, info["outcome"], np.array(actions), seen), pictures


def test_a_strip_shows_start_three_moments_and_end(env):
    take, pictures = driven(env)
    page = np.asarray(Image.open(io.BytesIO(strip(env, take))))
    assert page.shape == (PICTURE[1] + CAPTION, MOMENTS * (PICTURE[0] + GAP) - GAP, 3)
    last = len(take.actions)
    for place in range(MOMENTS):
        left = place * (PICTURE[0] + GAP)
        shown = page[: PICTURE[1], left : left + PICTURE[0]]
        assert (shown == pictures[round(last * place / 4)]).all()
        caption = page[PICTURE[1] :, left : left + PICTURE[0]]
        # Something is written there, and nothing touches the edge.
        assert (caption < 100).any()
        assert (caption[-1] == 255).all()


def test_a_course_that_cannot_be_had_again_is_not_shown(env):
    take, _ = driven(env)
    other = Take(3, OPTIONS, take.outcome, take.actions[:-1], take.last_seen)
    with pytest.raises(InfrastructureError, match="another way"):
        strip(env, other)


@pytest.mark.slow
def test_the_worst_maps_of_a_report_are_drawn_and_named_from_its_page(tmp_path):
    (tmp_path / "pages").mkdir()
    page, report = tmp_path / "pages" / "r.md", tmp_path / "r.json"
    result = evaluate_point(
        "leaving", "--episodes", 8, "--pictures", tmp_path / "some maps",
        "--markdown", page, "--json", report,
    )  # fmt: skip
    assert result.returncode == 0
    worst = read(report)["worst"]
    assert len(worst) == 5
    for row in worst:
        name = f"familiar-{row['index']}.png"
        assert row["picture"] == str(tmp_path / "some maps" / name)
        with Image.open(row["picture"]) as page_of_map:
            assert page_of_map.size[1] == PICTURE[1] + CAPTION
        assert f"](../some%20maps/{name})" in page.read_text()
        assert row["watch"] == f"{row['replay']} --watch"


@pytest.mark.slow
def test_nothing_failed_so_nothing_is_drawn(tmp_path):
    result = evaluate_point("steady", "--episodes", 2, "--pictures", tmp_path / "p")
    assert result.returncode == 0
    assert not (tmp_path / "p").exists()


def test_2_a_file_is_no_folder_for_pictures_and_watching_needs_a_map(tmp_path):
    file = tmp_path / "file"
    file.touch()
    idle = "evaluate", "point_drivers:idle", "--suite", "point-smoke"
    for arguments, words in (
        (("--pictures", file), "this is a file"),
        (("--watch",), "--only ENTRY:MAP"),
    ):
        result = call_here(*idle, *arguments)
        assert result.returncode == 2
        assert words in result.stderr


def test_5_watching_needs_a_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    result = call_here("evaluate", "point_drivers:idle", "--suite", "point-smoke",
        "--only", "familiar:3", "--watch",
    )  # fmt: skip
    assert result.returncode == 5
    assert "is there a display?" in result.stderr


@pytest.mark.window
@pytest.mark.slow
def test_a_failed_map_is_shown_in_a_window(tmp_path):
    with virtual_display("640x480") as display:
        words = ("point_drivers:leaving", "--suite", "point-smoke", "--episodes", "5")
        here = {**HERE, "DISPLAY": display}
        here.pop("SDL_VIDEODRIVER", None)
        command = [COMMAND, "evaluate", *words, "--only", "familiar:3", "--watch"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, env=here, **quiet) as process:
            seen = set()
            while process.poll() is None:
                shot = tmp_path / "shot.png"
                grab = ["import", "-window", "root", str(shot)]
                subprocess.run(grab, env={**os.environ, "DISPLAY": display}, check=True)
                with Image.open(shot) as picture:
                    seen.add(np.asarray(picture.convert("RGB")).tobytes())
                time.sleep(0.1)
            assert process.returncode == 0
    # The empty screen, the start, and the robot on its way.
    assert len(seen) > 4
