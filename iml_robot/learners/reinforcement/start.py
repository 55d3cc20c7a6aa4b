"""The policy to begin with, whatever kind of policy it was."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import torch

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.learners.cloning.descent import descend
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import Frames
from iml_robot.policies.ensemble.files import PolicyFile, copy_policy, new_policy
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy

NETWORK = "gaussian_actor"
RATE = 1e-3
"""Step size of Adam for cloning a start of another kind."""

logger = logging.getLogger(__name__)


def begun(
    spaces: Spaces,
    start: PolicyFile | None,
    seed: int,
    *,
    hidden: tuple[int, ...],
    updates: int,
) -> PolicyFile:
    """Return a policy that can be trained, with weights of its own.

    The weights of another kind of policy cannot be taken over. Then the actor clones what
    that policy does on the demonstrations that it carries.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to begin with; None: an untrained one.
        seed: Root of all randomness.
        hidden: Units in each hidden layer of a new network.
        updates: Gradient steps for cloning.
    """
    if start is not None and start.name == NETWORK:
        return copy_policy(start)
    options = {"hidden": list(hidden)}
    file = new_policy(NETWORK, spaces, named_seed(seed, "policy"), options)
    if start is None:
        return file
    file = replace(file, rehearsal=start.rehearsal, lineage=start.lineage)
    shown = start.rehearsal.observations
    logger.info(
        "the weights of a policy of the kind %r cannot be taken over: cloning what it does "
        "on the %d demonstrated frames that it carries", start.name, len(shown),
    )  # fmt: skip
    if not len(shown):
        return file
    file.network.fit_normaliser(torch.from_numpy(shown))
    actions = EnsemblePolicy(start.network).act_batch(shown)
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
