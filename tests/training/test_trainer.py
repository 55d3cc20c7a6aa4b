"""The trainer: versions, files and what it reports."""

import numpy as np
import pytest
import torch
from point_corrections import OBS_DIM, SPACES, made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.training.trainer import Trainer
from iml_robot.training.versions import Versions

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def trainer(tmp_path):
    return make_trainer(tmp_path)


def make_learner():
    return LEARNERS.build("hg_dagger", SPACES, None, 0, options={"updates": 20})


def make_trainer(folder, *, version=0):
    path = lambda n: folder / f"{n:04d}.safetensors"  # noqa: E731
    return Trainer(make_learner(), path, versions=Versions.up_to(version))


def update(trainer, *episodes):
    return trainer.update(episodes, on_progress=lambda _: None)


def corrected(number=0):
    return made_up_episode([P] * 30 + [O] * 9, number=number, seed=number)


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def drives_like(path, policy):
    probes = np.random.default_rng(0).normal(size=(20, OBS_DIM)).astype(np.float32)
    from_file = EnsemblePolicy(load_policy(path, SPACES).network)
    return np.array_equal(from_file.act_batch(probes), policy.act_batch(probes))


def test_the_start_is_kept_under_its_own_number(trainer, tmp_path):
    path = trainer.save_start()
    assert path == tmp_path / "0000.safetensors"
    assert drives_like(path, trainer.policy)


def test_every_update_that_learned_something_is_a_new_version(trainer, tmp_path):
    trainer.save_start()
    for version in (1, 2):
        result = update(trainer, *(corrected(n) for n in range(version)))
        assert (result.version, trainer.version) == (version, version)
        assert result.path == tmp_path / f"{version:04d}.safetensors"
        assert drives_like(result.path, trainer.policy)
    assert files_in(tmp_path) == [f"{n:04d}.safetensors" for n in range(3)]
    start = load_policy(tmp_path / "0000.safetensors").network.state_dict()
    assert not torch.equal(
        start["last.weight"], trainer.policy.network.state_dict()["last.weight"]
    )


def test_an_update_that_learned_nothing_keeps_the_version(trainer, tmp_path):
    start = trainer.save_start()
    content = start.read_bytes()
    result = update(trainer, made_up_episode([P] * 20))
    assert (result.version, result.path) == (0, start)
    assert result.figures["updates"] == 0.0
    assert start.read_bytes() == content
    assert files_in(tmp_path) == ["0000.safetensors"]


def test_a_resumed_trainer_numbers_on(tmp_path):
    result = update(make_trainer(tmp_path, version=6), corrected())
    assert result.path == tmp_path / "0007.safetensors"


def test_two_trainers_write_the_same_bytes(tmp_path):
    written = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        # As on a machine with other settings.
        torch.set_num_threads(2)
        result = update(make_trainer(tmp_path / name), corrected())
        written.append(result.path.read_bytes())
    assert written[0] == written[1]


def test_it_works_on_one_thread(trainer):
    assert torch.get_num_threads() == 1
    update(trainer, corrected())
    assert torch.get_num_threads() == 1


def test_it_reports_time_progress_and_figures(trainer):
    heard = []
    result = trainer.update([corrected()], on_progress=heard.append)
    assert 0 < result.seconds < 60
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert result.figures["takeovers"] == 1.0


def test_making_a_trainer_draws_from_no_random_stream(tmp_path):
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    Trainer(make_learner(), lambda n: tmp_path / str(n))
    assert torch.equal(torch.rand(2), expected)
