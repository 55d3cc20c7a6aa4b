"""The environment's own picture, fitted into a box of the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.core.errors import UsageError
from iml_robot.robots.environment import extra
from iml_robot.station.text import Scribe

Points = npt.NDArray[np.float64]


class WorldPicture:
    """Shows `env.render()` of any environment, whole and undistorted.

    An environment with a settable `render_size` (width, height) is asked for pictures of
    just the right size, which are sharper and cost no scaling.

    Args:
        env: Environment made with `render_mode="rgb_array"`; any other gets a note.
    """

    def __init__(self, env: Any) -> None:
        self._env = env
        self._resizable = extra(env, "render_size") is not None
        self._scale = 1.0
        self._corner = (0, 0)

    def draw(self, scribe: Scribe, area: pygame.Rect) -> None:
        """Render the environment and show it in a box."""
        pygame.draw.rect(scribe.surface, scribe.theme.card, area)
        if self._resizable:
            self._env.unwrapped.render_size = area.size
        picture = self._render()
        if picture is None:
            note = (
                "this environment draws no picture (make it with render_mode='rgb_array')"
            )
            scribe.write(
                note, area.inflate(-40, -40), 18, colour=scribe.theme.quiet, align="centre"
            )
            self._scale, self._corner = 1.0, area.topleft
            return
        height, width = picture.shape[:2]
        self._scale = min(area.width / width, area.height / height)
        frame = pygame.image.frombuffer(picture.data, (width, height), "RGB")
        if self._scale != 1.0:
            size = (round(width * self._scale), round(height * self._scale))
            # Smooth shrinking keeps thin lines; enlarging keeps the pixels of small frames.
            resize = pygame.transform.smoothscale
            frame = (
                resize(frame, size)
                if self._scale < 3
                else pygame.transform.scale(frame, size)
            )
        place = frame.get_rect(center=area.center)
        self._corner = place.topleft
        scribe.surface.blit(frame, place)
        pygame.draw.rect(scribe.surface, scribe.theme.background, area, 1)

    def to_screen(self, pixels: Points) -> Points:
        """Return where pixels of the environment's frame are on the screen, (n, 2)."""
        moved: Points = pixels * self._scale + np.asarray(self._corner, dtype=float)
        return moved

    def _render(self) -> npt.NDArray[np.uint8] | None:
        if getattr(self._env, "render_mode", None) != "rgb_array":
            return None
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
