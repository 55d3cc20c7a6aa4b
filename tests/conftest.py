"""Settings that must be there before anything imports pygame or torch."""

import os
import tempfile

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
# Threads of torch that compete with other tests take ten times as long as one alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What the person at this machine likes must not change what is tested.
os.environ["IML_ROBOT_STATION"] = os.path.join(
    tempfile.gettempdir(), f"iml-robot-test-{os.getpid()}", "station.yaml"
)
