"""The comparison behind `iml-robot bench learner`."""

import pytest
import torch

from iml_robot.cli import learner_speed
from iml_robot.core.resources import find_policy
from iml_robot.policies.ensemble.files import load_policy, new_policy


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr(learner_speed, "ROUNDS", 1)
    monkeypatch.setattr(learner_speed, "STEPS", 3)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_speeds_are_samples_of_each_network_by_time():
    found = learner_speed.compare("drone_forest", 32)
    for name, networks in (("ensemble", 5), ("loop", 5), ("imitation", 1)):
        speed = networks * 32 / (found[f"{name}_step_ms"] / 1000)
        assert found[f"{name}_samples_per_s"] == pytest.approx(speed, rel=0.01)
    for name in ("loop", "imitation"):
        ratio = found["ensemble_samples_per_s"] / found[f"{name}_samples_per_s"]
        assert found[f"times_{name}"] == pytest.approx(ratio, rel=0.01)


def test_a_policys_own_network_is_compared_with_its_members_one_by_one():
    found = learner_speed.compare_own("drone_forest", 32)
    ratio = found["loop_step_ms"] / found["ensemble_step_ms"]
    assert found["times_loop"] == pytest.approx(ratio, rel=0.01)


def test_the_plain_network_is_as_large_as_a_member():
    file = load_policy(find_policy("drone_forest"))
    plain, _ = learner_speed._plain_member(file)
    ensemble = new_policy("mlp", file.network.spaces, 0, {"hidden": learner_speed.HIDDEN})
    sizes = [sum(w.numel() for w in n.parameters()) for n in (ensemble.network, plain)]
    assert sizes[0] == 5 * sizes[1]
