"""The script that certifies maps: how wide ways are, and what counts as crossed."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from iml_robot_envs.terrain import Terrain

PATH = Path(__file__).parents[2] / "scripts" / "certify.py"
SPEC = importlib.util.spec_from_file_location("certify", PATH)
certify = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(certify)

CELL_M = 0.1
SIDE = 120


def wall(gaps_m):
    """Return a map with a wall across it, and where it blocks, but for gaps."""
    axis = (np.arange(SIDE) - (SIDE - 1) / 2) * CELL_M
    blocked = np.zeros((SIDE, SIDE), bool)
    blocked[:, SIDE // 2] = True
    for middle, width in gaps_m:
        blocked[np.abs(axis - middle) < width / 2, SIDE // 2] = False
    start, goal = np.array([-5.0, 0.0, 0.0]), np.array([5.0, 0.0])
    return Terrain(np.zeros((SIDE, SIDE)), CELL_M, start, goal), blocked


@pytest.mark.parametrize("width_m", [0.5, 1.0, 2.0])
def test_a_way_is_as_wide_as_the_widest_gap_to_within_a_cell(width_m):
    terrain, blocked = wall([(-3.0, 0.3), (2.0, width_m)])
    assert certify.way_m(terrain, blocked) == pytest.approx(width_m, abs=CELL_M + 0.05)


def test_behind_a_wall_without_a_gap_there_is_no_way():
    assert certify.way_m(*wall([])) == 0.0


def test_what_is_found_is_written_level_by_level_and_kept(tmp_path):
    certify.main(["Point", "--maps", "3", "--levels", "1", "--folder", str(tmp_path)])
    certify.main(["Point", "--maps", "2", "--levels", "0", "--folder", str(tmp_path)])
    assert certify.levels_in(tmp_path / "Point.json", {"id": "iml/Point-v1"}) == {}
    content = json.loads((tmp_path / "Point.json").read_text())
    assert content["id"] == "iml/Point-v0"
    assert content["pilot"] == "PointPilot"
    found = {level: facts["maps"] for level, facts in content["levels"].items()}
    assert found == {"0": 2, "1": 3}
    assert content["levels"]["1"]["draws"] == 1
    assert content["levels"]["1"]["uncertified"] == []


class Choosy:
    """Stands in for the drives: succeeds in some draws only."""

    def __init__(self, wins):
        self.wins, self.driven = wins, []

    def __call__(self, task, level, indices, *, noise, steps):
        self.driven.append(list(indices))
        return np.array([self.wins[index][noise] for index in indices])


def test_a_map_is_certified_by_two_draws_of_three(monkeypatch):
    from iml_robot_envs.tasks.drone_forest import TASK

    wins = [(1, 1, 0), (1, 0, 1), (0, 1, 1), (0, 0, 1), (1, 0, 0), (0, 1, 0)]
    driver = Choosy(wins)
    monkeypatch.setattr(certify, "crossed", driver)
    found = certify.certificate(TASK, 0, len(wins), steps=900, known={})
    assert found["uncertified"] == [3, 4, 5]
    assert found["certified"] == 3
    assert found["crossed_in_first_draw"] == 3
    # Where two draws agree, nobody drives a third time.
    assert driver.driven == [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [1, 2, 4, 5]]


def test_maps_that_are_known_are_not_driven_again(monkeypatch):
    from iml_robot_envs.tasks.drone_forest import TASK

    wins = [(1, 1, 1), (0, 0, 0), (0, 0, 0), (1, 1, 1), (0, 1, 1)]
    monkeypatch.setattr(certify, "crossed", Choosy(wins))
    whole = certify.certificate(TASK, 0, 5, steps=900, known={})
    part = certify.certificate(TASK, 0, 2, steps=900, known={})
    driver = Choosy(wins)
    monkeypatch.setattr(certify, "crossed", driver)
    assert certify.certificate(TASK, 0, 5, steps=900, known=part) == whole
    assert driver.driven == [[2, 3, 4], [2, 3, 4], [4]]
