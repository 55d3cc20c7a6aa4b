"""What the input devices share: the event pump and the shaping of commands.

SDL and pygame read the settings below once, when they start, so they are set here,
before any module of this package imports pygame.
"""

import os

# The greeting of pygame would be printed between the lines of a JSON report.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

# Without this SDL freezes a deflected stick at its last value as soon as the window
# loses the focus, and the emergency stop on the pad would be dead as well. What a loss
# of focus means is decided by the operator and the arbiter, not by SDL.
os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
