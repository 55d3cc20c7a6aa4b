"""What people say about episodes and the work is kept, and can be taken back."""

import pytest

from iml_robot.data.judgements import Judgements, LoadAnswers, Review
from iml_robot.data.store import SessionStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.db"


def test_reviews_and_answers_are_read_as_they_were_stored(path):
    review = Review(None, ("stuck", "other"), rewind_to_step=420, seconds_spent=3.5)
    load = LoadAnswers({"mental": 35, "effort": 60}, seconds_spent=12.0)
    with SessionStore.create(path) as store:
        said = Judgements(store)
        said.put_review(3, Review(True), outcome="rolled_over")
        said.put_review(3, review, outcome="rolled_over")
        said.put_load(load)
    with SessionStore.read(path) as store:
        said = Judgements(store)
        assert said.reviews() == {3: review}
        assert said.loads() == [load]
        assert said.loads()[0].mean == 47.5
        assert said.discarded() == frozenset()


def test_a_discarded_episode_can_be_restored(path):
    with SessionStore.create(path) as store:
        said = Judgements(store)
        said.put_review(1, Review(True, discard=True), outcome="success")
        said.discard(2, why="restart")
        said.discard(5, why="restart")
        said.restore(2)
        assert said.discarded() == {1, 5}


def test_sessions_without_judgements_have_none(path):
    with SessionStore.create(path) as store:
        store.put_event("device_removed", episode_id=0)
        said = Judgements(store)
        assert said.discarded() == frozenset()
        assert (said.reviews(), said.loads()) == ({}, [])


@pytest.mark.parametrize(
    "values", [{"tags": ("hot",)}, {"seconds_spent": -1.0}, {"rewind_to_step": -1}]
)
def test_what_nobody_can_mean_is_refused(values):
    with pytest.raises(ValueError, match=r"at least 0|no reason is called .hot."):
        Review(True, **values)
