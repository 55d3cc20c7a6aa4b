"""Replies and weight edits among the events of a session: added to, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from iml_robot.core.feedback import Answer, Purpose, Question, Reply, Segment, WeightEdit
from iml_robot.core.types import Episode
from iml_robot.data.store import SessionStore
from iml_robot.rewards.noise import Noise
from iml_robot.session.preferences.counterfactuals import Counterfactual
from iml_robot.session.preferences.moments import MomentAnswer

REPLY, TAKEN_BACK, EDIT = "reply", "reply_taken_back", "weight_edit"
COUNTERFACTUAL, NOISE = "counterfactual", "annotator_noise"
MOMENT = "moment_answer"


class Journal:
    """What people said, in the order in which they said it.

    A reply that is taken back stays on record, with a note that it does not count.

    Args:
        store: The session.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    def put_reply(self, reply: Reply) -> None:
        """Store an answer."""
        question = reply.question
        detail = {
            "question": question.question_id,
            "left": _place(question.left),
            "right": _place(question.right),
            "purpose": question.purpose.value,
            "repeats": question.repeats,
            "answer": reply.answer.value,
            "much": reply.much,
            "annotator": reply.annotator,
            "seconds": reply.seconds,
            "replays": reply.replays,
        }
        self._store.put_event(REPLY, detail=detail)

    def take_back(self, question_id: int) -> None:
        """Note that the last answer to a question does not count."""
        self._store.put_event(TAKEN_BACK, detail={"question": question_id})

    def put_edit(self, edit: WeightEdit) -> None:
        """Store an edit of a weight."""
        self._store.put_event(EDIT, detail=asdict(edit))

    def put_counterfactual(self, found: Counterfactual) -> None:
        """Store what else could have followed the start of a takeover."""
        detail = asdict(found)
        self._store.put_event(COUNTERFACTUAL, episode_id=found.episode_id, detail=detail)

    def counterfactuals(self) -> list[Counterfactual]:
        """Return what else could have followed takeovers, in order."""
        return [
            Counterfactual(**event.detail)
            for event in self._store.events()
            if event.kind == COUNTERFACTUAL
        ]

    def put_moment(self, answer: MomentAnswer) -> None:
        """Store what was said at a moment."""
        self._store.put_event(MOMENT, episode_id=answer.episode_id, detail=asdict(answer))

    def moments(self) -> list[MomentAnswer]:
        """Return what was said at moments, in order."""
        return [
            _moment(event.detail) for event in self._store.events() if event.kind == MOMENT
        ]

    def flush(self) -> None:
        """Wait until what was said can be read by other processes too."""
        self._store.flush()

    def put_noise(self, annotator: str, noise: Noise, *, replies: int) -> None:
        """Store how somebody errs, as learned from so many replies."""
        detail = {"annotator": annotator, "noise": asdict(noise), "replies": replies}
        self._store.put_event(NOISE, detail=detail)

    def noise(self) -> dict[str, tuple[Noise, int]]:
        """Return how each annotator errs, and from how many replies that was learned."""
        return {
            event.detail["annotator"]: (
                Noise(**event.detail["noise"]),
                int(event.detail["replies"]),
            )
            for event in self._store.events()
            if event.kind == NOISE
        }

    def replies(self, episodes: Sequence[Episode]) -> list[Reply]:
        """Return the answers that count, in order.

        Args:
            episodes: Those that the segments are parts of; answers about other episodes,
                such as excluded ones, are left out.
        """
        known = {episode.info.episode_id: episode for episode in episodes}
        replies: list[Reply] = []
        for event in self._store.events():
            if event.kind == TAKEN_BACK:
                _drop_last(replies, int(event.detail["question"]))
            elif event.kind == REPLY:
                reply = _reply(event.detail, known)
                if reply is not None:
                    replies.append(reply)
        return replies

    def edits(self) -> list[WeightEdit]:
        """Return all edits in order; the last of a feature counts."""
        return [
            WeightEdit(**event.detail)
            for event in self._store.events()
            if event.kind == EDIT
        ]


def _moment(detail: Mapping[str, Any]) -> MomentAnswer:
    action = detail["action"]
    return MomentAnswer(**{**detail, "action": None if action is None else tuple(action)})


def _place(segment: Segment) -> dict[str, Any]:
    place = {
        "episode": segment.episode_id,
        "start": segment.start,
        "steps": len(segment),
        "policy": segment.policy_version,
    }
    if segment.episode_id < 0:
        # Nobody recorded that drive: it was tried in a simulator.
        return {**place, "features": segment.features.tolist()}
    return place


def _segment(place: Mapping[str, Any], known: Mapping[int, Episode]) -> Segment | None:
    if "features" in place:
        rows = np.array(place["features"], np.float32)
        return Segment(place["episode"], place["start"], rows, place["policy"])
    episode = known.get(place["episode"])
    stop = place["start"] + place["steps"]
    if episode is None or stop > len(episode) or not episode.features.shape[1]:
        return None
    features = np.asarray(episode.features[place["start"] : stop])
    return Segment(place["episode"], place["start"], features, place["policy"])


def _reply(detail: Mapping[str, Any], known: Mapping[int, Episode]) -> Reply | None:
    left, right = (_segment(detail[side], known) for side in ("left", "right"))
    if left is None or right is None:
        return None
    purpose, number = Purpose(detail["purpose"]), int(detail["question"])
    question = Question(number, left, right, purpose, detail["repeats"])
    names = ("much", "annotator", "seconds", "replays")
    return Reply(question, Answer(detail["answer"]), **{n: detail[n] for n in names})


def _drop_last(replies: list[Reply], question_id: int) -> None:
    for place in reversed(range(len(replies))):
        if replies[place].question.question_id == question_id:
            del replies[place]
            return
