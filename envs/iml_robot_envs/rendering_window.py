"""A plain window that shows finished pictures, for `render_mode="human"`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.rendering_backend import load_pygame


class HumanWindow:
    """Opens at the first picture; works under `SDL_VIDEODRIVER=dummy` too.

    The window answers its own events, so that the desktop does not call it frozen.
    Programs that steer from pygame events use `render_mode="rgb_array"` and a window of
    their own.

    Args:
        title: Text of the title bar.
    """

    def __init__(self, title: str = "iml robot") -> None:
        self._title = title
        self._screen: Any = None

    def show(self, picture: npt.NDArray[np.uint8]) -> None:
        """Show a picture, shape (height, width, 3), and return at once."""
        pygame = load_pygame()
        size = (picture.shape[1], picture.shape[0])
        if self._screen is None or self._screen.get_size() != size:
            pygame.display.init()
            self._screen = pygame.display.set_mode(size)
            pygame.display.set_caption(self._title)
        pygame.event.pump()
        solid = np.ascontiguousarray(picture)
        self._screen.blit(pygame.image.frombuffer(solid, size, "RGB"), (0, 0))
        pygame.display.flip()

    def close(self) -> None:
        """Close the window; harmless when it is closed already."""
        if self._screen is not None:
            load_pygame().display.quit()
            self._screen = None
