"""A few seconds of driving that show what a policy is worth.

Headless and for no human time: from shortly before takeovers and failures, from the
starts of episodes that were driven, on maps like theirs that nobody has driven yet, and on
familiar ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.seeding import named_seed
from iml_robot.core.types import BoolArray, Episode, EpisodeInfo
from iml_robot.robots.replays import Future, Key, Moment, Replays, key_of

BEFORE_TAKEOVER_STEPS = 20
"""Whatever went wrong before a takeover began about so long before it: 1 s."""
BEFORE_FAILURE_STEPS = 60
TROUBLED, STARTS = 12, 6
"""Stored moments of each kind that are driven from, the newest first."""
PRACTICE, FAMILIAR = 20, 6
"""Maps of each kind that nobody has driven."""
GUARDED = 20
"""Familiar maps on which nothing may be lost."""
HORIZON_STEPS = 300
"""Control steps driven from moments of trouble: 15 s."""
WHOLE_STEPS = 1200
"""Control steps driven from the starts of episodes without a time limit: 60 s."""
MASTERED = "mastered"
"""Figure of an update: of how many moments the policy copes with all, if it does."""
AGREED = "agreed"
"""Figure of an update: the operator did nothing but what the policy wanted anyway."""
KEPT = 12
"""So many results are remembered."""
LEAST_APPROACH_M = 2.0
"""A robot that came no nearer to the goal within the horizon is stuck [m]."""


class Trials:
    """Drives policies from the same moments.

    Args:
        replays: Simulators.
        practice: Options of `env.reset` for maps like those of the session; None: none.
        familiar: The same for familiar ground.
        guarded: The same for familiar ground on which nothing may be lost; None: as
            `familiar`.
        seed: Draws the maps.

    Attributes:
        replays: Simulators.
    """

    def __init__(
        self,
        replays: Replays,
        *,
        practice: Mapping[str, Any] | None = None,
        familiar: Mapping[str, Any] | None = None,
        guarded: Mapping[str, Any] | None = None,
        seed: int,
    ) -> None:
        self.replays = replays
        # What each policy was seen to do already, by its fingerprint.
        self._known: dict[tuple[str, tuple[Key, ...]], _Known] = {}
        named = {"practice": (practice, PRACTICE), "familiar": (familiar, FAMILIAR)}
        self._fresh = {
            name: (options, count)
            for name, (options, count) in named.items()
            if options is not None
        }
        self._guarded = familiar if guarded is None else guarded
        self._seed = seed

    @property
    def possible(self) -> bool:
        """Whether episodes can be taken up again at all."""
        return self.replays.possible

    def moments(self, episodes: Sequence[Episode]) -> list[Moment]:
        """Return where policies are driven from.

        The maps that nobody has driven are others with each number of episodes. On the
        same maps all along, update after update would keep what fits just those.

        Args:
            episodes: Every usable episode, the newest last.
        """
        moments = stored_moments(episodes)
        for name, (options, count) in self._fresh.items():
            seed = named_seed(self._seed, f"fresh {name}", len(episodes))
            moments += fresh_moments(name, options, count, seed=seed)
        return moments

    def drive(
        self, policy: Policy, episodes: Sequence[Episode], *, beyond: int = -1
    ) -> BoolArray:
        """Return from which moments a policy copes, shape (moments,).

        Moments that cannot be taken up again are left out, for every policy the same.

        Args:
            policy: The policy.
            episodes: Every usable episode, the newest last.
            beyond: As soon as it cannot cope with more than so many moments nobody drives
                on; the answer then tells that, and no more, as robots were on their way.
        """
        return self._drive(policy, self.moments(episodes), beyond)

    def drive_further(
        self, policy: Policy, episodes: Sequence[Episode], *, beyond: int = -1
    ) -> BoolArray:
        """Return which of further maps a policy copes with, shape (maps,).

        What has been chosen because it did well on the maps of `drive` is judged on these.

        Args:
            policy: The policy.
            episodes: Every usable episode, the newest last.
            beyond: As for `drive`.
        """
        if "practice" not in self._fresh:
            return np.zeros(0, np.bool_)
        options, count = self._fresh["practice"]
        seed = named_seed(self._seed, "further practice", len(episodes))
        further = fresh_moments("further", options, count, seed=seed)
        return self._drive(policy, further, beyond)

    def drive_familiar(self, policy: Policy, *, beyond: int = -1) -> BoolArray:
        """Return which familiar maps a policy copes with, shape (maps,).

        They are the same all along, so that it is known of a policy that was judged on
        them before; nothing is chosen by them.

        Args:
            policy: The policy.
            beyond: As for `drive`.
        """
        if self._guarded is None:
            return np.zeros(0, np.bool_)
        seed = named_seed(self._seed, "guarded familiar")
        guarded = fresh_moments("guarded", self._guarded, GUARDED, seed=seed)
        return self._drive(policy, guarded, beyond)

    def _drive(self, policy: Policy, moments: Sequence[Moment], beyond: int) -> BoolArray:
        # All moments at once or none: in another company the last bits of a policy's
        # answers are others, and what is seen must not depend on what was seen before.
        name = getattr(policy, "fingerprint", None)
        if name is None:
            return self._coped(policy, moments, beyond)
        seen = name, tuple(map(key_of, moments))
        known = self._known.get(seen)
        if known is None or not known.says_enough(beyond):
            self._known = {key: self._known[key] for key in [*self._known][-KEPT:]}
            known = _Known(self._coped(policy, moments, beyond), beyond)
            self._known[seen] = known
        return known.coped

    def _coped(self, policy: Policy, moments: Sequence[Moment], beyond: int) -> BoolArray:
        drivers = [policy] * len(moments)
        # What goes on after a rewind has less time than a whole episode.
        whole = [m.step == 0 and m.episode.info.continues is None for m in moments]
        longest = self.replays.longest or WHOLE_STEPS
        steps = [longest if start else HORIZON_STEPS for start in whole]
        futures = self.replays.futures(
            moments, drivers, steps=steps, failures=len(moments) - beyond - 1
        )
        pairs = zip(futures, whole, strict=True)
        return np.array([copes(f, whole=w) for f, w in pairs if f is not None], np.bool_)


@dataclass(frozen=True)
class _Known:
    """From which moments a policy was seen to cope.

    Attributes:
        coped: As `Trials.drive` said, shape (moments,).
        beyond: If it copes with no more than so many, it may have been stopped.
    """

    coped: BoolArray
    beyond: int

    def says_enough(self, beyond: int) -> bool:
        """Return whether one need not drive again for another `beyond`."""
        return bool(self.coped.sum() > self.beyond) or beyond >= self.beyond


def copes(future: Future, *, whole: bool) -> bool:
    """Return whether a robot neither failed nor got stuck.

    Args:
        future: What it did.
        whole: Whether it had the time of a whole episode.
    """
    if future.outcome:
        return not future.failed
    if not future.has_goal:
        return True
    return not whole and future.approach_m >= LEAST_APPROACH_M


def stored_moments(episodes: Sequence[Episode]) -> list[Moment]:
    """Return moments of trouble and starts of episodes, the newest of each kind."""
    troubled: list[Moment] = []
    for episode in reversed(episodes):
        steps = [t.start - BEFORE_TAKEOVER_STEPS for t in episode.takeovers()]
        # What was taken back goes on in another episode, from before the trouble.
        if episode.info.outcome != "success" and episode.info.rewound_to is None:
            steps.append(len(episode) - BEFORE_FAILURE_STEPS)
        troubled += [Moment(episode, max(0, step)) for step in steps]
    # What goes on after a rewind has less time than a whole episode.
    whole = [episode for episode in episodes if episode.info.continues is None]
    starts = [Moment(episode, 0) for episode in reversed(whole)]
    return troubled[:TROUBLED] + starts[:STARTS]


def fresh_moments(
    name: str, options: Mapping[str, Any], count: int, *, seed: int
) -> list[Moment]:
    """Return the starts of episodes that nobody has driven yet.

    Args:
        name: Tells these episodes from others.
        options: Options of `env.reset`.
        count: How many.
        seed: Draws them.
    """
    none = np.zeros((0, 0), np.float32)
    nothing = np.zeros(0, np.float32)
    moments = []
    for number in range(count):
        info = EpisodeInfo(
            episode_id=-1,
            phase=name,
            env_id="",
            seed=named_seed(seed, name, number),
            options=options,
        )
        episode = Episode(
            info, none, none, none, none,
            sources=np.zeros(0, np.int64), authorities=nothing,
            rewards=nothing, evaluations=nothing,
        )  # fmt: skip
        moments.append(Moment(episode, 0))
    return moments
