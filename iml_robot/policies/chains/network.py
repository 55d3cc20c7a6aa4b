"""A policy that weighs chains of arcs by what lies along them, term by term.

What a chain costs is a weighed sum of terms that mean something: metres of ice, metres
close to a post, the way that is left. So there are few weights, all chains share them,
left and right are alike by construction, and one correction says much about each of them.
Backing up is a choice of its own, not a speed: the mean of driving on and backing up would
be to stand still.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.policies.candidates.arcs import (
    HAND_ERROR,
    LEAST_ERROR,
    LEAST_SPEED,
    OWN,
    likeliest,
)
from iml_robot.policies.chains.terms import GROUND_TERMS, WAY_TERMS, ChainTerms, Look
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.taste import taste_of

UNIT = 5.0
"""Logits of a weight of 1. Adam moves all weights alike, so that they must be alike."""
BACKING_SPEED = -0.1
BACKING_CHOICE = 0.3
"""A driver backs up once its wheels have been spinning for a while. One observation does
not show for how long, so that backing up is right more often than it is done."""
TIE_BREAK = 0.01
"""Between turns that are as likely, the mean of the members' logits decides by so much."""
STILL_M_S, SPINNING_M_S = 0.35, 0.15
"""Slower than this the robot hardly moves; rims so much faster than it begin to spin."""
SPEED_TERMS = 4
BACKING_TERMS, COLOURED_BACKING_TERMS = 5, 2


