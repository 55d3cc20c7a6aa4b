"""Learning in a process of its own, with real processes that are really killed."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from held_learner import HeldRecipe, build_learner
from point_corrections import OBS_DIM, made_up_episode

from iml_robot.core.types import Source
from iml_robot.training.background import BackgroundTrainer
from iml_robot.training.trainer import Trainer

pytestmark = pytest.mark.slow

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741
PROBES = np.random.default_rng(0).normal(size=(20, OBS_DIM)).astype(np.float32)
WAIT_S = 0.3
SLACK_S = 1.0
"""What a busy machine may add to a wait [s]."""


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def trainer_in(tmp_path):
    """Makes background trainers that end with the test."""
    made = []

    def make(*, fails=False):
        made.append(
            BackgroundTrainer(
                build_learner(),
                HeldRecipe(tmp_path, fails),
                policy_path=partial(path_in, tmp_path),
                wait_s=WAIT_S,
            )
        )
        made[-1].save_start()
        return made[-1]

    yield make
    for trainer in made:
        trainer.close()


def path_in(folder, version):
    return folder / f"{version:04d}.safetensors"


def corrected(number):
    return made_up_episode([P] * 30 + [O] * 9, number=number, seed=number)


def uncorrected(number):
    return made_up_episode([P] * 20, number=number, seed=number)


def update(trainer, episodes):
    return trainer.update(episodes, on_progress=lambda _: None)


def finish(trainer):
    return trainer.finish(on_progress=lambda _: None, give_up=lambda: False)


def acts(trainer):
    return trainer.policy.act_batch(PROBES)


def wait_for(path, lines=1):
    deadline_s = time.monotonic() + 30
    while not path.exists() or len(path.read_text().split()) < lines:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def blocking_files(folder, *counts):
    """Return the policies that updates on so many episodes give while one waits."""
    folder.mkdir()
    trainer = Trainer(build_learner(), partial(path_in, folder))
    files = [trainer.save_start()]
    episodes = [corrected(n) for n in range(max(counts))]
    files += [update(trainer, episodes[:count]).path for count in counts]
    return [path.read_bytes() for path in files]


def ended(pid):
    """Return whether a process has ended, also where nobody has fetched its code yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_learning_each_episode_before_the_next_gives_the_same_bytes(trainer_in, tmp_path):
    trainer = trainer_in()
    episodes = []
    for number in range(3):
        episodes.append(corrected(number))
        update(trainer, episodes)
        finish(trainer)
        assert trainer.version == trainer.versions.current == number + 1
    files = [path_in(tmp_path, n).read_bytes() for n in range(4)]
    assert files == blocking_files(tmp_path / "blocking", 1, 2, 3)
    learner = build_learner()
    learner.load(trainer.path)
    np.testing.assert_array_equal(acts(trainer), learner.policy.act_batch(PROBES))
    # The control loop goes first, and Ctrl-C is for the parent alone.
    pid, own = trainer.pid, os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, own + 10)
    os.kill(pid, signal.SIGINT)
    update(trainer, [*episodes, corrected(3)])
    assert finish(trainer).version == 4
    assert trainer.pid == pid
    trainer.close()
    assert ended(pid)


def test_nobody_waits_for_a_slow_update_and_it_drives_from_the_next_boundary(
    trainer_in, tmp_path
):
    trainer = trainer_in()
    start = acts(trainer)
    hold = tmp_path / "hold"
    hold.touch()
    begun_s = time.monotonic()
    result = update(trainer, [corrected(0)])
    assert WAIT_S <= time.monotonic() - begun_s < WAIT_S + SLACK_S
    assert (result.version, result.learned, result.improvements) == (0, 0, ())
    assert result.seconds is None
    hold.unlink()
    wait_for(path_in_text(tmp_path, 1))
    # It is there, but nobody changes the policy while an episode is driven.
    np.testing.assert_array_equal(acts(trainer), start)
    result = update(trainer, [corrected(0), uncorrected(1)])
    assert (result.version, result.learned) == (1, 2)
    assert not np.array_equal(acts(trainer), start)
    assert [i.accepted for i in result.improvements] == [True, False]
    assert result.figures == result.improvements[0].figures


def path_in_text(folder, version):
    """Return a file of numbers that is there as soon as a policy is."""
    target = path_in(folder, version)
    deadline_s = time.monotonic() + 30
    while not target.exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    return folder / "updates"


def test_episodes_that_waited_are_learned_in_one_update(trainer_in, tmp_path):
    trainer = trainer_in()
    (tmp_path / "hold").touch()
    episodes = [corrected(0)]
    update(trainer, episodes)
    wait_for(tmp_path / "updates")
    for episode in (corrected(1), corrected(2), uncorrected(3)):
        episodes.append(episode)
        update(trainer, episodes)
    (tmp_path / "hold").unlink()
    result = finish(trainer)
    # The last time for the episode without corrections alone, from which nothing comes.
    assert (tmp_path / "updates").read_text().split() == ["1", "3", "4"]
    assert (result.version, result.learned) == (2, 4)
    files = [path_in(tmp_path, n).read_bytes() for n in range(3)]
    assert files == blocking_files(tmp_path / "blocking", 1, 3)


