"""pygame, loaded when the first picture is drawn."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from gymnasium.error import DependencyNotInstalled


def load_pygame() -> Any:
    """Return the pygame module with its fonts ready; no display is opened.

    Raises:
        DependencyNotInstalled: If pygame is not installed.
    """
    try:
        pygame = importlib.import_module("pygame")
    except ImportError as error:
        raise DependencyNotInstalled(
            "drawing needs pygame, which is not installed; "
            "run: pip install 'pygame>=2.6,<3', or make the environment without render_mode"
        ) from error
    if not pygame.font.get_init():
        pygame.font.init()
    return pygame


@cache
def font(size_px: int) -> Any:
    """Return the bold sans-serif font that ships with pygame, the same everywhere."""
    pygame = load_pygame()
    # A font from before `pygame.quit` crashes the process when it is used after it.
    pygame.register_quit(font.cache_clear)
    return pygame.font.Font(None, size_px)
