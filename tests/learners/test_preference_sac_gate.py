"""Whether a new policy may drive."""

from dataclasses import replace

import numpy as np
import pytest
from sac_parts import GROUND, SCALE, D, model, wanting

from iml_robot.core.feedback import Answer, Purpose, Reply, Wish
from iml_robot.learners.reinforcement.gate import Gate
from iml_robot.learners.reinforcement.rollouts import Drive, drive, returns
from iml_robot.robots.film import Film

STARTS = replace(GROUND, options={"level": 0, "split": "val"}, robots=6)
PROGRESS = wanting(progress=1.0)


class Pulled:
    """Accelerates towards the goal, weighs against its own speed; or away from it."""

    def __init__(self, gain):
        self.gain = gain

    def act_batch(self, seen):
        wanted = self.gain * seen[:, :2] - 0.8 * seen[:, 2:4]
        return wanted.clip(-1, 1).astype(np.float32)


class Idle:
    def act_batch(self, seen):
        return np.zeros((len(seen), 2), np.float32)


def worth(segment):
    return PROGRESS.reward(segment.features).mean()


class Says:
    """Prefers what gains more, or what gains less."""

    def __init__(self, sign):
        self.sign, self.questions = sign, []

    def answer(self, question):
        self.questions.append(question)
        better = self.sign * (worth(question.left) - worth(question.right)) > 0
        return Reply(question, Answer.LEFT if better else Answer.RIGHT)


def judge(old, new, **others):
    given = {"reward": PROGRESS, "feature_size": D, **others}
    return Gate(STARTS, seed=7).judge(old, new, **given)


def test_a_policy_that_is_worth_more_may_drive():
    verdict = judge(Idle(), Pulled(1.0))
    assert verdict.accepted
    assert verdict.figures["lower_bound_after"] > verdict.figures["lower_bound_before"]
    assert not verdict.replies


def test_a_policy_that_is_worth_less_may_not():
    verdict = judge(Pulled(1.0), Idle())
    assert not verdict.accepted
    assert "worth" in verdict.reason


def test_a_policy_that_fails_more_may_not_whatever_it_is_worth():
    fleeing = Pulled(-3.0)
    verdict = judge(Idle(), fleeing, reward=wanting(progress=-1.0))
    assert verdict.figures["lower_bound_after"] > verdict.figures["lower_bound_before"]
    assert verdict.figures["failures_after"] > 0
    assert not verdict.accepted
    assert "fails" in verdict.reason


class Torn:
    """Accelerates towards the goal from everywhere but the far west, where it flees."""

    def __init__(self, west):
        self.west = west

    def act_batch(self, seen):
        gain = np.where(seen[:, 4:5] < self.west, -3.0, 1.0)
        wanted = gain * seen[:, :2] - 0.8 * seen[:, 2:4]
        return wanted.clip(-1, 1).astype(np.float32)


@pytest.mark.parametrize(("west", "accepted"), [(-0.9, True), (0.0, False)])
def test_who_stood_still_and_never_failed_is_beaten_by_who_arrives_more_often_than_it_fails(
    west, accepted
):
    verdict = judge(Idle(), Torn(west), reward=wanting(progress=1.0))
    figures = verdict.figures
    assert figures["failures_before"] == figures["arrivals_before"] == 0
    assert figures["failures_after"] > 0
    assert (figures["arrivals_after"] >= figures["failures_after"]) is accepted
    assert verdict.accepted is accepted
    assert "arrives" in verdict.reason


def test_the_same_policy_stays_as_good_as_it_is():
    verdict = judge(Pulled(1.0), Pulled(1.0))
    assert verdict.accepted
    figures = verdict.figures
    assert figures["lower_bound_after"] == figures["lower_bound_before"]


def test_what_is_not_known_counts_against_a_policy():
    """Progress may be worth something, but nobody knows that speed is no nuisance."""
    doubtful = model([0.02, 0, 0, 0], spread=3.0)
    assert judge(Idle(), Pulled(1.0), reward=wanting(progress=0.02)).accepted
    gate = Gate(STARTS, seed=7, pessimism=3.0)
    verdict = gate.judge(Idle(), Pulled(1.0), reward=doubtful, feature_size=D)
    assert not verdict.accepted