class ChainNetwork(ChainTerms):
    """Scores chains of arcs over a scan of heights and colours.

    Args:
        spaces: Sizes and layout; the layout must have a "scan" with colours and a "state".
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        taste: Names of the reward features that a person's taste may weigh; None: the
            policy has no taste.

    Raises:
        ValueError: If the environment's observation has no scan with colours.
    """

    units: Tensor

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        members: int = 5,
        taste: Sequence[str] | None = None,
    ) -> None:
        super().__init__(spaces, members=members)
        colours = self._colours
        known = len(WAY_TERMS) + len(GROUND_TERMS) + len(self.ground_terms)
        coloured = colours * (2 + self.hardness_terms)
        generator = torch.Generator().manual_seed(seed)
        weights = 0.3 + 0.06 * torch.randn(members, known + coloured, generator=generator)
        speed = torch.zeros(members, SPEED_TERMS + 2 * colours)
        backing = torch.zeros(members, BACKING_TERMS + COLOURED_BACKING_TERMS * colours)
        # A colour that no demonstration showed must not change what the robot does.
        weights[:, known:] = 0
        speed[:, 0], backing[:, 0] = 0.5, -0.5
        units = torch.full((known + coloured,), UNIT)
        units[known:-colours] = self.colour_unit
        # Few demonstrations come near the edge, and nothing is worse.
        units[len(WAY_TERMS) + GROUND_TERMS.index("edge")] = self.colour_unit
        self.register_buffer("units", units, persistent=False)
        self.weights = nn.Parameter(weights)
        self.speed_weights = nn.Parameter(speed)
        self.backing_weights = nn.Parameter(backing)
        self.backing_speed = nn.Parameter(torch.full((members, 1), -0.5))
        self.answers = nn.Parameter(torch.zeros(members, 2, colours))
        under = 1 + len(self.ground_terms) + colours * (1 + self.hardness_terms)
        self.taste = taste_of(taste, 7 + 2 * (1 + under) + OWN)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, 2) and disagreement (B,); see the base class."""
        look = self._look(observations)
        logits, speeds, backing = self._judge(look, observations)
        probabilities = logits.softmax(-1)
        mean, speed_of = probabilities.mean(0), speeds.mean(0).clamp(-1, 1)
        if self.taste is not None and not self.taste.neutral:
            known = self._seen(observations, look, logits)
            bonus, factor = self.taste(self._tried(observations, known, speed_of))
            mean = (mean.clamp(min=1e-9).log() + bonus).softmax(-1)
            speed_of = (factor * speed_of).clamp(-1, 1)
        # As the policy `trajectory` does, and for its reasons: neither the likeliest turn
        # alone, which would dither, nor a mean over all, which would hit what is between.
        # Members that are all sure of different turns would tie, and rounding decide.
        nudged = mean + TIE_BREAK * logits.mean(0).softmax(-1)
        mode, near = likeliest(nudged)
        local = mean * near
        speed = speed_of.gather(-1, mode)
        yaws = self._commands(look, observations, speed).mean(0)
        yaw = (local * yaws).sum(-1, keepdim=True) / local.sum(-1, keepdim=True)
        back = self.backing_speed.mean().expand_as(speed)
        reverse = torch.cat([back, torch.zeros_like(yaw)], -1)
        backs = backing.sigmoid().mean(0)[:, None] > BACKING_CHOICE
        actions = torch.where(backs, reverse, torch.cat([speed, yaw], -1)).clamp(-1, 1)
        return actions, (probabilities * self.first_turns).sum(-1).std(0, correction=0)

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return how badly a label is explained plus squared error of the speed, (M, B).

        The label of a turn is the wanted one and a hand's error, as for `trajectory`.
        """
        with torch.no_grad():
            look = self._look(observations)
        logits, speeds, backing = self._judge(look, observations)
        speed, yaw = actions[:, :1], actions[:, 1:]
        backs = (speed[:, 0] < BACKING_SPEED).to(logits.dtype)
        choice = functional.binary_cross_entropy_with_logits(
            backing, backs.expand_as(backing), reduction="none"
        )
        error = yaw - self._commands(look, observations, speed)
        spread = (LEAST_ERROR * speed.abs().clamp(min=LEAST_SPEED)) ** 2 + HAND_ERROR**2
        explained = logits.log_softmax(-1) - 0.5 * error**2 / spread
        # The speed that goes with a turn is learned where that turn was meant.
        meant = explained.softmax(-1).detach()
        ahead = -explained.logsumexp(-1) + 2 * (meant * (speeds - speed) ** 2).sum(-1)
        reverse = 2 * (self.backing_speed - speed[:, 0]) ** 2
        return choice + torch.where(backs > 0, reverse, ahead)

    def features(self, observations: Tensor) -> Tensor:
        """Return what each first turn costs beside the best, and how the robot moves."""
        look = self._look(observations)
        logits = self._judge(look, observations)[0].mean(0)
        return torch.cat([_worse(logits), look.here, self._motion(observations)], -1)

    def _outlook(self, observations: Tensor) -> Tensor:
        """Return what lies under each first turn and how the robot stands, (B, K, n)."""
        look = self._look(observations)
        return self._seen(observations, look, self._judge(look, observations)[0])

    def _seen(self, observations: Tensor, look: Look, logits: Tensor) -> Tensor:
        """Return the outlook of what has been looked at and judged already."""
        worse = _worse(logits.mean(0))[..., None]
        own = self._stand(observations)[:, None].expand(-1, worse.shape[1], -1)
        return torch.cat([worse, look.under, own], -1)

    def _judge(self, look: Look, observations: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits and speeds of first turns, (M, B, K), and of backing up, (M, B)."""
        costs = self._unit_costs() @ look.terms.flatten(1)
        members, turns, batch = len(costs), len(self.first_turns), look.terms.shape[-1]
        logits = (-costs).view(members, turns, -1, batch).logsumexp(2).transpose(1, 2)
        speeds = (look.ahead @ self.speed_weights.T).permute(2, 0, 1).clamp(-1.2, 1.2)
        ahead = (logits.softmax(-1).detach() * look.blocked).sum(-1)
        return logits, speeds, self._backing(ahead, look, observations)

    def _unit_costs(self) -> Tensor:
        """Return what a unit of each term costs, in logits, (M, terms)."""
        new = 1 + (self.new_colours - 1) * (self.usual == 0).to(self.units.dtype)
        coloured = new.repeat(1 + self.hardness_terms)
        known = self.units.new_ones(len(self.units) - len(coloured) - len(new))
        factors = torch.cat([known, coloured, torch.ones_like(new)])
        return self.units * factors * self.weights

    def _backing(self, blocked: Tensor, look: Look, observations: Tensor) -> Tensor:
        """Return logits of backing up, (M, B).

        Backing goes on while the ground is bad or the way blocked, not by itself: without
        a memory that would never end.

        Args:
            blocked: How much the way ahead is blocked, shape (M, B).
            look: What is seen.
            observations: Shape (B, observation_size).
        """
        speed = self._of(observations, "speed")
        still = ((STILL_M_S - speed.abs()) / 0.1).clamp(0, 1)
        reversing = ((-speed - 0.05) / 0.2).clamp(0, 1)
        spinning = still * ((self._slip(observations) - SPINNING_M_S) / 0.3).clamp(0, 2)
        terms = [
            torch.ones_like(blocked),
            still.expand_as(blocked),
            blocked * still,
            blocked * reversing,
            spinning.expand_as(blocked),
        ]
        coloured = torch.cat(
            [spinning[:, None] * look.here, reversing[:, None] * look.here], 1
        )
        known = self.backing_weights[:, None, :BACKING_TERMS]
        rest = self.backing_weights[:, BACKING_TERMS:]
        logits = (torch.stack(terms, -1) * known).sum(-1)
        logits = logits + 2 * rest @ coloured.T
        return UNIT * logits

    def _commands(self, look: Look, observations: Tensor, speeds: Tensor) -> Tensor:
        """Return the yaw rate to command for each first turn, (M, B, K).

        A ground can answer more or less to a command, which a driver makes up for by what
        is missing from the wanted rate.

        Args:
            look: What is seen.
            observations: Shape (B, observation_size).
            speeds: At which the turns are made, shape (B, 1).
        """
        wanted = self.first_turns * speeds.abs().clamp(min=LEAST_SPEED)
        # Both of shape (M, B, 1).
        more, damping = (2 * torch.einsum("bc,mkc->kmb", look.here, self.answers))[
            ..., None
        ]
        rate = self._of(observations, "yaw_rate")[:, None]
        commands: Tensor = wanted * (1 + more) - damping * rate
        return commands.clamp(-1, 1)


def _worse(logits: Tensor) -> Tensor:
    """Return how much worse each turn is than the best, (B, K), from logits (B, K)."""
    return ((logits.amax(-1, keepdim=True) - logits) / UNIT).log1p()
