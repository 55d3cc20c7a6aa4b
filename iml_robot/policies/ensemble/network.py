"""The base of all ensemble networks: members side by side in one forward pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from iml_robot.policies.ensemble.taste import Taste


@dataclass(frozen=True)
class Spaces:
    """What a network must know of an environment.

    Attributes:
        observation_size: Length of an observation.
        action_size: Length of an action; actions are in [-1, 1].
        layout: Meaning of the observation's parts (`observation_layout` of the
            environment), or empty.
    """

    observation_size: int
    action_size: int
    layout: Mapping[str, Any] = field(default_factory=dict)


class EnsembleNetwork(nn.Module, ABC):
    """An ensemble of M small networks whose parameters carry a leading axis M.

    Args:
        spaces: Sizes and layout of observation and action.
        members: Number of members M.

    Attributes:
        spaces: Sizes and layout of observation and action.
        members: Number of members M.
        taste: What a person likes about driving; None: nobody said.
    """

    def __init__(self, spaces: Spaces, *, members: int) -> None:
        super().__init__()
        if members < 1:
            raise ValueError(f"members must be at least 1, got {members}")
        self.spaces = spaces
        self.members = members
        self.taste: Taste | None = None

    @property
    def normaliser_fitted(self) -> bool:
        """False while the input scales still wait for data."""
        return True

    def fit_normaliser(self, observations: Tensor) -> None:
        """Set input scales from the first data; networks with fixed scales do nothing."""
        del observations

    @abstractmethod
    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return the ensemble's action and its disagreement.

        Args:
            observations: shape (B, observation_size).

        Returns:
            Actions in [-1, 1], shape (B, action_size), and the standard deviation of
            the members' actions averaged over its components, shape (B,).
        """

    @abstractmethod
    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the imitation loss of each member on each sample, shape (M, B).

        Args:
            observations: shape (B, observation_size).
            actions: Labels in [-1, 1], shape (B, action_size).
        """

    def features(self, observations: Tensor) -> Tensor:
        """Return what tells situations apart as far as the action depends on it, (B, F).

        Where a correction of one situation helps in another, the two lie near each other;
        how near is for the caller to find out. The default is the observation as it is.

        Args:
            observations: shape (B, observation_size).
        """
        return observations

    def describe(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return what a taste may know of actions, (B, F); see `ensemble.taste`.

        Args:
            observations: shape (B, observation_size).
            actions: What is done there, shape (B, action_size).

        Raises:
            NotImplementedError: If the network can have no taste.
        """
        raise NotImplementedError(f"{type(self).__name__} can have no taste")


LARGEST_WEIGHT = 1e6


def all_sound(network: nn.Module) -> bool:
    """Return whether every weight is a number, and of a size that means something."""
    # A comparison with NaN is false, so that one check covers it all.
    return all(bool((w.abs() < LARGEST_WEIGHT).all()) for w in network.parameters())


class _MemberLayer(nn.Module):
    """Weights and biases of a layer, one set for each member."""

    def __init__(
        self,
        weight_shape: tuple[int, int, int],
        bias_shape: tuple[int, int, int],
        generator: torch.Generator,
        scale: float,
    ) -> None:
        super().__init__()
        weight = torch.randn(weight_shape, generator=generator) * scale
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(bias_shape))


class MemberLinear(_MemberLayer):
    """One linear layer for each member: (M, B, inputs) -> (M, B, outputs).

    Args:
        members: Number of members M.
        inputs: Size of the input.
        outputs: Size of the output.
        generator: Source of the initial weights.
        gain: Factor on the initial weights.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        outputs: int,
        generator: torch.Generator,
        *,
        gain: float = 1.0,
    ) -> None:
        shapes = (members, inputs, outputs), (members, 1, outputs)
        super().__init__(*shapes, generator, gain / inputs**0.5)

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply each member's layer to its input."""
        return torch.baddbmm(self.bias, inputs, self.weight)


class MemberMap(_MemberLayer):
    """The same with samples as columns: (M, inputs, N) -> (M, outputs, N).

    An input of shape (inputs, N) is the same for all members. Few channels and very
    many samples are much faster in this order.

    Args:
        members: Number of members M.
        inputs: Number of input channels.
        outputs: Number of output channels.
        generator: Source of the initial weights.
        gain: Factor on the initial weights.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        outputs: int,
        generator: torch.Generator,
        *,
        gain: float = 1.0,
    ) -> None:
        shapes = (members, outputs, inputs), (members, outputs, 1)
        super().__init__(*shapes, generator, gain / inputs**0.5)

    def forward(self, inputs: Tensor) -> Tensor:
        """Apply each member's layer to the shared or its own input."""
        if inputs.dim() == 3:
            return torch.baddbmm(self.bias, self.weight, inputs)
        members, outputs, width = self.weight.shape
        flat = torch.addmm(
            self.bias.view(-1, 1), self.weight.reshape(members * outputs, width), inputs
        )
        return flat.view(members, outputs, -1)
