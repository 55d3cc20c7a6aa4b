"""Episodes that go on from where another one was rewound to: chains of one drive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from iml_robot.core.types import STEP_COLUMNS, Episode, EpisodeInfo
from iml_robot.data.store import SessionStore

REWOUND = "rewound"
"""Outcome of an episode that its operator took back though it had not failed."""


def continuation(episode: Episode, episode_id: int) -> EpisodeInfo | None:
    """Return what goes on from where an episode was rewound to; None: it was not.

    Args:
        episode: The episode.
        episode_id: Number of the one that goes on.
    """
    info = episode.info
    if info.rewound_to is None:
        return None
    return replace(
        info,
        episode_id=episode_id,
        outcome="",
        terminated=False,
        continues=info.episode_id,
        begins_at=info.rewound_to,
        rewound_to=None,
    )


def taken_back(episode: Episode, to: int | None) -> Episode:
    """Return an ended episode as one whose end its operator has taken back.

    A success that was taken back is none: nobody shall count it beside the one that may
    follow, or take what led to it for good driving.

    Args:
        episode: The episode.
        to: Where its continuation begins, in control steps from `env.reset`; None: there
            will be none after all.
    """
    outcome = REWOUND if episode.info.outcome == "success" else episode.info.outcome
    return replace(episode, info=replace(episode.info, outcome=outcome, rewound_to=to))


def whole_chains(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the episodes that ended, without those whose continuation did not."""
    kept: dict[int, Episode] = {}
    for episode in episodes:
        if episode.info.outcome != "interrupted":
            kept[episode.info.episode_id] = episode
    while True:
        known = {episode.info.continues for episode in kept.values()}
        cut = [
            number
            for number, episode in kept.items()
            if (episode.info.rewound_to is not None and number not in known)
            or episode.info.continues not in {None, *kept}
        ]
        if not cut:
            return list(kept.values())
        for number in cut:
            del kept[number]


def recorded_drives(
    store: SessionStore, rows: Collection[int], *, redo: bool
) -> list[Episode]:
    """Return the episodes of an earlier part of a session that count in it.

    Args:
        store: The session. What is left out stays in it, marked, so that it is left out
            by whoever resumes the session later.
        rows: Numbers of those that were counted already.
        redo: Whether drives without their end are driven again, and left out.
    """
    redone = set(store.value("redone", ()))
    found = [e for e in store.episodes() if e.info.episode_id not in redone]
    if not redo:
        return found
    whole = {episode.info.episode_id for episode in whole_chains(found)} | set(rows)
    left_out = {e.info.episode_id for e in found} - whole
    if left_out:
        store.set_value("redone", sorted(redone | left_out))
    return [episode for episode in found if episode.info.episode_id in whole]


def newest_chain(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the newest episode and those that it goes on from, the first first."""
    known = {episode.info.episode_id: episode for episode in episodes}
    chain = list(episodes[-1:])
    while chain and chain[0].info.continues in known:
        chain.insert(0, known[chain[0].info.continues])
    return chain


def joined(chain: Sequence[Episode]) -> Episode:
    """Return a drive as one episode, without what was rewound.

    Args:
        chain: At least one episode; each but the first goes on from the one before.

    Returns:
        The last episode with the kept steps of the others before its own. It begins with
        the reset, or as near to it as the chain reaches.
    """
    last = chain[-1]
    parts, begins_at = [last], last.info.begins_at
    for episode in reversed(chain[:-1]):
        kept = begins_at - episode.info.begins_at
        if len(episode) < kept:
            # Its end was lost, so that nobody can say what lies between.
            break
        if kept > 0:
            parts.insert(0, episode.up_to(kept))
            begins_at = episode.info.begins_at
    if len(parts) == 1:
        return last
    first = parts[0]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in STEP_COLUMNS
    }
    seen = [part.observations[:-1] for part in parts] + [last.observations[-1:]]
    info = replace(last.info, continues=first.info.continues, begins_at=begins_at)
    return Episode(
        info=info, observations=np.concatenate(seen), prelude=first.prelude, **columns
    )
