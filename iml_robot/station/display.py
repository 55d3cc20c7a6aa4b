"""Opens the window."""

from __future__ import annotations

import os
import sys

import pygame

from iml_robot.core.errors import InfrastructureError
from iml_robot.station.lost_display import watch_display


def open_display(size: tuple[int, int], title: str) -> pygame.Surface:
    """Open a window that can be resized and return what is drawn on.

    Args:
        size: Its width and height at first [pixels].
        title: Text of the title bar.

    Raises:
        InfrastructureError: If no window can be opened.
    """
    if sys.platform == "linux":
        # Without a graphics card SDL would push each picture through a software OpenGL,
        # which costs 6 to 11 ms a picture instead of 1.
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    try:
        pygame.display.init()
        surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    except pygame.error as error:
        raise InfrastructureError(
            f"cannot open a window ({error}); start from a desktop session, or run with "
            "--operator simulated"
        ) from error
    pygame.display.set_caption(title)
    watch_display()
    return surface
