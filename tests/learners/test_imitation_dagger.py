"""imitation's DAgger on recorded corrections."""

import logging
import os
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from imitation.algorithms.dagger import DAggerTrainer
from imitation.data import serialize
from point_corrections import OBS_DIM, SPACES, made_up_episode

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.files import (
    Rehearsal,
    load_policy,
    new_policy,
    save_policy,
)
from iml_robot.policies.ensemble.policy import EnsemblePolicy

pytestmark = pytest.mark.slow

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


def build(*, start=None, seed=0, **options):
    options = {"batches": 10, "start_batches": 300} | options
    return LEARNERS.build("imitation_dagger", SPACES, start, seed, options=options)


def update(learner, episodes):
    return learner.update(episodes, on_progress=lambda _: None)


def episode(number, sources=(P, P, O, O, O, P, O)):
    return made_up_episode(sources, number=number, seed=number)


def policy_with_demonstrations(name, *, samples=200):
    """A policy that carries demonstrations of half of the first two inputs."""
    rng = np.random.default_rng(0)
    observations = rng.uniform(-1, 1, (samples, OBS_DIM)).astype(np.float32)
    made = new_policy(name, SPACES, 0)
    return type(made)(
        made.name, made.options, made.network,
        Rehearsal(observations, 0.5 * observations[:, :2]), {"demonstrations": 7},
    )  # fmt: skip


def actions_of(policy):
    probes = np.random.default_rng(1).uniform(-1, 1, (40, OBS_DIM)).astype(np.float32)
    return policy.act_batch(probes), 0.5 * probes[:, :2]


@pytest.fixture
def rounds(monkeypatch):
    """What the library finds on disk at each update: trajectories by round."""
    found = []
    original = DAggerTrainer.extend_and_update

    def spy(self, bc_train_kwargs=None):
        folders = sorted((self.scratch_dir / "demos").iterdir())
        found.append(
            [[serialize.load(path)[0] for path in sorted(f.iterdir())] for f in folders]
        )
        assert bc_train_kwargs["log_rollouts_venv"] is None
        return original(self, bc_train_kwargs)

    monkeypatch.setattr(DAggerTrainer, "extend_and_update", spy)
    return found


def test_every_corrected_episode_is_a_round_and_every_takeover_a_trajectory(rounds):
    episodes = [episode(0), episode(1, [P] * 5), episode(2)]
    learner = build()
    update(learner, episodes[:1])
    update(learner, episodes[:2])
    figures = update(learner, episodes)
    assert [[len(r) for r in found] for found in rounds] == [[2], [2, 2]]
    assert (figures["takeovers"], figures["correction_frames"]) == (4.0, 8.0)
    first = rounds[1][0][0]
    np.testing.assert_array_equal(
        first.obs.astype(np.float32), episodes[0].observations[2:6]
    )
    np.testing.assert_array_equal(
        first.acts.astype(np.float32), episodes[0].operator_actions[2:5]
    )


def test_demonstrations_of_the_start_belong_to_the_first_round(rounds):
    start = policy_with_demonstrations("actor_critic")
    learner = build(start=start)
    update(learner, [episode(0), episode(1)])
    (found,) = rounds
    assert [[len(t) for t in r] for r in found] == [[200, 3, 1], [3, 1]]
    np.testing.assert_array_equal(
        found[0][0].acts.astype(np.float32), start.rehearsal.actions
    )


def test_an_episode_taken_back_leaves_no_trace(rounds):
    kept, taken_back = [episode(0), episode(2)], [episode(0), episode(1), episode(2)]
    learner = build()
    update(learner, taken_back)
    update(learner, kept)
    assert [len(found) for found in rounds] == [3, 2]


def test_a_start_of_the_same_kind_is_taken_as_it_is():
    start = policy_with_demonstrations("actor_critic")
    expected, _ = actions_of(EnsemblePolicy(start.network))
    np.testing.assert_array_equal(actions_of(build(start=start).policy)[0], expected)


