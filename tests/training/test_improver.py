"""One step of learning: what is accepted, what is refused, and how to go back."""

from dataclasses import replace

import numpy as np
import pytest
from point_corrections import OBS_DIM, SPACES, made_up_episode

from iml_robot.core.types import Source
from iml_robot.learners import LEARNERS
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.training.improver import Improver, hash_of
from iml_robot.training.verdict import Verdict

P, O = Source.POLICY, Source.OPERATOR  # noqa: E741
PROBES = np.random.default_rng(0).normal(size=(20, OBS_DIM)).astype(np.float32)


class Judge:
    """Says what it was told to, and keeps what it was shown."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.shown = []

    def judge(self, candidate, current, episodes):
        self.shown.append((acts(candidate), acts(current), len(episodes)))
        return Verdict(self._answers.pop(0), "as told", {"margin": 0.25})


def acts(policy):
    return policy.act_batch(PROBES)


def acts_of(path):
    return acts(EnsemblePolicy(load_policy(path, SPACES).network))


def corrected(number):
    return made_up_episode([P] * 30 + [O] * 9, number=number, seed=number)


def improve(improver, count):
    episodes = [corrected(n) for n in range(count)]
    return improver.improve(episodes, on_progress=lambda _: None)


@pytest.fixture
def improver_with(tmp_path):
    def make(*answers):
        learner = LEARNERS.build("hg_dagger", SPACES, None, 0, options={"updates": 5})
        judge = Judge(*answers) if answers else None
        improver = Improver(
            learner, judge, policy_path=lambda n: tmp_path / f"{n:04d}.safetensors"
        )
        improver.save()
        return improver, judge

    return make


def test_an_accepted_candidate_drives_from_its_file(improver_with, tmp_path):
    improver, judge = improver_with(True)
    start = acts(improver.learner.policy)
    improvement = improve(improver, 1)
    assert improvement.accepted
    assert (improvement.version, improvement.episodes) == (1, 1)
    assert improvement.path == tmp_path / "0001.safetensors"
    assert improvement.sha256 == hash_of(improvement.path)
    np.testing.assert_array_equal(acts_of(improvement.path), acts(improver.learner.policy))
    ((candidate, current, episodes),) = judge.shown
    np.testing.assert_array_equal(current, start)
    np.testing.assert_array_equal(candidate, acts(improver.learner.policy))
    assert episodes == 1
    assert improvement.figures["margin"] == 0.25
    assert improvement.decision == "policy 1 accepted: as told"


def test_a_refused_candidate_is_put_aside_and_the_last_good_one_drives(
    improver_with, tmp_path
):
    improver, judge = improver_with(True, False, False)
    improve(improver, 1)
    good = acts(improver.learner.policy)
    for count, name in ((2, "0002-refused"), (3, "0002-refused-2")):
        improvement = improve(improver, count)
        assert not improvement.accepted
        assert improvement.figures["accepted"] == 0.0
        assert (improvement.version, improvement.sha256) == (1, "")
        assert improvement.refused == tmp_path / f"{name}.safetensors"
        np.testing.assert_array_equal(acts_of(improvement.refused), judge.shown[-1][0])
        np.testing.assert_array_equal(acts(improver.learner.policy), good)
        assert not np.array_equal(judge.shown[-1][0], good)


def test_after_a_refusal_it_learns_on_as_if_nothing_had_been_tried(improver_with, tmp_path):
    improver, _ = improver_with(False, True)
    improve(improver, 1)
    tried = improve(improver, 2)
    straight, _ = improver_with(True)
    assert tried.path == tmp_path / "0001.safetensors"
    np.testing.assert_array_equal(
        acts(improver.learner.policy), acts_of(improve(straight, 2).path)
    )


def test_without_a_judge_everything_learned_drives(improver_with):
    improver, _ = improver_with()
    improvement = improve(improver, 1)
    assert improvement.accepted
    assert improvement.decision == ""


def test_nothing_learned_is_nothing_to_judge(improver_with):
    improver, judge = improver_with(True)
    improvement = improver.improve([made_up_episode([P] * 20)], on_progress=lambda _: None)
    assert not improvement.accepted
    assert improvement.verdict is None
    assert judge.shown == []


def test_an_undone_policy_keeps_its_number_and_its_file(improver_with, tmp_path):
    improver, _ = improver_with()
    first = improve(improver, 1)
    second = improve(improver, 2)
    content = second.path.read_bytes()
    improver.roll_back()
    assert improver.versions.current == 1
    np.testing.assert_array_equal(acts(improver.learner.policy), acts_of(first.path))
    third = improve(improver, 3)
    assert third.path == tmp_path / "0003.safetensors"
    assert second.path.read_bytes() == content
    improver.roll_back()
    assert improver.versions.current == 1


def test_the_first_policy_cannot_be_undone(improver_with):
    improver, _ = improver_with()
    improver.roll_back()
    assert improver.versions.current == 0


def test_nothing_is_learned_from_maps_that_policies_are_judged_on(improver_with):
    improver, _ = improver_with(True)
    taken = corrected(0)
    info = replace(taken.info, options={"split": "test", "level": 2})
    episode = replace(taken, info=info)
    with pytest.raises(ValueError, match="nobody may learn"):
        improver.improve([episode], on_progress=lambda fraction: None)
