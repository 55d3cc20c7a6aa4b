"""Environments of somebody else take part in whole runs."""

import json

import numpy as np
import pytest
from commands import call_here
from run_rig import episodes_of

from iml_robot.core.types import Source

CART = """\
env:
  id: "piloted_cart:PilotedCart-v0"
  names: [left, right]
operator: {name: simulated, preset: ideal}
arbiter: {name: takeover, slew_per_s: 1000.0, blend_s: 0.05}
learner: {name: hg_dagger, updates: 200}
schedule: {episodes: 5, seed: 0}
evaluation:
  - {name: balance, maps: 20}
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole run on CartPole, whose actions are numbered."""
    folder = tmp_path_factory.mktemp("cart")
    (folder / "cart.yaml").write_text(CART)
    process = call_here("run", folder / "cart.yaml", "--out", folder / "session")
    return folder / "session", process


def test_corrections_by_numbered_actions_teach_a_policy_to_balance_a_pole(finished):
    folder, process = finished
    assert process.returncode == 0, process.stderr
    summary = json.loads((folder / "summary.json").read_text())
    # An untrained policy pushes to one side; the pole falls in 10 of 100 steps.
    assert summary["before"]["successes"] <= 4
    assert summary["after"]["successes"] >= 16


def test_the_record_holds_scores_of_policy_and_operator_and_what_was_executed(finished):
    episodes = episodes_of(finished[0])
    assert len(episodes) == 5
    for episode in episodes:
        assert episode.executed_actions.shape == (len(episode), 2)
        assert np.abs(episode.executed_actions).max() <= 1
    corrected = np.concatenate([e.executed_actions[e.corrected] for e in episodes])
    assert len(corrected) > 20
    # The operator's choice is never in doubt, for all that a hand may shake.
    assert (np.abs(corrected[:, 0] - corrected[:, 1]) > 0.5).mean() > 0.95
    assert {Source.POLICY, Source.OPERATOR} <= {s for e in episodes for s in e.sources}
