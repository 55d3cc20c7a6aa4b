import json
import subprocess
import sys

import numpy as np
import pytest
from reward_people import few_answers

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.feedback import WeightEdit
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.scale import FeatureScale

NAMES = ("a", "b", "c", "d")
SCALE = FeatureScale(NAMES, np.array([1.0, 0.0, -2.0, 0.0]), np.array([2.0, 1.0, 0.5, 0.0]))


@pytest.fixture(scope="module")
def model():
    pin = Evidence(edits=(WeightEdit("c", sign=1),))
    posterior = fit_posterior(few_answers() + pin, Prior(np.zeros(4), 1.0, NAMES), Noise())
    return RewardModel(SCALE, posterior, Noise(side_bias=0.1, much_width=1.5), 3)


def rows(count=50, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 4)) * [2, 1, 0.5, 1]


def test_the_reward_is_the_weighted_sum_of_standardised_features(model):
    raw = rows()
    standard = np.clip((raw[:, :3] - [1, 0, -2]) / [2, 1, 0.5], -5, 5)
    np.testing.assert_allclose(model.reward(raw), standard @ model.posterior.mean[:3])


def test_a_constant_feature_weighs_nothing(model):
    raw, moved = rows(), rows()
    moved[:, 3] += 10
    np.testing.assert_array_equal(model.reward(raw), model.reward(moved))
    assert model.scale.constant == ("d",)
    assert model.weights["d"] == 0.0
    assert model.weights["a"] == model.posterior.mean[0]


def test_pessimism_is_the_entropic_reward_of_the_posterior(model):
    raw, pessimism = rows(8), 0.5
    tau = 1 / (2 * model.penalty_share(pessimism))
    draws = model.posterior
    root = np.linalg.cholesky(draws.covariance)
    weights = draws.mean + np.random.default_rng(1).standard_normal((200_000, 4)) @ root.T
    each = model.scale.standardise(raw) @ weights.T
    entropic = -tau * np.log(np.exp(-each / tau).mean(axis=1))
    np.testing.assert_allclose(model.reward(raw, pessimism=pessimism), entropic, atol=0.05)


@pytest.mark.parametrize("pessimism", [0.25, 0.5, 1.0])
def test_the_penalty_over_the_reference_is_so_many_standard_deviations(model, pessimism):
    raw = rows(300, seed=2)
    known = model.with_reference(raw)
    penalty = known.reward(raw) - known.reward(raw, pessimism=pessimism)
    standard = known.scale.standardise(raw)
    variance = np.einsum("ni,ij,nj->n", standard, known.posterior.covariance, standard)
    assert penalty.mean() == pytest.approx(pessimism * np.sqrt(variance.mean()))
    assert (penalty >= 0).all()


def test_negative_pessimism_and_broken_features_are_refused(model):
    with pytest.raises(UsageError, match="pessimism"):
        model.reward(rows(), pessimism=-0.5)
    with pytest.raises(UsageError, match=r"\['b'\] are NaN"):
        model.reward([[0, np.nan, 0, 0]])
    with pytest.raises(UsageError, match="at least one step"):
        model.with_reference(np.zeros((0, 4)))


def test_answer_probabilities_are_averages_over_the_posterior(model):
    differences = np.random.default_rng(3).normal(size=(6, 4))
    weights = np.random.default_rng(4).multivariate_normal(
        model.posterior.mean, model.posterior.covariance, 100_000
    )
    z = differences @ weights.T + 0.1
    left, right = 1 / (1 + np.exp(0.25 - z)), 1 / (1 + np.exp(0.25 + z))
    expected = np.stack([p.mean(axis=1) for p in (left, right, 1 - left - right)], axis=1)
    found = model.answer_probabilities(differences)
    np.testing.assert_allclose(found, 0.1 / 3 + 0.9 * expected, atol=5e-3)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.shape == (6, 3)


def test_a_reward_is_the_same_after_saving_and_loading(model, tmp_path):
    path = tmp_path / "reward.json"
    known = model.with_reference(rows())
    known.save(path)
    again = RewardModel.load(path)
    for pessimism in (0.0, 0.5):
        np.testing.assert_array_equal(
            again.reward(rows(), pessimism=pessimism),
            known.reward(rows(), pessimism=pessimism),
        )
    assert (again.version, again.noise, again.scale.names) == (3, known.noise, NAMES)
    np.testing.assert_array_equal(again.posterior.signs, [0, 0, 1, 0])
    again.save(tmp_path / "copy.json")
    assert (tmp_path / "copy.json").read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.json", "reward.json"]


def test_no_changed_character_of_a_file_goes_unnoticed(model, tmp_path):
    path = tmp_path / "reward.json"
    model.save(path)
    whole, rng, refused = path.read_bytes(), np.random.default_rng(0), 0
    for place in rng.choice(len(whole), 150, replace=False):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.integers(7)
        path.write_bytes(bytes(changed))
        try:
            found = RewardModel.load(path)
        except ArtifactError:
            refused += 1
        else:
            # Space between values means nothing, nor does a digit beyond all precision.
            found.save(path)
            assert path.read_bytes() == whole
    assert refused > 60


def test_files_that_are_no_rewards_are_refused(model, tmp_path):
    path = tmp_path / "reward.json"
    with pytest.raises(UsageError, match="there is no reward file"):
        RewardModel.load(path)
    model.save(path)
    whole = path.read_text()
    for text, message in [
        ("", "cannot read"),
        (whole[: len(whole) // 2], "cannot read"),
        ("[1, 2]", "has the format 'list'"),
        (whole.replace("reward/1", "reward/2"), "has the format 'iml_robot.reward/2'"),
        (whole.replace('"version": 3', '"version": 4'), "damaged"),
    ]:
        path.write_text(text)
        with pytest.raises(ArtifactError, match=message):
            RewardModel.load(path)


def test_a_file_with_a_right_hash_and_wrong_parts_is_refused(model, tmp_path):
    from iml_robot.rewards.model import _digest

    path = tmp_path / "reward.json"
    for key, value in [
        ("names", ["a", "b"]),
        ("noise", {"lapse": 2.0}),
        ("posterior", {}),
        ("scale", None),
        ("spread", [[1.0]]),
        ("version", "new"),
    ]:
        model.save(path)
        content = json.loads(path.read_text())
        content.pop("sha256")
        content[key] = value
        path.write_text(json.dumps({**content, "sha256": _digest(content)}))
        with pytest.raises(ArtifactError, match="no reward that can be used"):
            RewardModel.load(path)


def test_scale_and_posterior_must_be_about_the_same_features():
    for names in (("a", "b", "c", "x"), ("b", "a", "c", "d"), ("a", "b")):
        other = Posterior(names, np.zeros(len(names)), np.eye(len(names)))
        with pytest.raises(UsageError, match="take both from one environment"):
            RewardModel(SCALE, other, Noise())
    RewardModel(SCALE, Posterior((), np.zeros(4), np.eye(4)), Noise())


def test_reckoning_with_the_posterior_needs_no_torch():
    code = (
        "import sys, iml_robot.rewards.model, iml_robot.rewards.refit, "
        "iml_robot.rewards.annotation.answers, "
        "iml_robot.rewards.residual, iml_robot.rewards.ensemble_files; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
