"""The environment's own picture, fitted into a box of the window."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.core.errors import UsageError
from iml_robot.robots.environment import extra
from iml_robot.station.text import Scribe

Points = npt.NDArray[np.float64]

_MOST_PIXELS = {"first_person": 360_000}
"""Pixels that a view may have before it is drawn smaller and enlarged: what the robot
sees costs 25 to 45 ns a pixel, so 9 to 16 ms, and no more in a larger window."""


class WorldPicture:
    """Shows `env.render()` of any environment, whole and undistorted.

    An environment with a settable `render_size` (width, height) is asked for pictures of
    just the right size, which are sharper and cost no scaling.

    Args:
        env: Environment made with `render_mode="rgb_array"`; any other gets a note.
        view: The value of its attribute `view` for this picture; None: it has one only.
    """

    def __init__(self, env: Any, view: str | None = None) -> None:
        self._env, self._view = env, view
        self._resizable = extra(env, "render_size") is not None
        self._frame: pygame.Surface | None = None
        self._place = pygame.Rect(0, 0, 0, 0)
        self._scale = 1.0

    def render(self, area: pygame.Rect) -> None:
        """Ask the environment for a picture that fits into a box.

        Raises:
            UsageError: If the environment cannot draw itself.
        """
        if self._resizable:
            self._env.unwrapped.render_size = self._size_for(area)
        picture = self._picture()
        if picture is None:
            self._frame, self._scale = None, 1.0
            self._place = pygame.Rect(area.topleft, (0, 0))
            return
        height, width = picture.shape[:2]
        scale = self._scale = min(area.width / width, area.height / height)
        frame = pygame.image.frombuffer(picture.data, (width, height), "RGB")
        size = (round(width * scale), round(height * scale))
        if size != (width, height):
            # Smooth shrinking keeps thin lines; enlarging keeps the pixels of small frames.
            resize = pygame.transform.smoothscale if scale < 3 else pygame.transform.scale
            frame = resize(frame, size)
        self._frame, self._place = frame, frame.get_rect(center=area.center)

    def draw(self, scribe: Scribe, area: pygame.Rect) -> None:
        """Show the last picture in the box that it was made for."""
        pygame.draw.rect(scribe.surface, scribe.theme.card, area)
        if self._frame is None:
            note = (
                "this environment draws no picture (make it with render_mode='rgb_array')"
            )
            scribe.write(
                note, area.inflate(-40, -40), 18, colour=scribe.theme.quiet, align="centre"
            )
            return
        scribe.surface.blit(self._frame, self._place)
        pygame.draw.rect(scribe.surface, scribe.theme.background, area, 1)

    def to_screen(self, pixels: Points) -> Points:
        """Return where pixels of the environment's frame are on the screen, (n, 2)."""
        moved: Points = pixels * self._scale + np.asarray(self._place.topleft, dtype=float)
        return moved

    def _size_for(self, area: pygame.Rect) -> tuple[int, int]:
        """Return the size to ask for: that of the box, or its shape in fewer pixels."""
        most = _MOST_PIXELS.get(self._view or "", math.inf)
        share = min(1.0, math.sqrt(most / max(1, area.width * area.height)))
        return max(1, round(area.width * share)), max(1, round(area.height * share))

    def _picture(self) -> npt.NDArray[np.uint8] | None:
        if getattr(self._env, "render_mode", None) != "rgb_array":
            return None
        if self._view is not None:
            self._env.unwrapped.view = self._view
        try:
            picture = np.asarray(self._env.render())
        except Exception as error:
            # Somebody else's code; who drives cannot mend it, but must know whose it is.
            raise UsageError(
                f"the environment cannot draw itself: {type(error).__name__}: {error}; "
                "mend its render method, or run with --operator simulated"
            ) from error
        if picture.ndim != 3 or picture.shape[2] < 3 or picture.size == 0:
            return None
        solid: npt.NDArray[np.uint8] = np.ascontiguousarray(
            picture[..., :3], dtype=np.uint8
        )
        return solid
