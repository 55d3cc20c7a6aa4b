"""Gradient steps of TD3 on proxy values: +1 for the operator, -1 for what was rejected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from stable_baselines3.common.utils import polyak_update
from torch import Tensor
from torch.nn import functional

from iml_robot.learners.proxy_values.transitions import Batch, Transitions
from iml_robot.policies.ensemble.files import Rehearsal
from iml_robot.policies.td3 import TD3Network

BATCH_SIZE = 128
DISCOUNT = 0.99
TAU = 0.005
POLICY_DELAY = 2
TARGET_NOISE, LARGEST_TARGET_NOISE = 0.2, 0.5
VALUE = 1.0
"""Value of the operator's action; that of the rejected one is its negative."""


@dataclass
class Descent:
    """Trains actor and critics of a network in place.

    Args:
        network: The network.
        learning_rate: Step size of Adam for actor and critics.
        rng: Draws batches and noise.
        cloning_weight: Factor on the actor's squared error against the operator.
        shown: Demonstrations, which count as the operator's there.
    """

    network: TD3Network
    learning_rate: float
    rng: np.random.Generator
    cloning_weight: float = 0.0
    shown: Rehearsal | None = None

    def run(
        self,
        operator: Transitions,
        policy: Transitions,
        updates: int,
        on_progress: Callable[[float], None],
    ) -> tuple[float, float]:
        """Take gradient steps; return the mean loss of the critics at begin and end.

        Args:
            operator: Steps of takeovers, at least one.
            policy: Steps that the policy drove; half of each batch if there are any.
            updates: Number of gradient steps.
            on_progress: Called with the finished fraction in [0, 1].
        """
        td3, losses = self.network.td3, []
        actor = torch.optim.Adam(td3.actor.parameters(), self.learning_rate, fused=True)
        critic = torch.optim.Adam(td3.critic.parameters(), self.learning_rate, fused=True)
        for step in range(updates):
            batch, corrected = self._draw(operator, policy)
            loss = self._critic_loss(batch, corrected)
            critic.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            critic.step()
            losses.append(float(loss.detach()))
            if step % POLICY_DELAY == POLICY_DELAY - 1:
                chosen = self._actor_loss(batch, corrected)
                actor.zero_grad()
                chosen.backward()  # type: ignore[no-untyped-call]
                actor.step()
                polyak_update(td3.critic.parameters(), td3.critic_target.parameters(), TAU)
                polyak_update(td3.actor.parameters(), td3.actor_target.parameters(), TAU)
            on_progress((step + 1) / updates)
        tenth = max(1, updates // 10)
        return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))

    def _draw(self, operator: Transitions, policy: Transitions) -> tuple[Batch, Tensor]:
        """Return a batch, and which of its steps are the operator's, shape (B, 1)."""
        half = BATCH_SIZE // 2 if len(policy) else BATCH_SIZE
        parts = [operator.rows(self.rng.integers(len(operator), size=half))]
        if len(policy):
            parts.append(policy.rows(self.rng.integers(len(policy), size=half)))
        names = Batch.__dataclass_fields__
        joined = {name: torch.cat([getattr(p, name) for p in parts]) for name in names}
        for name in ("observations", "following"):
            joined[name] = self.network.normalised(joined[name])
        corrected = torch.zeros(len(joined["driven"]), 1)
        corrected[:half] = 1.0
        return Batch(**joined), corrected

    def _critic_loss(self, batch: Batch, corrected: Tensor) -> Tensor:
        """Return half the squared temporal difference plus the proxy values' errors."""
        td3, target = self.network.td3, self._target(batch)
        driven = td3.critic(batch.observations, batch.driven)
        wanted = td3.critic(batch.observations, batch.wanted)
        total = torch.zeros(())
        for up, down in zip(driven, wanted, strict=True):
            difference = functional.mse_loss(batch.valued * up, batch.valued * target)
            proxy = corrected * ((up - VALUE).square() + (down + VALUE).square())
            total = total + 0.5 * difference + proxy.mean()
        return total

    def _actor_loss(self, batch: Batch, corrected: Tensor) -> Tensor:
        """Return the negative value of the actor's actions, plus the cloning term."""
        td3 = self.network.td3
        actions = td3.actor(batch.observations)
        loss: Tensor = -td3.critic.q1_forward(batch.observations, actions).mean()
        if self.cloning_weight > 0:
            own = corrected[:, 0] > 0
            errors = (actions - batch.driven)[own].square()
            if self.shown is not None and len(self.shown):
                rows = self.rng.integers(len(self.shown), size=len(errors))
                seen = torch.from_numpy(self.shown.observations[rows])
                labels = torch.from_numpy(self.shown.actions[rows])
                again = td3.actor(self.network.normalised(seen)) - labels
                errors = torch.cat([errors, again.square()])
            loss = loss + self.cloning_weight * errors.mean()
        return loss

    def _target(self, batch: Batch) -> Tensor:
        """Return what the values should be by those of the next states, shape (B, 1)."""
        td3 = self.network.td3
        drawn = self.rng.standard_normal(batch.driven.shape, np.float32)
        noise = torch.from_numpy(drawn * np.float32(TARGET_NOISE))
        noise = noise.clamp(-LARGEST_TARGET_NOISE, LARGEST_TARGET_NOISE)
        with torch.no_grad():
            actions = (td3.actor_target(batch.following) + noise).clamp(-1, 1)
            values = torch.cat(td3.critic_target(batch.following, actions), dim=1)
            least = values.amin(1, keepdim=True)
            target: Tensor = (1 - batch.ended) * DISCOUNT * least
        return target
