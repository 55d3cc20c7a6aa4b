"""What becomes of an episode, by what the person chose and says."""

from __future__ import annotations

from iml_robot.core.types import Episode
from iml_robot.data.judgements import Judgements, Review
from iml_robot.data.store import SessionStore
from iml_robot.robots.film import Film
from iml_robot.session.judging import COUNTS, Judged, TakeUp
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.pause.choices import PauseChoice
from iml_robot.station.review.pictures import LatePictures
from iml_robot.station.review.replay import Replay, first_shown, replay_of
from iml_robot.station.review.screen import ReviewScreen
from iml_robot.station.stage import Stage

AGAIN = {
    PauseChoice.RESTART_KEEPING: Judged(again=True),
    PauseChoice.RESTART_DISCARDING: Judged(discard="restarted", again=True),
}
"""What choices in the pause menu make of the episode that they end."""
UNSEEN = ("operator_lost", "ended_by_operator", "interrupted")
"""Ends after which nobody is asked: nobody is there, or knows why."""
_EVERY = 2


class Reviewer:
    """Shows the end of an episode, where there is something to have an opinion about.

    Args:
        stage: The window.
        kept: What the person likes; without `workload.review` nothing is shown.
        env_id: Gymnasium id of the robot, for the film.
        dt_s: Control period [s].
        store: Keeps what is said.

    Attributes:
        chosen: What the pause menu made of the running episode; None: nothing.
        reviews: What was said, by number of the episode.
    """

    def __init__(
        self,
        stage: Stage,
        kept: KeptSettings,
        env_id: str,
        *,
        dt_s: float,
        store: SessionStore,
    ) -> None:
        self.chosen: PauseChoice | None = None
        self.reviews: dict[int, Review] = {}
        self._stage, self._kept, self._dt_s = stage, kept, dt_s
        self._judgements = Judgements(store)
        self._film = Film(env_id)
        self._screen = ReviewScreen(stage)

    def judge(self, episode: Episode, take_up: TakeUp) -> Judged:
        """Return what becomes of a drive; ask the person if there is a question.

        Args:
            episode: The drive, as one episode.
            take_up: Puts the robot back to where the person wants to drive on from.
        """
        chosen, self.chosen = self.chosen, None
        if chosen in AGAIN:
            return AGAIN[chosen]
        if not self._worth_a_look(episode):
            return COUNTS
        begun = episode.info.begins_at
        review = self._screen.ask(self._replay(episode), lambda step: take_up(begun + step))
        if self._stage.closed:
            return COUNTS
        number = episode.info.episode_id
        self.reviews[number] = review
        self._judgements.put_review(number, review, outcome=episode.info.outcome)
        # The review notes by itself that the last part is discarded; those that led to
        # it, where it was rewound, are discarded with it.
        chosen_step = review.rewind_to_step
        return Judged(
            discard="review" if review.discard else "",
            back_to=None if chosen_step is None else begun + chosen_step,
        )

    def close(self) -> None:
        """Close the simulator of the film."""
        self._film.close()

    def _worth_a_look(self, episode: Episode) -> bool:
        """Return whether there is anything that the environment cannot tell.

        An episode that reached the goal without help needs no opinion.
        """
        asked = self._kept.now.workload.review and not self._stage.closed
        plain = episode.info.outcome == "success" and not episode.takeovers()
        return asked and len(episode) > 0 and not plain and self._seen(episode)

    def _seen(self, episode: Episode) -> bool:
        return episode.info.outcome not in UNSEEN

    def _replay(self, episode: Episode) -> Replay:
        frames = LatePictures(self._film, episode, every=_EVERY)
        shown = frames.make_from(first_shown(episode, self._dt_s))
        known = episode.knows_prelude
        return replay_of(
            episode,
            self._dt_s,
            title=f"episode {episode.info.episode_id + 1}",
            frames=frames if shown else None,
            every=_EVERY,
            no_film=self._film.reason,
            earliest_rewind=0 if known else None,
            rewind_refused="" if known else "What came before it is not known.",
        )