def test_a_process_killed_in_an_update_costs_one_notice_and_no_correction(
    trainer_in, tmp_path
):
    trainer = trainer_in()
    update(trainer, [corrected(0)])
    finish(trainer)
    (tmp_path / "hold").touch()
    episodes = [corrected(0), corrected(1)]
    update(trainer, episodes)
    wait_for(tmp_path / "updates", lines=2)
    killed = trainer.pid
    os.kill(killed, signal.SIGKILL)
    driving = acts(trainer)
    (tmp_path / "hold").unlink()
    episodes.append(uncorrected(2))
    begun_s = time.monotonic()
    result = update(trainer, episodes)
    assert time.monotonic() - begun_s < WAIT_S + SLACK_S
    assert trainer.pid != killed
    assert len(result.incidents) == 1
    assert "signal 9" in result.incidents[0]
    assert trainer.notice == "Learning stopped and was started again"
    if result.version == 1:  # The new process is hardly ready so soon.
        np.testing.assert_array_equal(acts(trainer), driving)
    result = finish(trainer)
    assert (result.version, result.learned, result.incidents) == (2, 3, ())
    files = [path_in(tmp_path, n).read_bytes() for n in range(3)]
    assert files == blocking_files(tmp_path / "blocking", 1, 2)
    update(trainer, episodes)
    assert trainer.notice == ""


def test_after_three_failures_in_a_row_the_policy_stays_and_nobody_waits(trainer_in):
    trainer = trainer_in(fails=True)
    start = acts(trainer)
    update(trainer, [corrected(0)])
    incidents = finish(trainer).incidents
    assert len(incidents) == 3
    assert all("out of ideas" in incident for incident in incidents)
    assert "given up" in incidents[-1]
    assert "given up" in trainer.notice
    assert trainer.pid is None
    begun_s = time.monotonic()
    result = update(trainer, [corrected(0), corrected(1)])
    assert time.monotonic() - begun_s < WAIT_S
    assert (result.version, result.incidents) == (0, ())
    np.testing.assert_array_equal(acts(trainer), start)


def test_what_is_learned_from_an_undone_policy_is_thrown_away(trainer_in, tmp_path):
    trainer = trainer_in()
    start = acts(trainer)
    update(trainer, [corrected(0)])
    finish(trainer)
    (tmp_path / "hold").touch()
    update(trainer, [corrected(0), corrected(1)])
    wait_for(tmp_path / "updates", lines=2)
    assert trainer.roll_back() == 0
    np.testing.assert_array_equal(acts(trainer), start)
    (tmp_path / "hold").unlink()
    result = finish(trainer)
    assert (result.version, result.improvements) == (0, ())
    update(trainer, [corrected(0), corrected(1), corrected(2)])
    result = finish(trainer)
    # The numbers 1 and 2 are used up; it was learned from the first policy.
    assert (result.version, trainer.versions.good) == (3, (0, 3))
    wanted = blocking_files(tmp_path / "blocking", 3)[1]
    assert path_in(tmp_path, 3).read_bytes() == wanted


def test_a_file_changed_after_it_was_judged_never_drives(trainer_in, tmp_path):
    trainer = trainer_in()
    start = acts(trainer)
    (tmp_path / "hold").touch()
    update(trainer, [corrected(0)])
    (tmp_path / "hold").unlink()
    path_in_text(tmp_path, 1)
    path_in(tmp_path, 1).write_bytes(path_in(tmp_path, 0).read_bytes())
    result = finish(trainer)
    assert result.version == 0
    assert "not the file that was judged" in result.incidents[0]
    np.testing.assert_array_equal(acts(trainer), start)
    update(trainer, [corrected(0), corrected(1)])
    assert finish(trainer).version == 2
    wanted = blocking_files(tmp_path / "blocking", 2)[1]
    assert path_in(tmp_path, 2).read_bytes() == wanted


def test_a_policy_that_cannot_be_written_is_learned_with_the_next(trainer_in, tmp_path):
    trainer = trainer_in()
    draft = tmp_path / ".0001.safetensors.draft"
    draft.mkdir()
    update(trainer, [corrected(0)])
    result = finish(trainer)
    assert (result.version, result.improvements) == (0, ())
    assert "could not be written" in result.incidents[0]
    draft.rmdir()
    update(trainer, [corrected(0), corrected(1)])
    result = finish(trainer)
    assert (trainer.versions.good[0], len(trainer.versions.good)) == (0, 2)
    wanted = blocking_files(tmp_path / "blocking", 2)[1]
    assert result.path.read_bytes() == wanted


PARENT = """
import sys, time
from functools import partial
from pathlib import Path
sys.path[:0] = {paths!r}
from held_learner import HeldRecipe, build_learner
from test_background_trainer import path_in
from iml_robot.training.background import BackgroundTrainer
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    path = partial(path_in, folder)
    trainer = BackgroundTrainer(build_learner(), HeldRecipe(folder), policy_path=path)
    trainer.save_start()
    print(trainer.pid, flush=True)
    time.sleep(60)
"""


def test_it_ends_with_a_killed_parent(tmp_path):
    here = Path(__file__).parent
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(paths=[str(here), str(here.parent)]))
    parent = subprocess.Popen(
        [sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    assert not ended(child)
    parent.kill()
    parent.communicate()
    deadline_s = time.monotonic() + 10
    while not ended(child):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
