"""People have the last word on a policy that a gate let through."""

import time

import numpy as np
import pytest

from iml_robot.core.feedback import Answer, Purpose, Reply, Wish
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.rewards.annotation.policies import (
    Opinion,
    PolicyPair,
    ask_about_policies,
)
from iml_robot.training.approval import ApprovedTraining
from iml_robot.training.improver import Improvement
from iml_robot.training.trainer import TrainingResult
from iml_robot.training.verdict import Verdict
from iml_robot.training.versions import Versions


def drive(gain):
    """Eight steps, each of which gains as much."""
    nothing = np.zeros(8, np.float32)
    actions = np.zeros((8, 1), np.float32)
    columns = (actions, actions, actions, nothing.astype(np.int64), *[nothing] * 3)
    features = np.full((8, 1), gain, np.float32)
    info = EpisodeInfo(-1, "practice", "none", 0)
    return Episode(info, np.zeros((9, 2), np.float32), *columns, features=features)


PAIRS = (PolicyPair(drive(0.0), drive(1.0), 3), PolicyPair(drive(0.5), drive(2.0), 0))


class Trained:
    """Training that has three accepted policies, the last two of them new."""

    learning = 0.5

    def __init__(self, folder, *pairs):
        self.versions, self._pairs, self._folder = Versions((0, 1, 2), 2), pairs, folder
        for version in range(3):
            self.file(version).write_text(f"policy {version}")

    def file(self, version):
        return self._folder / f"{version:04d}.safetensors"

    @property
    def version(self):
        return self.versions.current

    @property
    def path(self):
        return self.file(self.version)

    def roll_back(self):
        self.versions = self.versions.rolled_back()
        return self.version

    def update(self, episodes, *, on_progress):
        made = [
            Improvement(
                version, self.file(version), "hash", 3, 1.0, {"updates": 5.0},
                Verdict(True, "worth no less", {}, pairs),
            )
            for version, pairs in zip((1, 2), self._pairs, strict=True)
        ]  # fmt: skip
        return TrainingResult(self.version, self.path, 3, tuple(made))


@pytest.mark.parametrize(
    ("opinions", "driving", "accepted", "asked"),
    [
        ({2: (1, 0)}, 2, [True, True], [2]),
        ({2: (-1, 1)}, 2, [True, True], [2]),
        ({2: (-1, 0), 1: (1, 1)}, 1, [True, False], [2, 1]),
        ({2: (-1, -1), 1: (-1,)}, 0, [False, False], [2, 1]),
        ({}, 2, [True, True], [2]),
    ],
)
def test_policies_drive_only_if_nobody_prefers_the_ones_before(
    tmp_path, opinions, driving, accepted, asked
):
    heard = []

    def ask(pairs, version, episodes):
        assert pairs == PAIRS
        assert episodes == ("episode",)
        heard.append(version)
        return Opinion(opinions[version]) if version in opinions else None

    training = ApprovedTraining(Trained(tmp_path, PAIRS, PAIRS), ask)
    result = training.update(("episode",), on_progress=print)
    assert heard == asked
    assert (result.version, training.version) == (driving, driving)
    assert result.path.read_text() == f"policy {driving}"
    assert [one.accepted for one in result.improvements] == accepted
    for one, wanted in zip(result.improvements, accepted, strict=True):
        if not wanted:
            assert "successor refused" in one.decision
            assert one.refused.name.endswith("-refused.safetensors")
            assert one.refused.is_file()


def test_the_time_that_answers_take_is_told(tmp_path):
    def ask(pairs, version, episodes):
        time.sleep(0.05)
        return Opinion((1, 1))

    training = ApprovedTraining(Trained(tmp_path, PAIRS, PAIRS), ask)
    assert 0.05 <= training.update((), on_progress=print).answered_s < 1


def test_policies_without_pairs_are_asked_about_by_nobody(tmp_path):
    training = ApprovedTraining(Trained(tmp_path, (), ()), lambda *_: pytest.fail("asked"))
    result = training.update((), on_progress=print)
    assert [one.accepted for one in result.improvements] == [True, True]
    assert training.learning == 0.5


class Scripted:
    """Prefers the drive that gains more, unless it is told to want something else."""

    def __init__(self, **wishes):
        self.wishes, self.questions = wishes, []

    def answer(self, question):
        self.questions.append(question)
        left, right = (side.features.mean() for side in (question.left, question.right))
        better = Answer.LEFT if left > right else Answer.RIGHT
        return self.wishes.get(f"q{len(self.questions)}", Reply(question, better))


def test_the_new_policy_is_meant_on_whichever_side_it_was_shown():
    pairs = [pair.numbered(-9, versions=(4, 5)) for pair in PAIRS]
    sides = set()
    for seed in range(8):
        rng = np.random.default_rng(seed)
        said = ask_about_policies(pairs, Scripted(), first_question=70, rng=rng)
        assert said.said == (1, 1)
        assert [r.question.question_id for r in said.replies] == [70, 71]
        for reply in said.replies:
            question = reply.question
            sides.add(question.left.policy_version)
            assert question.purpose is Purpose.POLICIES
            assert {question.left.episode_id, question.right.episode_id} == {-9, -8}
            assert len(question.left) == len(question.right)
    assert sides == {4, 5}


def test_whoever_leaves_at_once_has_said_nothing():
    rng = np.random.default_rng(0)
    said = ask_about_policies(PAIRS, Scripted(q1=Wish.LEAVE), first_question=0, rng=rng)
    assert said == Opinion()
    assert said.balance == 0
    assert "nobody compared" in said.reason
