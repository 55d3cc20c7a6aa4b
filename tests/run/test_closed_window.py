"""Somebody closes the window while the policy is measured: the program ends soon."""

import json
import threading
import time

import pygame

from iml_robot.cli.run import run

MAPS = 400
EVALUATION = f"[{{name: familiar, options: {{level: 0, split: test}}, maps: {MAPS}}}]"


def close_window_at_work(folder):
    """Close the window a moment after the initial policy was written."""
    while not (folder / "policies" / "0000.safetensors").is_file():
        time.sleep(0.02)
    time.sleep(1.0)
    pygame.event.post(pygame.event.Event(pygame.QUIT))


def test_a_window_closed_during_a_measurement_ends_the_program(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    folder = tmp_path / "session"
    somebody = threading.Thread(target=close_window_at_work, args=(folder,))
    somebody.start()
    begun_s = time.monotonic()
    code = run(
        "quickstart", operator="human", episodes=2, seed=0, out=folder, resume=None,
        overrides=[f"evaluation={EVALUATION}"],
    )  # fmt: skip
    somebody.join()
    assert code == 0
    # To drive all these maps takes over a minute.
    assert time.monotonic() - begun_s < 30
    assert not pygame.display.get_init()
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["episodes"] == 0
    assert summary["before"] is None
    assert summary["after"] is None
    assert any("window was closed" in note for note in summary["notes"])
