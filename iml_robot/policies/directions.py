"""A policy that scores directions of flight by what the rays around them show.

A small convolution over the circle of rays turns nearness into a cost of each direction;
the goal, and the way the robot moves already, count too. Beside each direction stands how
fast to fly, climb and turn if it is taken. All weights are shared around the robot, and
left and right are treated alike by construction, so that one correction teaches all
directions at once.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, MemberLinear, Spaces

KERNEL = 7
"""Rays that the first layer sees at once: with 10 degrees between them, 30 to each side."""
SECOND_KERNEL = 5
LEAST_SPEED = 0.1
"""A slower command is hovering and says nothing about which way is good."""
TERMS = 5
HEAD_FEATURES = 12
HEADS = ("speed", "up", "yaw_rate")


@POLICIES.register("directions")
class DirectionsNetwork(EnsembleNetwork):
    """Chooses one of the rays' directions; for robots that fly (forward, left, up, yaw).

    Args:
        spaces: Sizes and layout; the layout must have "rays" and a "state".
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        hidden: Channels of the convolution.
        head_hidden: Units of the network behind speed, climb and turn.

    Raises:
        ValueError: If the environment's observation has no rays, or its actions are others.
    """

    azimuths: Tensor

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        members: int = 5,
        hidden: int = 8,
        head_hidden: int = 16,
    ) -> None:
        super().__init__(spaces, members=members)
        layout = spaces.layout
        if "rays" not in layout or "state" not in layout or spaces.action_size != 4:
            raise ValueError(
                "this policy needs an observation with rays and actions (forward, left, "
                "up, yaw_rate); use policy mlp"
            )
        self._layers, self._rays = (int(part) for part in layout["rays"]["shape"])
        self._start = int(layout["rays"]["start"])
        self._range_m = float(layout["rays"]["range_m"])
        state = layout["state"]
        self._state = {n: state["start"] + i for i, n in enumerate(state["names"])}
        generator = torch.Generator().manual_seed(seed)

        def kernel(*shape: int, gain: float) -> nn.Parameter:
            scale = gain / math.sqrt(shape[1] * shape[2])
            return nn.Parameter(torch.randn(shape, generator=generator) * scale)

        inputs = 2 * self._layers + 1
        self.first = kernel(members * hidden, inputs, KERNEL, gain=1.0)
        self.first_bias = nn.Parameter(torch.zeros(members * hidden))
        self.second = kernel(members, hidden, SECOND_KERNEL, gain=2.0)
        self.second_bias = nn.Parameter(torch.zeros(members))
        self.term_weights = nn.Parameter(torch.full((members, TERMS), 0.5))
        features = HEAD_FEATURES + 2 * self._layers
        self.head_hidden = MemberLinear(members, features, head_hidden, generator)
        self.head_out = MemberLinear(members, head_hidden, len(HEADS), generator, gain=0.1)
        turns = torch.arange(self._rays) * (2 * math.pi / self._rays)
        signed = torch.atan2(torch.sin(turns), torch.cos(turns))
        self.register_buffer("azimuths", signed, persistent=False)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, 4) and disagreement (B,); see the base class."""
        logits, heads = self._evaluate(observations)
        probabilities = logits.softmax(-1)
        mean = probabilities.mean(0)
        # The likeliest three neighbouring directions together: two ways round a trunk
        # that are nearly as good would else take turns.
        windows = mean + mean.roll(1, -1) + mean.roll(-1, -1)
        mode = windows.argmax(-1, keepdim=True)
        apart = (torch.arange(self._rays) - mode).remainder(self._rays)
        local = mean * ((apart <= 1) | (apart == self._rays - 1))
        x = (local * torch.cos(self.azimuths)).sum(-1)
        y = (local * torch.sin(self.azimuths)).sum(-1)
        direction = torch.stack([x, y], -1)
        direction = direction / torch.linalg.vector_norm(direction, dim=-1, keepdim=True)
        chosen = heads.mean(0).gather(1, mode[..., None].expand(-1, -1, len(HEADS)))[:, 0]
        flight = chosen[:, :1] * direction
        actions = torch.cat([flight, chosen[:, 1:]], dim=-1).clamp(-1, 1)
        spread = torch.stack(
            [
                (probabilities * torch.cos(self.azimuths)).sum(-1),
                (probabilities * torch.sin(self.azimuths)).sum(-1),
            ]
        ).std(1, correction=0)
        return actions, spread.mean(0)

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return cross-entropy of the direction plus squared errors of the rest, (M, B)."""
        logits, heads = self._evaluate(observations)
        speed = torch.linalg.vector_norm(actions[:, :2], dim=-1)
        target = self._two_hot(actions)
        flying = (speed > LEAST_SPEED).to(logits.dtype)
        direction_loss = -(target * logits.log_softmax(-1)).sum(-1) * flying
        wanted = torch.cat([speed[:, None].clamp(max=1), actions[:, 2:]], dim=-1)
        errors = ((heads - wanted[:, None]) ** 2).sum(-1)
        # A robot that hovers has no direction; what it does counts under all of them.
        weights = torch.where(flying[:, None] > 0, target, 1 / self._rays)
        total: Tensor = direction_loss + 2.0 * (weights * errors).sum(-1)
        return total

    def _evaluate(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (M, B, K) and speed, climb and turn (M, B, K, 3)."""
        near = self._nearness(observations)
        cost = self._costs(observations, near)
        terms = self._terms(observations)
        pull = torch.einsum("bkf,mf->mbk", terms, self.term_weights)
        return -cost - pull, self._heads(observations, near, cost)

    def _nearness(self, observations: Tensor) -> Tensor:
        """Return how near things are, 0 to 1, two scales for each layer, (B, 2L, K).

        What lies behind the goal does not matter.
        """
        count = self._layers * self._rays
        rays = observations[:, self._start : self._start + count]
        ranges = self._range_m * rays.view(-1, self._layers, self._rays)
        goal = 20 * self._value(observations, "goal_distance")[:, :, None] + 1.0
        ranges = torch.where(ranges < goal, ranges, torch.full_like(ranges, self._range_m))
        far = 1 - ranges / self._range_m
        close = (1 - ranges / 3.0).clamp(min=0)
        return torch.cat([far, close], dim=1)

    def _costs(self, observations: Tensor, near: Tensor) -> Tensor:
        """Return what it costs to fly in each direction, (M, B, K)."""
        height = self._value(observations, "height")[:, :, None]
        inputs = torch.cat([near, height.expand(-1, 1, self._rays)], dim=1)
        hidden = functional.conv1d(
            _around(inputs, KERNEL), _symmetric(self.first), self.first_bias
        )
        cost = functional.conv1d(
            _around(torch.relu(hidden), SECOND_KERNEL),
            _symmetric(self.second),
            self.second_bias,
            groups=self.members,
        )
        positive: Tensor = functional.softplus(2 * cost).transpose(0, 1)
        return positive

    def _terms(self, observations: Tensor) -> Tensor:
        """Return what a direction costs beside what stands there, (B, K, 5)."""
        cos, sin = torch.cos(self.azimuths), torch.sin(self.azimuths)
        goal_x = self._value(observations, "goal_forward")
        goal_y = self._value(observations, "goal_left")
        along = goal_x * cos + goal_y * sin
        off = torch.acos(along.clamp(-0.9999, 0.9999))
        move_x = self._value(observations, "speed_forward")
        move_y = self._value(observations, "speed_left")
        moving = move_x * cos + move_y * sin
        speed = torch.sqrt(move_x**2 + move_y**2 + 1e-6)
        behind = self.azimuths.abs().expand(len(observations), -1) / math.pi
        return torch.stack([3 * (1 - along), off, 2 * (speed - moving), behind, off**2], -1)

    def _heads(self, observations: Tensor, near: Tensor, cost: Tensor) -> Tensor:
        """Return speed in [0, 1], climb and turn in [-1, 1], (M, B, K, 3)."""
        # Straight ahead and straight back have no side.
        side = torch.sign(torch.sin(self.azimuths).round(decimals=5))
        cos, sin = torch.cos(self.azimuths), torch.sin(self.azimuths)

        def value(name: str) -> Tensor:
            return self._value(observations, name).expand(-1, self._rays)

        def both(x: Tensor, y: Tensor) -> list[Tensor]:
            """Return a vector's parts along and across each direction."""
            return [x * cos + y * sin, (y * cos - x * sin) * side]

        shared = torch.stack(
            [
                (self.azimuths.abs() / math.pi).expand(len(observations), -1),
                *both(value("goal_forward"), value("goal_left")),
                *both(value("speed_forward"), value("speed_left")),
                # Nose down pulls ahead, leaning left pulls to the left.
                *both(4 * value("pitch"), -4 * value("roll")),
                value("goal_distance"),
                value("height"),
                value("speed_up"),
                value("yaw_rate") * side,
            ],
            dim=-1,
        )
        around = torch.maximum(near, torch.maximum(near.roll(1, -1), near.roll(-1, -1)))
        seen = torch.cat([shared, around.transpose(1, 2)], dim=-1)
        members, batch, count = cost.shape
        features = torch.cat(
            [seen.expand(members, -1, -1, -1), cost.clamp(max=20).log1p()[..., None]], -1
        )
        flat = features.reshape(members, batch * count, -1)
        raw = self.head_out(torch.tanh(self.head_hidden(flat)))
        raw = raw.view(members, batch, count, len(HEADS))
        speed = torch.sigmoid(3 * raw[..., 0])
        return torch.stack(
            [speed, torch.tanh(raw[..., 1]), torch.tanh(raw[..., 2]) * side], dim=-1
        )

    def _two_hot(self, actions: Tensor) -> Tensor:
        """Return each label's direction as weights on its two nearest rays, (B, K)."""
        angle = torch.atan2(actions[:, 1], actions[:, 0]).remainder(2 * math.pi)
        place = angle * (self._rays / (2 * math.pi))
        apart = (torch.arange(self._rays) - place[:, None]).abs()
        apart = torch.minimum(apart, self._rays - apart)
        return (1 - apart).clamp(min=0)

    def _value(self, observations: Tensor, name: str) -> Tensor:
        return observations[:, self._state[name]][:, None]


def _around(channels: Tensor, kernel: int) -> Tensor:
    """Return channels (B, C, K) continued around the circle for a convolution."""
    return functional.pad(channels, (kernel // 2, kernel // 2), mode="circular")


def _symmetric(kernel: Tensor) -> Tensor:
    """Return a kernel that treats left and right alike."""
    return (kernel + kernel.flip(-1)) / 2
