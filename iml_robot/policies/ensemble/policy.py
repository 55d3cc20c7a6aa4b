"""A policy that drives: an ensemble network asked for actions."""

from __future__ import annotations

import hashlib

import numpy as np
import torch

from iml_robot.core.types import FloatArray
from iml_robot.policies.ensemble.network import EnsembleNetwork


class EnsemblePolicy:
    """Acts with an ensemble's joint action.

    Args:
        network: The ensemble.

    Attributes:
        disagreement: How much the members disagreed about the last actions, shape (n,).
    """

    def __init__(self, network: EnsembleNetwork) -> None:
        self.network = network
        self.disagreement: FloatArray = np.zeros(0, np.float32)

    @property
    def fingerprint(self) -> str:
        """A hash of weights and taste: policies with the same one act the same."""
        digest = hashlib.sha256()
        for tensor in self.network.state_dict().values():
            digest.update(tensor.numpy().tobytes())
        return digest.hexdigest()

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action for one observation: (obs_dim,) -> (act_dim,)."""
        action: FloatArray = self.act_batch(observation[None])[0]
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many observations: (n, obs_dim) -> (n, act_dim)."""
        if not len(observations):
            self.disagreement = np.zeros(0, np.float32)
            return np.zeros((0, self.network.spaces.action_size), np.float32)
        with torch.inference_mode():
            actions, disagreement = self.network(_tensor(observations))
        self.disagreement = disagreement.numpy()
        result: FloatArray = actions.numpy()
        return result

    def features(self, observations: FloatArray) -> FloatArray:
        """Return what tells situations apart for the network, (n, obs_dim) -> (n, F)."""
        with torch.inference_mode():
            result: FloatArray = self.network.features(_tensor(observations)).numpy()
        return result


def _tensor(observations: FloatArray) -> torch.Tensor:
    # Recorded episodes are read-only and foreign environments give float64.
    return torch.from_numpy(np.require(observations, np.float32, ["C", "W"]))


def use_one_thread() -> None:
    """Keep torch to one thread: these networks are too small to share out.

    Two processes that both take all cores slow each other down a hundredfold.
    """
    torch.set_num_threads(1)
