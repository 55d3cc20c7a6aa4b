"""What is chosen becomes a command line that runs, and earlier sessions are found."""

import os
import shlex
import subprocess
import sys
import time

import numpy as np
import pytest

from iml_robot.cli.app import app
from iml_robot.core.config import dump, load_config
from iml_robot.data.lock import SessionLock
from iml_robot.data.store import SessionStore
from iml_robot.station.launcher.catalog import Offer, offer_of, offers
from iml_robot.station.launcher.draft import Draft
from iml_robot.station.launcher.launch import TASKS, Launch
from iml_robot.station.launcher.preview import Previews, cache_folder
from iml_robot.station.launcher.remembered import MOST, Remembered, recall, remember
from iml_robot.station.launcher.sessions import StoredSession, ago, stored_sessions


def session(tmp_path, name="quickstart-1", **values):
    usual = {
        "path": tmp_path / name,
        "name": "quickstart",
        "env_id": load_config("quickstart").env.id,
        "done": 7,
        "total": 20,
        "changed_unix_s": 1000.0,
    }
    return StoredSession(**{**usual, **values})


def stored(folder, *, done, total=20, config="point"):
    """A session folder as a run leaves it."""
    folder.mkdir(parents=True)
    settings = load_config(config, [f"schedule.episodes={total}"])
    (folder / "config.yaml").write_text(dump(settings))
    (folder / "policies").mkdir()
    (folder / "policies" / "0003.safetensors").write_bytes(b"x")
    with SessionStore.create(folder / "session.db") as store:
        progress = {"policy_version": 3, "rows": [{}] * done}
        store.set_value("progress", progress)
    return folder


LAUNCHES = [
    Launch("supervised", "quickstart"),
    Launch("supervised", "quickstart", "null", 5),
    Launch("demonstration", "./my own.yaml", "runs/a: b/policies/0001.safetensors"),
    Launch("watch", "quickstart"),
    Launch("evaluate", "quickstart", "rover_rocks", 10),
]


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.command)
def test_the_command_line_is_understood_as_it_is_shown(launch, monkeypatch):
    calls = []
    monkeypatch.setattr(
        "iml_robot.cli.app._call", lambda name, *a, **k: calls.append((name, a, k))
    )
    words = shlex.split(launch.command)
    assert words[0] == "iml-robot"
    app(args=words[1:], standalone_mode=False)
    name, given, options = calls[0]
    if launch.task == "evaluate":
        assert (name, given[0]) == ("evaluate", launch.policy)
        assert given[1].suite == launch.config
        assert given[1].episodes == launch.episodes
    else:
        assert (name, given) == ("run", (launch.config,))
        assert options["operator"] == "human"
        assert options["episodes"] == launch.episodes
        assert tuple(options["overrides"]) == launch.overrides


@pytest.mark.parametrize("policy", ["rover_rocks", "a/b.safetensors", "07", "a: b", "no"])
def test_settings_reach_the_configuration_as_they_were_meant(policy):
    launch = Launch("demonstration", "quickstart", policy)
    settings = load_config("quickstart", launch.overrides)
    assert settings.policy == policy
    assert settings.arbiter.options == {"hand_back": False}
    assert settings.evaluation == ()


def test_an_untrained_policy_is_none_in_the_configuration():
    settings = load_config("quickstart", Launch("watch", "x", "null").overrides)
    assert settings.policy is None


def test_sessions_go_on_and_are_labelled_by_their_folder(tmp_path):
    resumed = Launch("supervised", session=tmp_path)
    assert resumed.arguments[:3] == ("run", "--resume", str(tmp_path))
    assert Launch("label", session=tmp_path).arguments[:2] == ("label", str(tmp_path))


def test_every_shipped_configuration_can_be_chosen_and_says_what_it_is():
    found = offers()
    assert found[0].config == "quickstart"
    assert {o.config for o in found} >= {"canyon", "forest", "hills", "ice", "point"}
    for offer in found:
        assert offer.trouble == ""
        assert len(offer.title) > 20
    assert offer_of("canyon").flies
    assert not offer_of("hills").flies


def test_recent_files_follow_and_broken_ones_say_why(tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text('env: {id: "iml_robot_envs:iml/Point-v0"}\n')
    bad.write_text("env: {}\n")
    found = offers([str(bad), str(good), str(tmp_path / "gone.yaml"), "quickstart"])
    assert [o.name for o in found[-2:]] == ["bad", "good"]
    assert "bad.yaml" in found[-2].trouble
    assert found[-1].trouble == ""


def test_unfinished_sessions_are_found_with_when_and_how_far(tmp_path):
    stored(tmp_path / "half", done=7)
    stored(tmp_path / "whole", done=20)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "session.db").write_bytes(b"no database")
    busy = stored(tmp_path / "busy", done=1)
    lock = SessionLock(busy / "session.db.lock")
    now = time.time()
    os.utime(tmp_path / "half" / "session.db", (now - 7300, now - 7300))
    found = {s.path.name: s for s in stored_sessions(tmp_path)}
    lock.release()
    assert set(found) == {"half", "whole", "busy"}
    assert [name for name, s in found.items() if s.unfinished] == ["half"]
    assert found["half"].far(now) == "7 of 20, 2 h ago"
    assert found["half"].policy == tmp_path / "half" / "policies" / "0003.safetensors"
    assert stored_sessions(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (61, "1 min ago"), (7300, "2 h ago"), (90000, "1 day ago")],
)
def test_times_that_have_passed_are_told_in_one_number(seconds, words):
    assert ago(seconds) == words


