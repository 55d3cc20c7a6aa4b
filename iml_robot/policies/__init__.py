"""From observations to actions: one ensemble network a file, and policy files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iml_robot.core.registry import Registry

if TYPE_CHECKING:
    from iml_robot.policies.ensemble.network import EnsembleNetwork

POLICIES: Registry[EnsembleNetwork] = Registry("policy", "iml_robot.policies")


def names_network(policy: str) -> bool:
    """Return whether a configured policy is a network to start untrained, not a file."""
    return policy in POLICIES.names() or ":" in policy