def test_a_start_of_another_kind_is_cloned_from_its_demonstrations(caplog, tmp_path):
    start = policy_with_demonstrations("mlp")
    with caplog.at_level(logging.INFO, logger="iml_robot"):
        learner = build(start=start)
    assert "cloning the 200 demonstrated frames" in caplog.text
    actions, wanted = actions_of(learner.policy)
    assert np.abs(actions - wanted).mean() < 0.1
    learner.save(tmp_path / "policy.safetensors")
    saved = load_policy(tmp_path / "policy.safetensors", SPACES)
    assert (saved.name, len(saved.rehearsal)) == ("actor_critic", 200)
    assert saved.lineage == {"demonstrations": 7}


def test_a_start_of_another_kind_without_demonstrations_starts_untrained(caplog):
    with caplog.at_level(logging.INFO, logger="iml_robot"):
        learner = build(start=new_policy("mlp", SPACES, 0))
    assert "starting untrained" in caplog.text
    np.testing.assert_array_equal(
        actions_of(learner.policy)[0], actions_of(build().policy)[0]
    )


def test_the_policy_of_another_learner_is_not_gone_on_from(tmp_path):
    save_policy(new_policy("mlp", SPACES, 0), tmp_path / "policy.safetensors")
    with pytest.raises(ArtifactError, match=r"'mlp'.*'actor_critic'"):
        build().load(tmp_path / "policy.safetensors")


def test_a_policy_taken_before_an_update_does_not_change():
    learner = build()
    before = learner.policy
    expected, _ = actions_of(before)
    update(learner, [episode(0)])
    np.testing.assert_array_equal(actions_of(before)[0], expected)
    assert not np.array_equal(actions_of(learner.policy)[0], expected)


def test_an_interrupted_update_leaves_policy_and_disk_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    learner = build()
    expected, _ = actions_of(learner.policy)

    def interrupt(fraction):
        assert list(tmp_path.iterdir()), "the rounds lie here while it learns"
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learner.update([episode(0)], on_progress=interrupt)
    np.testing.assert_array_equal(actions_of(learner.policy)[0], expected)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("batches", [1, 10])
def test_weights_that_run_away_are_thrown_away(caplog, batches):
    learner = build(learning_rate=1e30, batches=batches)
    expected, _ = actions_of(learner.policy)
    heard = []
    with caplog.at_level(logging.WARNING, logger="iml_robot"):
        figures = learner.update([episode(0)], on_progress=heard.append)
    assert figures["updates"] == 0.0
    assert "thrown away" in caplog.text
    assert heard[-1] == 1.0
    np.testing.assert_array_equal(actions_of(learner.policy)[0], expected)


def test_it_learns_in_silence(capfd):
    update(build(start=policy_with_demonstrations("mlp")), [episode(0), episode(1)])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_the_number_of_gradient_steps_is_what_was_asked_for():
    heard = []
    figures = build(batches=7).update([episode(0)], on_progress=heard.append)
    np.testing.assert_allclose(heard, np.arange(1, 8) / 7)
    assert figures["updates"] == 7.0


def test_its_loss_falls():
    figures = update(build(batches=200), [episode(0), episode(1)])
    assert figures["loss_after"] < figures["loss_before"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"batches": 0}, "batches must be at least 1, got 0"),
        ({"batch_size": -1}, "batch_size must be at least 1, got -1"),
        ({"start_batches": 0}, "start_batches must be at least 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0, got 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0"),
        ({"hidden": [0]}, "hidden must be whole numbers above 0"),
        ({"batches": "many"}, "batches"),
    ],
)
def test_options_that_cannot_be_are_refused(options, part):
    with pytest.raises(UsageError) as caught:
        build(**options)
    assert part in str(caught.value) or "not supported" in str(caught.value)


def test_the_package_of_learners_loads_neither_torch_nor_the_library():
    code = (
        "import sys, iml_robot.learners, iml_robot.policies\n"
        "iml_robot.learners.LEARNERS.names()\n"
        "bad = {'torch', 'imitation', 'stable_baselines3', 'datasets'} & set(sys.modules)\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr


def test_a_learned_policy_drives_from_its_file_as_from_memory(tmp_path):
    learner = build()
    update(learner, [episode(0)])
    learner.save(tmp_path / "policy.safetensors")
    loaded = EnsemblePolicy(load_policy(tmp_path / "policy.safetensors", SPACES).network)
    np.testing.assert_array_equal(actions_of(loaded)[0], actions_of(learner.policy)[0])
