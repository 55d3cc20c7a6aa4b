"""Strips of pictures of the worst maps: the start, three moments between, and the end."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from iml_robot.core.errors import ImlRobotError, InfrastructureError
from iml_robot.core.whole_files import replace_bytes
from iml_robot.evaluation.measuring import Measurement, Part, parts_of
from iml_robot.evaluation.meter import Abilities
from iml_robot.evaluation.reports.plain import worst
from iml_robot.evaluation.takes import Take, TakesPart
from iml_robot.evaluation.workers import Counted, Crew, Work
from iml_robot.robots.environment import control_period_s, extra, make_env

logger = logging.getLogger(__name__)

PICTURE = (320, 220)
"""Width and height of a picture [pixels]; five of them fit on a page side by side."""
MOMENTS = 5
CAPTION = 24
"""Height of the line under a picture [pixels]."""
GAP = 4
_INK, _PAPER = (30, 30, 30), (255, 255, 255)


@dataclass(frozen=True)
class _Draw:
    """Draws strips of some maps of a part, in a process of its own."""

    takes: TakesPart

    def __call__(self, count: Counted) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        env = make_env(self.takes.part.task, render_mode="rgb_array")
        try:
            if extra(env, "render_size") is not None:
                env.unwrapped.render_size = PICTURE
            for take in self.takes(count):
                found[take.index] = strip(env, take)
        finally:
            env.close()
        return found


def strip(env: Any, take: Take) -> bytes:
    """Return a strip of what was done on a map, as PNG.

    Args:
        env: The environment in render mode "rgb_array".
        take: What was done.

    Raises:
        InfrastructureError: If it goes another way now, or nothing is drawn.
    """
    last = len(take.actions)
    steps = {round(last * moment / (MOMENTS - 1)) for moment in range(MOMENTS)}
    pictures = [(step, _picture(env)) for step in take.play(env) if step in steps]
    width = len(pictures) * (PICTURE[0] + GAP) - GAP
    page = Image.new("RGB", (width, PICTURE[1] + CAPTION), _PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=14)
    period_s = control_period_s(env)
    for place, (step, picture) in enumerate(pictures):
        left = place * (PICTURE[0] + GAP)
        page.paste(picture, (left, 0))
        end = f", {take.outcome.replace('_', ' ')}" if step == last else ""
        text = f"{step * period_s:.1f} s{end}"
        pen.text((left + 6, PICTURE[1] + 3), text, fill=_INK, font=font)
    content = io.BytesIO()
    page.save(content, "PNG", optimize=True)
    return content.getvalue()


def draw_worst(
    measurement: Measurement,
    crew: Crew,
    folder: Path,
    *,
    on_progress: Callable[[float], None],
) -> dict[tuple[str, int], Path]:
    """Draw a strip of each of the worst maps; return the files by entry and map.

    What cannot be drawn is left out, with a line in the log: pictures are no reason to
    lose a result.

    Args:
        measurement: What was driven.
        crew: Who drives.
        folder: Where the files go; it is made.
        on_progress: Called several times a second with the finished fraction.
    """
    work = _work(measurement, crew)
    found: dict[tuple[str, int], Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pieces = [Work(draw, len(draw.takes.part.indices)) for draw in work]
        for number, drawn in crew.finished(pieces, on_progress=on_progress):
            entry = work[number].takes.part.entry
            for index, content in drawn.items():
                path = folder / f"{entry}-{index}.png"
                replace_bytes(path, content)
                found[entry, index] = path
    except (ImlRobotError, OSError) as error:
        logger.warning("not all of the worst maps are drawn: %s", error)
    except Exception as error:  # Whatever somebody else's environment raises.
        logger.warning(
            "not all of the worst maps are drawn: %s: %s", type(error).__name__, error
        )
    return found


def _work(measurement: Measurement, crew: Crew) -> list[_Draw]:
    """Return what draws the worst maps, one for each part that holds some of them."""
    suite = measurement.suite
    rows = [(row["entry"], row["index"]) for row in worst(measurement)]
    if not rows:
        return []
    source, abilities = crew.carried(measurement.source), Abilities.of(suite.task)
    work = []
    for entry in suite.entries:
        for part in parts_of(source, entry, abilities):
            wanted = _wanted(part, rows)
            if wanted:
                work.append(_Draw(TakesPart(part, wanted)))
    return work


def _wanted(part: Part, rows: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    return tuple(i for entry, i in rows if entry == part.entry and i in part.indices)


def _picture(env: Any) -> Image.Image:
    """Return what the environment draws, as large as all others."""
    drawn = np.asarray(env.render())
    if drawn.ndim != 3 or drawn.shape[2] < 3 or drawn.size == 0:
        raise InfrastructureError(
            "the environment draws no picture of the kind height x width x 3"
        )
    picture = Image.fromarray(np.array(drawn[..., :3], np.uint8, order="C"))
    if picture.size == PICTURE:
        return picture
    picture.thumbnail(PICTURE)
    page = Image.new("RGB", PICTURE, _PAPER)
    offset = (PICTURE[0] - picture.width) // 2, (PICTURE[1] - picture.height) // 2
    page.paste(picture, offset)
    return page
