"""imitation's own preference comparisons run with our annotators."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from imitation.algorithms.preference_comparisons import RandomFragmenter
from imitation.data.types import TrajectoryWithRew
from judged_segments import SCALE, VECTOR, WEIGHTS, segments

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.bridge.imitation_gatherer import AnnotatorGatherer, quiet_logger
from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Reply, Wish

SCRIPT = Path(__file__).parents[2] / "scripts" / "imitation_with_our_annotator.py"


def fragments(count, seed=0, steps=20):
    """Return trajectories with known features."""
    made = []
    for segment in segments(count, seed, steps=steps):
        infos = np.array([{"features": row} for row in segment.features])
        rewards = segment.features.astype(np.float64) @ VECTOR
        blank = np.zeros((steps + 1, 1), np.float32)
        made.append(TrajectoryWithRew(blank, blank[:-1], infos, False, rewards))
    return made


def random_pairs():
    return RandomFragmenter(
        rng=np.random.default_rng(0), warning_threshold=0, custom_logger=quiet_logger()
    )


def oracle():
    options = {"weights": WEIGHTS, "seed": 0}
    return ANNOTATORS.build("oracle", SCALE, segments(100, 9), options=options)


class Scripted:
    """Says what it is told to, and then that left is better."""

    def __init__(self, *said):
        self.said = list(said)
        self.asked = []

    def answer(self, question):
        self.asked.append(question)
        said = self.said.pop(0) if self.said else Answer.LEFT
        return said if isinstance(said, Wish) else Reply(question, said)


def test_the_oracle_prefers_the_fragment_with_the_larger_return():
    rows = fragments(40)
    pairs = list(zip(rows[:20], rows[20:], strict=True))
    said = AnnotatorGatherer(oracle())(pairs)
    better = [float(a.rews.sum() > b.rews.sum()) for a, b in pairs]
    np.testing.assert_array_equal(said, better)
    assert said.shape == (20,)


def test_every_answer_becomes_one_number():
    annotator = Scripted(*Answer)
    rows = fragments(10)
    pairs = list(zip(rows[:5], rows[5:], strict=True))
    # Left, right, equal; without our fragmenter, what is open counts as equal.
    np.testing.assert_array_equal(
        AnnotatorGatherer(annotator)(pairs), [1, 0, 0.5, 0.5, 0.5]
    )


def test_where_nothing_is_said_the_next_pair_is_asked_about():
    annotator = Scripted(Answer.SKIP, Answer.RIGHT, Answer.CANT_TELL, Answer.LEFT)
    gatherer = AnnotatorGatherer(annotator)
    fragmenter = gatherer.fragmenter(random_pairs())
    pairs = fragmenter(fragments(10), 10, 3)
    assert len(pairs) == 3
    asked = len(annotator.asked)
    assert asked == 5
    np.testing.assert_array_equal(gatherer(pairs), [0, 1, 1])
    assert len(annotator.asked) == asked


def test_an_answer_can_be_taken_back():
    annotator = Scripted(Answer.LEFT, Wish.UNDO, Answer.RIGHT, Answer.EQUAL)
    gatherer = AnnotatorGatherer(annotator)
    fragmenter = gatherer.fragmenter(random_pairs())
    pairs = fragmenter(fragments(10), 10, 2)
    np.testing.assert_array_equal(gatherer(pairs), [0, 0.5])


def test_who_leaves_is_asked_no_more_in_this_round():
    annotator = Scripted(Answer.LEFT, Wish.LEAVE)
    gatherer = AnnotatorGatherer(annotator)
    fragmenter = gatherer.fragmenter(random_pairs())
    assert len(fragmenter(fragments(10), 10, 5)) == 1
    assert len(annotator.asked) == 2
    assert len(fragmenter(fragments(10), 10, 3)) == 3


def test_who_never_answers_does_not_stop_the_program():
    gatherer = AnnotatorGatherer(Scripted(*[Answer.SKIP] * 1000))
    fragmenter = gatherer.fragmenter(random_pairs())
    with pytest.raises(UsageError, match="none of 40 questions"):
        fragmenter(fragments(10), 10, 2)


def test_an_environment_without_features_says_what_to_do():
    row = fragments(1)[0]
    bare = TrajectoryWithRew(row.obs, row.acts, np.array([{}] * 20), False, row.rews)
    with pytest.raises(UsageError, match="segment_of"):
        AnnotatorGatherer(oracle())([(bare, bare)])


@pytest.mark.slow
def test_imitations_own_loop_learns_from_our_annotator():
    spec = importlib.util.spec_from_file_location("imitation_example", SCRIPT)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    result = example.train("human_like", steps=300, comparisons=40, seed=1)
    assert result["compared"] == 40
    assert result["asked"] >= 40
    assert np.isfinite(result["reward_loss"])
    # A pair takes 2 segments of 2 s and 3 s of thought.
    assert result["seconds"] == pytest.approx(7.0 * result["asked"])
