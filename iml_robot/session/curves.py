"""The course of a run as TensorBoard scalars, written without torch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

from iml_robot.session.results import Count, RunResult


def write_curves(result: RunResult, folder: Path) -> None:
    """Write one TensorBoard event file; the step is the number of the episode."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    # A second report of the same session replaces the first.
    for old in folder.glob("events.out.tfevents.*"):
        old.unlink()
    writer = EventFileWriter(str(folder))
    for step, tag, value in scalars(result):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(step=step, wall_time=time.time(), summary=summary))
    writer.close()


def scalars(result: RunResult) -> Iterator[tuple[int, str, float]]:
    """Yield (episode, tag, value) of every finite figure of the run."""
    total = result.cumulative_human_s
    for seconds, row in zip(total, result.episodes, strict=True):
        values: dict[str, float | None] = {
            "operator/human_controlled_s": row.human_controlled_s,
            "operator/human_controlled_s_in_all": seconds,
            "operator/takeovers": row.takeovers,
            "operator/wait_s": row.wait_s,
            "episode/duration_s": row.duration_s,
            "learner/update_s": row.update_s,
            "policy/success": _rate(row.success),
            **{f"learner/{name}": value for name, value in row.figures.items()},
        }
        for tag, value in values.items():
            if value is not None and math.isfinite(value):
                yield row.episode_id, tag, float(value)
    first = result.episodes[0].episode_id if result.episodes else 0
    last = result.episodes[-1].episode_id + 1 if result.episodes else 1
    for evaluation in result.evaluations:
        for step, count in ((first, evaluation.before), (last, evaluation.after)):
            rate = _rate(count)
            if rate is not None:
                yield step, f"success/{evaluation.name}", rate


def _rate(count: Count | None) -> float | None:
    return None if count is None else count.rate
