"""The control loop measured with a real window, for one episode."""

import json

import pytest
from commands import call_here, run_command
from virtual_display import fresh_display

pytestmark = pytest.mark.window


@pytest.mark.timeout(500)
def test_the_loop_is_measured_with_window_recorder_and_learner(tmp_path):
    result = tmp_path / "loop.json"
    with fresh_display("1280x800") as display:
        done = run_command(
            *("bench", "loop", "--episodes", "1", "--json", result),
            DISPLAY=display,
            SDL_VIDEODRIVER="x11",
            SDL_AUDIODRIVER="dummy",
            timeout_s=400,
        )
    assert done.returncode == 0, done.stderr
    figures = json.loads(result.read_text())
    # An episode of this rover lasts 10 to 60 s, at 20 steps a second.
    assert 200 <= figures["control_steps"] <= 1200
    assert 0 <= figures["jitter_ms"]["p50"] <= figures["jitter_ms"]["max"]
    assert figures["late_ticks"] <= figures["control_steps"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("sim", "--episodes", "2"), "--episodes belongs to 'bench loop'"),
        (("loop", "--episodes", "0"), "greater than or equal to 1"),
    ],
)
def test_only_the_loop_has_episodes_and_at_least_one(arguments, complaint):
    done = call_here("bench", *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
