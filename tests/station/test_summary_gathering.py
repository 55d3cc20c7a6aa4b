"""The figures of a summary come from the record and nowhere else."""

import numpy as np
import pytest

from iml_robot.core.types import Episode, EpisodeInfo, Source
from iml_robot.data.judgements import Review
from iml_robot.data.records import EventRecord
from iml_robot.station.summary.figures import EpisodeFigures
from iml_robot.station.summary.gathering import (
    ReactionFigures,
    episode_figures,
    folder_bytes,
    reaction_figures,
)


def episode(number, outcome):
    """60 steps: two takeovers of 10 steps, the second one handed back over 5 steps."""
    sources = np.full(60, int(Source.POLICY))
    sources[10:20] = sources[40:50] = int(Source.OPERATOR)
    sources[50:55] = int(Source.BLEND)
    actions, nothing = np.zeros((60, 2), np.float32), np.zeros(60, np.float32)
    info = EpisodeInfo(number, "practice", "any", 0, outcome=outcome)
    seen = np.zeros((61, 3), np.float32)
    return Episode(info, seen, actions, actions, actions, sources, *[nothing] * 3)


def test_what_a_person_says_goes_before_what_the_environment_says():
    episodes = [episode(k, "success" if k else "stuck") for k in range(3)]
    reviews = {0: Review(True), 2: Review(None)}
    figures = episode_figures(episodes, 0.05, reviews=reviews, discarded={1})
    assert [one.success for one in figures] == [True, True, None]
    assert [one.discarded for one in figures] == [False, True, False]
    # 25 of 60 steps of 0.05 s
    assert figures[0] == EpisodeFigures(
        "stuck", True, 2, pytest.approx(1.25), pytest.approx(3.0)
    )


def test_reactions_and_breaks_are_found_among_other_events():
    events = [
        EventRecord(0.0, "reaction", 1, {"to": "ask", "seconds": 1.2, "by": "takeover"}),
        EventRecord(1.0, "device_removed"),
        EventRecord(2.0, "reaction", 1, {"to": "sign", "seconds": 0.7, "by": "takeover"}),
        EventRecord(3.0, "ask_unanswered", 1, {"seconds": 3.0}),
        EventRecord(4.0, "break_taken", None, {"seconds": 200.0}),
        # Each part of a resumed session leaves its own figures.
        EventRecord(5.0, "workload_figures", None, {"watched_s": 60.5}),
        EventRecord(9.0, "workload_figures", None, {"watched_s": 30.0}),
    ]
    assert reaction_figures(events) == ReactionFigures((1.2,), (0.7,), 1, 1, 90.5)


def test_every_file_of_the_folder_counts(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "session.db").write_bytes(b"x" * 700)
    (tmp_path / "policies" / "0.safetensors").write_bytes(b"x" * 300)
    assert folder_bytes(tmp_path) == 1000