def test_lines_go_round_and_what_they_say_is_what_is_run(tmp_path):
    learned = session(tmp_path, policy=tmp_path / "quickstart-1/policies/0007.safetensors")
    draft = Draft(offers(), [learned], now_unix_s=1000.0, config="quickstart")
    assert draft.launch() == Launch("supervised", "quickstart")
    draft.step("policy", 1)
    assert draft.launch().policy == str(learned.policy)
    draft.step("policy", 1)
    assert draft.launch().policy == "null"
    draft.step("policy", 1)
    assert draft.launch().policy is None
    draft.step("episodes", 1)
    assert draft.launch().episodes == 1
    draft.step("episodes", -1)
    draft.step("session", 1)
    assert draft.launch() == Launch("supervised", session=learned.path)
    assert {i.key for i in draft.items() if i.refused} == {"config", "policy", "episodes"}
    for task in TASKS:
        assert draft.task == task
        draft.step("task", 1)


def test_policies_of_another_task_are_not_offered(tmp_path):
    other = session(tmp_path, env_id="another", policy=tmp_path / "0001.safetensors")
    draft = Draft(offers(), [other])
    draft.step("policy", 1)
    assert draft.launch().policy == "null"


def test_what_cannot_be_run_says_why():
    broken = Draft([Offer("x", trouble="x.yaml:1: wrong")])
    assert broken.trouble() == "x.yaml:1: wrong"
    untrained = Draft([Offer("x", env_id="e", policy=None, demonstrable=False)])
    untrained.step("task", 1)
    assert "whole episodes" in untrained.trouble()
    untrained.step("task", 2)
    assert "untrained" in untrained.trouble()
    untrained.step("task", 1)
    assert "No session" in untrained.trouble()


def test_what_was_chosen_last_is_remembered(tmp_path):
    path = tmp_path / "deep" / "remembered.json"
    assert recall(path) == Remembered()
    found = Remembered().with_config("ice").with_alias("Ada").with_alias("")
    for number in range(MOST + 3):
        found = found.with_config(f"/a/{number}.yaml")
    remember(found, path)
    again = recall(path)
    assert again == found
    assert again.configs[0] == f"/a/{MOST + 2}.yaml"
    assert len(again.configs) == MOST
    assert again.aliases == ("Ada",)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"latency_ms": "x"}', '{"configs": 3}'])
def test_a_broken_memory_is_no_memory(tmp_path, text):
    path = tmp_path / "remembered.json"
    path.write_text(text)
    assert recall(path) == Remembered()


def test_nothing_fails_where_nothing_can_be_remembered(tmp_path):
    (tmp_path / "file").write_text("")
    remember(Remembered(), tmp_path / "file" / "remembered.json")


def test_a_picture_is_drawn_beside_the_menu_and_kept(tmp_path):
    offer = offer_of("point")
    previews = Previews(tmp_path)
    end = time.monotonic() + 40
    while (picture := previews.picture(offer)) is None and time.monotonic() < end:
        assert previews.drawing or list(tmp_path.iterdir())
        time.sleep(0.05)
    previews.close()
    assert picture is not None
    assert picture.dtype == np.uint8
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 2
    again = Previews(tmp_path)
    assert np.array_equal(again.picture(offer), picture)
    assert not again.drawing


def test_damaged_pictures_and_broken_tasks_have_none(tmp_path):
    assert Previews(tmp_path).picture(Offer("x", trouble="no")) is None
    offer = offer_of("point")
    previews = Previews(tmp_path)
    previews.picture(offer)
    wanted = previews._wanted
    previews.close()
    wanted.parent.mkdir(exist_ok=True)
    wanted.write_bytes(b"no array")
    assert Previews(tmp_path).picture(offer) is None


def test_pictures_lie_where_caches_do():
    folder = cache_folder({"XDG_CACHE_HOME": "/somewhere"})
    assert str(folder) == "/somewhere/iml-robot/previews"


def test_nobody_sees_a_window_without_a_display(tmp_path):
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from iml_robot.cli import main; exit(main())"]
    ended = subprocess.run(
        [*command, "station"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 5
    assert "nobody can see a window" in ended.stderr
