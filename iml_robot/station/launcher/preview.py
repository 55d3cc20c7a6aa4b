"""A picture of a task, drawn by a process of its own, so that no menu waits for it."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.subprocesses import follow_parent
from iml_robot.station.launcher.catalog import Offer

logger = logging.getLogger(__name__)

SIZE = (640, 420)
"""Width and height that environments are asked for which can choose [pixels]."""

Picture = npt.NDArray[np.uint8]


class Previews:
    """Keeps a picture of each task; what is missing is drawn, one at a time.

    Args:
        folder: Where pictures are kept from one start to the next.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: SpawnProcess | None = None
        self._wanted = Path()
        self._found: dict[Path, Picture | None] = {}

    def picture(self, offer: Offer) -> Picture | None:
        """Return the picture of a task, or None while there is none; see `drawing`."""
        if offer.trouble:
            return None
        digest = hashlib.sha256(offer.world.encode()).hexdigest()
        file = self._folder / f"{digest[:24]}.npy"
        if file not in self._found:
            self._look(file, offer)
        return self._found.get(file)

    @property
    def drawing(self) -> bool:
        """Whether a picture is being drawn."""
        return self._process is not None

    def close(self) -> None:
        """End the drawing."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _look(self, file: Path, offer: Offer) -> None:
        """Read a picture, or see to it that it is drawn."""
        if self._process is not None:
            if self._process.is_alive():
                return
            done, self._process = self._wanted, None
            self._found[done] = _read(done)
            if done == file:
                return
        if file.is_file():
            self._found[file] = _read(file)
            return
        context = multiprocessing.get_context("spawn")
        given = (offer.env_id, dict(offer.options), str(file))
        self._process = context.Process(target=draw_preview, args=given, daemon=True)
        self._process.start()
        self._wanted = file


def draw_preview(env_id: str, options: Mapping[str, Any], file: str) -> None:
    """Draw the start of an episode into a file; called in a process of its own.

    Args:
        env_id: Gymnasium id.
        options: Options of its reset.
        file: Array file to write; nothing is written where nothing can be drawn.
    """
    follow_parent()
    from iml_robot.robots.environment import extra, make_env

    try:
        env = make_env(env_id, render_mode="rgb_array")
        if extra(env, "render_size") is not None:
            env.unwrapped.render_size = SIZE
        env.reset(seed=0, options=dict(options) or None)
        picture = np.asarray(env.render())
        env.close()
    except Exception as error:
        # Whatever somebody else's module raises: the launcher goes without a picture.
        logger.info("no picture of %s: %s", env_id, error)
        return
    target = Path(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}.npy")
    np.save(draft, np.ascontiguousarray(picture[..., :3], dtype=np.uint8))
    draft.replace(target)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where pictures are kept.

    Args:
        environment: Environment variables.
    """
    given = environment.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "iml-robot" / "previews"


def _read(file: Path) -> Picture | None:
    try:
        picture: Picture = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        logger.info("no picture in %s: %s", file, error)
        return None
    good = picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8
    return picture if good else None
