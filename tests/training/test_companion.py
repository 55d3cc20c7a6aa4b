"""What looks at each policy that may drive is shown all of them, and the files."""

import pytest
from point_corrections import SPACES, made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.training.trainer import Trainer
from iml_robot.training.verdict import Verdict

POLICY, OPERATOR = Source.POLICY, Source.OPERATOR


class Companion:
    """Notes what it was shown."""

    def __init__(self):
        self.seen = []

    def fit(self, learner, episodes, policy_file, before):
        assert policy_file.is_file()
        self.seen.append((policy_file.name, before.name, len(episodes)))


class Judge:
    def __init__(self, answers):
        self._answers = list(answers)

    def judge(self, candidate, current, episodes):
        return Verdict(self._answers.pop(0), "as told")


@pytest.fixture
def trained(tmp_path):
    def train(*answers, corrected=True):
        companion = Companion()
        trainer = Trainer(
            LEARNERS.build("hg_dagger", SPACES, None, 0, options={"updates": 5}),
            lambda number: tmp_path / f"{number}.safetensors",
            acceptance=Judge(answers),
            companion=companion,
        )
        trainer.save_start()
        sources = [POLICY] * 30 + [OPERATOR if corrected else POLICY] * 9
        for count in range(1, len(answers) + 1):
            episodes = [made_up_episode(sources, number=n, seed=n) for n in range(count)]
            trainer.update(episodes, on_progress=lambda _: None)
        return companion.seen

    return train


def test_the_first_policy_is_looked_at_before_anything_is_learned(trained):
    assert trained() == [("0.safetensors", "0.safetensors", 0)]


def test_an_accepted_policy_is_looked_at_with_the_one_before(trained):
    assert trained(True, True)[1:] == [
        ("1.safetensors", "0.safetensors", 1),
        ("2.safetensors", "1.safetensors", 2),
    ]


def test_after_a_refusal_the_present_policy_is_looked_at_again(trained):
    assert trained(False)[1:] == [("0.safetensors", "0.safetensors", 1)]


def test_episodes_without_corrections_tell_something_too(trained):
    assert trained(True, corrected=False)[1:] == [("0.safetensors", "0.safetensors", 1)]