@pytest.mark.parametrize(("sign", "accepted"), [(1, True), (-1, False)])
def test_whoever_is_asked_has_the_last_word(sign, accepted):
    says = Says(sign)
    verdict = judge(
        Idle(), Pulled(1.0),
        annotator=says, rng=np.random.default_rng(0), first_question=40,
    )  # fmt: skip
    assert verdict.accepted is accepted
    assert [q.question_id for q in says.questions] == [40, 41, 42]
    assert all(q.purpose is Purpose.POLICIES for q in says.questions)
    assert [reply.question for reply in verdict.replies] == says.questions
    assert verdict.figures["preferred"] == 3 * sign


def test_what_people_are_asked_about_can_be_shown():
    """The window drives it again in front of a camera, and compares every step."""
    pairs = judge(Idle(), Pulled(1.0)).pairs
    assert len(pairs) == 3
    film = Film(GROUND.env_id, size=(120, 90))
    for pair in pairs:
        for drive_, segment in zip((pair.old, pair.new), pair.segments(), strict=True):
            assert segment.stop == len(drive_)
            pictures = film.frames(drive_, segment.start, segment.stop)
            assert film.reason == ""
            assert len(pictures) == len(segment) // 2 + 1
    film.close()


class Hesitates(Says):
    """Wants to answer the first question again, then leaves."""

    def answer(self, question):
        reply = super().answer(question)
        return {2: Wish.UNDO, 5: Wish.LEAVE}.get(len(self.questions), reply)


def test_whoever_is_asked_can_go_back_and_leave():
    says = Hesitates(1)
    verdict = judge(Idle(), Pulled(1.0), annotator=says, rng=np.random.default_rng(0))
    assert [q.question_id for q in says.questions] == [0, 1, 0, 1, 2]
    assert verdict.figures["preferred"] == 2
    assert len(verdict.replies) == 2
    assert verdict.accepted


class Blind(Says):
    """Could not be shown the first question."""

    def answer(self, question):
        reply = super().answer(question)
        return None if len(self.questions) == 1 else reply


def test_what_cannot_be_shown_is_not_asked_about():
    says = Blind(-1)
    verdict = judge(Idle(), Pulled(1.0), annotator=says, rng=np.random.default_rng(0))
    assert verdict.figures["preferred"] == -2
    assert len(verdict.replies) == 2


def test_sides_need_a_generator():
    with pytest.raises(ValueError, match="give rng"):
        judge(Idle(), Pulled(1.0), annotator=Says(1))


def test_drives_are_equally_long_and_begin_anew_where_they_end():
    drives = drive(Pulled(-3.0), STARTS, count=4, seed=1, feature_size=D)
    assert {one.features.shape for one in drives} == {(STARTS.horizon_steps, D)}
    assert all(set(one.outcomes) == {"out_of_bounds"} for one in drives)
    assert min(one.failures for one in drives) >= 1
    still = drive(Idle(), STARTS, count=4, seed=1, feature_size=D)
    assert all(not one.outcomes for one in still)


def test_a_return_is_what_a_step_is_worth_in_the_mean():
    features = np.zeros((10, D), np.float32)
    place = SCALE.names.index("progress")
    features[:5, place] = 0.5
    (found,) = returns([Drive(features, ())], PROGRESS)
    mean = (0.25 - SCALE.mean[place]) / SCALE.std[place]
    assert found == pytest.approx(mean, rel=1e-5)


def test_the_same_starts_give_the_same_drives():
    drives = [drive(Pulled(1.0), STARTS, count=3, seed=1, feature_size=D) for _ in range(2)]
    for first, second in zip(*drives, strict=True):
        np.testing.assert_array_equal(first.features, second.features)
        assert first.outcomes == second.outcomes
