"""Pictures of recorded segments, made again when somebody wants to see them."""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from iml_robot.core.errors import ImlRobotError
from iml_robot.core.feedback import Segment
from iml_robot.core.types import Episode
from iml_robot.robots.environment import control_period_s, extra, make_env
from iml_robot.robots.replays import Key, Moment, key_of
from iml_robot.robots.taking_up import AstrayError, check_seen, take_up

logger = logging.getLogger(__name__)

Frame: TypeAlias = npt.NDArray[np.uint8]
"""One picture, shape (height, width, 3)."""

SIZE = (560, 380)
"""Width and height of a picture [pixels], which two of fit into a window of 1280 x 720."""
SNAPSHOT_STEPS = 25
"""Control steps between kept snapshots: as many as take some 10 ms to drive again."""
LARGEST_CACHE_BYTES = 128 * 2**20
"""Pictures kept: about 10 segments of 2 s."""
MOST_SNAPSHOTS = 4000
"""Snapshots kept; one takes some 4 kilobytes."""
FRAME_PERIOD_S = 0.1
"""Shortest time between two pictures of a segment [s]."""


class Film:
    """Shows what a robot did, by driving its episode again in front of a camera.

    Every step is compared with the record: pictures of another course are never returned.
    Environments with snapshots are driven from the nearest one; others from their reset.

    Args:
        env_id: Gymnasium id.
        size: Width and height of the pictures [pixels], where the environment lets one
            choose.

    Attributes:
        size: The same; may be set.
        reason: Why the last segment could not be shown; "" if it could.
    """

    def __init__(self, env_id: str, *, size: tuple[int, int] = SIZE) -> None:
        self.size = size
        self.reason = ""
        self._env_id = env_id
        self._made: Any = None
        self._shown: OrderedDict[tuple[Any, ...], list[Frame]] = OrderedDict()
        self._snapshots: OrderedDict[Key, bytes] = OrderedDict()

    def period_s(self, every: int = 2) -> float:
        """Return the time between two pictures [s].

        Args:
            every: Control steps between them.

        Raises:
            UsageError: If there is no such environment, or it draws no pictures.
        """
        return control_period_s(self._env()) * every

    @property
    def every(self) -> int:
        """Control steps between two pictures that keep to `FRAME_PERIOD_S`, at least 1."""
        return max(1, math.ceil(FRAME_PERIOD_S / control_period_s(self._env()) - 1e-6))

    def frames(
        self, episode: Episode, start: int, stop: int, *, every: int = 2
    ) -> list[Frame] | None:
        """Return the pictures of a segment.

        Args:
            episode: The recorded episode.
            start: Step of the episode at which the segment begins.
            stop: The step after its last one.
            every: Control steps between two pictures.

        Returns:
            The states before the steps start, start + every, ... up to stop; None if the
            segment cannot be shown, with the reason in `reason`.
        """
        self.reason = ""
        if not 0 <= start < stop <= len(episode):
            self.reason = (
                f"episode {episode.info.episode_id} has {len(episode)} steps, and the "
                f"segment goes from {start} to {stop}"
            )
            return None
        size = (int(self.size[0]), int(self.size[1]))
        key = (key_of(Moment(episode, stop)), start, every, size)
        if key in self._shown:
            self._shown.move_to_end(key)
            return self._shown[key]
        try:
            pictures = self._drive(episode, range(start, stop + 1, every))
        except (ImlRobotError, AstrayError) as error:
            self.reason = str(error)
        except Exception as error:
            # Somebody else's environment; a question less is no reason to end a session.
            self.reason = f"{self._env_id!r} failed: {type(error).__name__}: {error}"
        if self.reason:
            logger.warning("a segment cannot be shown: %s", self.reason)
            return None
        self._keep(key, pictures)
        return pictures

    def close(self) -> None:
        """Close the simulator and forget all pictures."""
        if self._made is not None:
            self._made.close()
            self._made = None
        self._shown.clear()
        self._snapshots.clear()

    def _env(self) -> Any:
        if self._made is None:
            self._made = make_env(self._env_id, render_mode="rgb_array")
        return self._made

    def _drive(self, episode: Episode, steps: range) -> list[Frame]:
        """Drive from as late as possible and draw the states before some steps."""
        env = self._env()
        if extra(env, "render_size") is not None:
            env.unwrapped.render_size = (int(self.size[0]), int(self.size[1]))
        take, pictures = extra(env, "get_state"), []
        now = self._go_to_snapshot(env, episode, steps[0])
        if now is None:
            take_up(env, episode, 0)
            now = 0
        for step in range(now, steps[-1] + 1):
            if step in steps:
                pictures.append(_picture(env))
            if step < steps[-1]:
                check_seen(episode, env.step(episode.executed_actions[step])[0], step + 1)
                if take is not None and (step + 1) % SNAPSHOT_STEPS == 0:
                    self._snapshots[key_of(Moment(episode, step + 1))] = take()
        while len(self._snapshots) > MOST_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return pictures

    def _go_to_snapshot(self, env: Any, episode: Episode, step: int) -> int | None:
        """Go to the last snapshot up to a step; return where that is, None: nowhere."""
        for kept in range(step // SNAPSHOT_STEPS * SNAPSHOT_STEPS, 0, -SNAPSHOT_STEPS):
            state = self._snapshots.get(key_of(Moment(episode, kept)))
            if state is not None:
                check_seen(episode, extra(env, "set_state")(state)[0], kept)
                return kept
        return None

    def _keep(self, key: tuple[Any, ...], pictures: list[Frame]) -> None:
        self._shown[key] = pictures
        while len(self._shown) > 1 and self._bytes() > LARGEST_CACHE_BYTES:
            self._shown.popitem(last=False)

    def _bytes(self) -> int:
        return sum(frame.nbytes for kept in self._shown.values() for frame in kept)


class SegmentFilms:
    """Turns segments into pictures: what a question's screen wants.

    Args:
        film: Shows episodes.
        episode_of: Returns the episode with a number; None if there is no such episode.

    Attributes:
        reason: Why the last segment could not be shown; "" if it could.
    """

    def __init__(self, film: Film, episode_of: Callable[[int], Episode | None]) -> None:
        self.reason = ""
        self._film = film
        self._episode_of = episode_of

    @property
    def period_s(self) -> float:
        """Time between two pictures [s].

        Raises:
            UsageError: If there is no such environment, or it draws no pictures.
        """
        return self._film.period_s(self._film.every)

    def __call__(self, segment: Segment) -> list[Frame] | None:
        """Return the pictures of a segment; None if it cannot be shown."""
        episode = self._episode_of(segment.episode_id)
        if episode is None:
            self.reason = f"there is no episode {segment.episode_id} in this session"
            return None
        try:
            every = self._film.every
        except ImlRobotError as error:
            self.reason = str(error)
            return None
        shown = self._film.frames(episode, segment.start, segment.stop, every=every)
        self.reason = self._film.reason
        return shown


def _picture(env: Any) -> Frame:
    picture = np.asarray(env.render())
    if picture.ndim != 3 or picture.shape[2] < 3 or picture.size == 0:
        raise AstrayError("the environment draws no picture of the kind height x width x 3")
    # A copy: some environments draw every picture into the same memory.
    return np.array(picture[..., :3], np.uint8, order="C")
