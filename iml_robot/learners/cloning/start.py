"""The policy to begin with, whatever kind of policy it was."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.learners.cloning.descent import descend
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import Frames
from iml_robot.policies.ensemble.files import PolicyFile, copy_policy, new_policy
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy

RATE = 1e-3
"""Step size of Adam for cloning a start of another kind."""

logger = logging.getLogger(__name__)


def taken_over(
    kind: str,
    spaces: Spaces,
    start: PolicyFile | None,
    seed: int,
    *,
    hidden: Sequence[int],
) -> PolicyFile:
    """Return a policy of a kind, with what can be taken over from another policy.

    From one of the same kind that is everything. From one of another kind it is the
    demonstrations and the lineage, as its weights mean something else.

    Args:
        kind: Name of the network.
        spaces: Sizes and layout of observation and action.
        start: The other policy; None: there is none.
        seed: Root of all randomness.
        hidden: Units in each hidden layer of a new network.
    """
    if start is not None and start.name == kind:
        return copy_policy(start)
    options = {"hidden": list(hidden)}
    file = new_policy(kind, spaces, named_seed(seed, "policy"), options)
    if start is None:
        return file
    if not len(start.rehearsal):
        logger.info(
            "the weights of a policy of the kind %r cannot be taken over, and it carries "
            "no demonstrations: starting untrained", start.name,
        )  # fmt: skip
    return replace(file, rehearsal=start.rehearsal, lineage=start.lineage)


def begun(
    kind: str,
    spaces: Spaces,
    start: PolicyFile | None,
    seed: int,
    *,
    hidden: Sequence[int],
    updates: int,
) -> PolicyFile:
    """Return a policy of a kind that does much as another policy.

    Where weights cannot be taken over, it clones what the other policy does on the
    demonstrations that this one carries.

    Args:
        kind: Name of the network.
        spaces: Sizes and layout of observation and action.
        start: The other policy; None: there is none.
        seed: Root of all randomness.
        hidden: Units in each hidden layer of a new network.
        updates: Gradient steps for cloning.
    """
    file = taken_over(kind, spaces, start, seed, hidden=hidden)
    if start is None or start.name == kind or not len(start.rehearsal):
        return file
    shown = start.rehearsal.observations
    logger.info(
        "the weights of a policy of the kind %r cannot be taken over: cloning what it does "
        "on the %d demonstrated frames that it carries", start.name, len(shown),
    )  # fmt: skip
    actions = EnsemblePolicy(start.network).act_batch(shown)
    # One group: a bootstrap of groups means nothing to a single member.
    frames = Frames(shown, actions, np.zeros(len(shown), np.int64))
    rng = named_stream(seed, "start")
    descend(
        file.network,
        Mixture((frames,), (1.0,), members=1, rng=rng),
        updates=updates,
        learning_rate=RATE,
        on_progress=lambda _: None,
    )
    return file
