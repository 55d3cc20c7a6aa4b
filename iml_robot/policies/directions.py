"""A policy that scores directions of flight by what the rays around them show.

Of each direction it is known how far corridors of several widths lead that way before
something stands in them; a small network turns that into a cost. The goal, and the way
the robot moves already, count too. Beside each direction stands how fast to fly, climb and
turn if it is taken. All weights are shared around the robot, and left and right are treated
alike by construction, so that one correction teaches all directions at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, MemberLinear, Spaces
from iml_robot.policies.ensemble.taste import SPEED_FACTORS, taste_of

HALF_WIDTHS_M = (0.35, 0.55, 0.9)
"""Half the widths of the corridors [m]; the narrowest just lets a robot through."""
LOOK_M = 8.0
"""How far a corridor is followed [m]."""
NEAR_M = 2.5
"""Within this distance, differences count more [m]."""
SLACK = 0.07
"""What a ray meets may lie so far beside its middle [rad]: rays are 0.17 apart."""
DELAY_S = 0.3
"""The robot flies on for so long before a command has an effect [s]."""
FULL_SPEED_M_S = 3.0
LEAD = 0.8
"""How much more of a change of velocity is asked for than is wanted: robots that fly
follow late. The policy thinks in the velocity it wants to have; this turns it into a
command, and the command of a label into the velocity that was wanted."""
HAND_ERROR = 0.2
"""How far a hand's command lies beside the wanted one, as a part of a full one. The slower
a command, the less it says about which way is good."""
LEAST_ERROR = math.radians(6.0)
"""Directions lie 10 degrees apart: a label cannot be nearer to the wanted one than this."""
LARGEST_ERROR = 3.0
"""From here on every direction explains a label equally well [rad]."""
KEPT_SPEED = 1 / 3
"""From this speed on the way that the robot moves already counts in full: 1 m/s."""
MOVING = ("speed_forward", "speed_left", "speed_up", "height", "yaw_rate")
TERMS = 5
HEAD_FEATURES = 11
"""What speed, climb and turn depend on beside heights and corridors."""
HEADS = ("speed", "up", "yaw_rate")
HEIGHTS = ("height", "altitude")
"""Above the ground, and where the drone knows it, above where it took off."""
STAND = ("height", "roll", "pitch", "yaw_rate", "speed_up")
"""What a taste may know of how the robot flies already."""


@POLICIES.register("directions")
class DirectionsNetwork(EnsembleNetwork):
    """Chooses one of the rays' directions; for robots that fly (forward, left, up, yaw).

    Args:
        spaces: Sizes and layout; the layout must have "rays" and a "state".
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        hidden: Units of the network that gives a direction its cost.
        head_hidden: Units of the network behind speed, climb and turn.
        taste: Names of the reward features that a person's taste may weigh; None: the
            policy has no taste.

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
        hidden: int = 12,
        head_hidden: int = 16,
        taste: Sequence[str] | None = None,
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

        corridors = 2 * len(HALF_WIDTHS_M) * self._layers
        self._heights = tuple(name for name in HEIGHTS if name in self._state)
        heights = len(self._heights)
        self.cost_hidden = MemberLinear(members, corridors + heights, hidden, generator)
        self.cost_out = MemberLinear(members, hidden, 1, generator, gain=2.0)
        self.term_weights = nn.Parameter(torch.full((members, TERMS), 0.5))
        features = HEAD_FEATURES + heights + corridors
        self.head_hidden = MemberLinear(members, features, head_hidden, generator)
        self.head_out = MemberLinear(members, head_hidden, len(HEADS), generator, gain=0.1)
        turns = torch.arange(self._rays) * (2 * math.pi / self._rays)
        signed = torch.atan2(torch.sin(turns), torch.cos(turns))
        self.register_buffer("azimuths", signed, persistent=False)
        self.taste = taste_of(taste, 9 + 2 * (corridors + 1) + len(STAND))

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, 4) and disagreement (B,); see the base class."""
        logits, heads = self._evaluate(observations)
        probabilities = logits.softmax(-1)
        mean, wishes = probabilities.mean(0), heads.mean(0)
        if self.taste is not None and not self.taste.neutral:
            bonus, factor = self.taste(self._descriptions(observations, wishes))
            mean = (mean.clamp(min=1e-9).log() + bonus).softmax(-1)
            speed = (factor * wishes[..., 0]).clamp(max=1)
            wishes = torch.cat([speed[..., None], wishes[..., 1:]], dim=-1)
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
        chosen = wishes.gather(1, mode[..., None].expand(-1, -1, len(HEADS)))[:, 0]
        wanted = chosen[:, :1] * direction
        flight = wanted + LEAD * (wanted - self._velocity(observations))
        actions = torch.cat([flight, chosen[:, 1:]], dim=-1).clamp(-1, 1)
        spread = torch.stack(
            [
                (probabilities * torch.cos(self.azimuths)).sum(-1),
                (probabilities * torch.sin(self.azimuths)).sum(-1),
            ]
        ).std(1, correction=0)
        return actions, spread.mean(0)

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return how badly a label is explained plus squared errors of the rest, (M, B).

        The label of a direction is the wanted one and a hand's error. Asked for the label
        itself, the policy would have to spread its answer as the errors do, and where
        these are large the likeliest of its directions would be a wrong one.
        """
        logits, heads = self._evaluate(observations)
        velocity = (actions[:, :2] + LEAD * self._velocity(observations)) / (1 + LEAD)
        speed = torch.linalg.vector_norm(velocity, dim=-1)
        explained = logits.log_softmax(-1) + self._likelihood(velocity, speed)
        direction_loss = -explained.logsumexp(-1)
        # What goes with a direction is learned where that direction was meant.
        meant = explained.softmax(-1).detach()
        wanted = torch.cat([speed[:, None].clamp(max=1), actions[:, 2:]], dim=-1)
        errors = ((heads - wanted[:, None]) ** 2).sum(-1)
        total: Tensor = direction_loss + 2.0 * (meant * errors).sum(-1)
        return total

    def features(self, observations: Tensor) -> Tensor:
        """Return what flying in each direction costs, and how the robot moves."""
        cost = self._costs(observations, self._corridors(observations)).mean(0)
        moving = [2 * self._value(observations, name) for name in MOVING]
        goal = [self._value(observations, n) for n in ("goal_forward", "goal_left")]
        return torch.cat([cost.clamp(max=20).log1p(), *moving, *goal], dim=-1)

    def describe(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return what a taste may know of actions, (B, F); see the base class."""
        velocity = (actions[:, :2] + LEAD * self._velocity(observations)) / (1 + LEAD)
        angle = torch.atan2(velocity[:, 1], velocity[:, 0])[:, None]
        nearest = torch.cos(angle - self.azimuths).argmax(-1)
        rows = torch.arange(len(actions))
        known = self._outlook(observations)[rows, nearest]
        speed = torch.linalg.vector_norm(velocity, dim=-1)
        wishes = torch.cat([speed[:, None], actions[:, 2:]], dim=-1)
        along = self._along()[nearest][:, None]
        flight = self._flights(observations, speed[:, None, None], wishes[:, None], along)
        return self._described(known[:, None], flight)[:, 0, 0]

    def _descriptions(self, observations: Tensor, wishes: Tensor) -> Tensor:
        """Return what a taste may know of each direction at each speed, (B, K, S, F)."""
        factors = torch.tensor(SPEED_FACTORS, dtype=wishes.dtype)
        speeds = (wishes[..., :1] * factors).clamp(max=1)
        along = torch.stack([torch.cos(self.azimuths), torch.sin(self.azimuths)], -1)
        flight = self._flights(
            observations, speeds, wishes, along.expand(len(speeds), -1, -1)
        )
        return self._described(self._outlook(observations), flight)

    def _outlook(self, observations: Tensor) -> Tensor:
        """Return what stands in each direction and how the robot flies, (B, K, n)."""
        blocked = self._corridors(observations)
        cost = self._costs(observations, blocked).mean(0).clamp(max=20).log1p()
        stand = torch.cat([self._value(observations, n).abs() for n in STAND], dim=-1)
        own = stand[:, None].expand(-1, self._rays, -1)
        return torch.cat([cost[..., None], blocked, own], dim=-1)

    def _flights(
        self, observations: Tensor, speeds: Tensor, wishes: Tensor, along: Tensor
    ) -> Tensor:
        """Return how the robot flies at speeds (B, K, S) along directions (B, K, 2)."""
        velocity = speeds[..., None] * along[:, :, None]
        change = velocity - self._velocity(observations)[:, None, None]
        goal = [self._value(observations, n) for n in ("goal_forward", "goal_left")]
        up, yaw = wishes[..., None, 1].expand_as(speeds), wishes[..., None, 2]
        return torch.stack(
            [
                torch.ones_like(speeds),
                speeds,
                speeds**2,
                torch.linalg.vector_norm(change, dim=-1),
                (change**2).sum(-1),
                (velocity * torch.cat(goal, -1)[:, None, None]).sum(-1),
                up,
                up.abs(),
                yaw.abs().expand_as(speeds),
            ],
            dim=-1,
        )

    def _described(self, known: Tensor, flight: Tensor) -> Tensor:
        """Join what is known of directions with flights; what stands there counts twice."""
        there = known[:, :, None].expand(*flight.shape[:-1], -1)
        faster = there[..., : -len(STAND)] * flight[..., 1:2]
        return torch.cat([flight, there, faster], dim=-1)

    def _along(self) -> Tensor:
        return torch.stack([torch.cos(self.azimuths), torch.sin(self.azimuths)], dim=-1)

    def _evaluate(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (M, B, K) and speed, climb and turn (M, B, K, 3)."""
        blocked = self._corridors(observations)
        cost = self._costs(observations, blocked)
        terms = self._terms(observations)
        pull = torch.einsum("bkf,mf->mbk", terms, self.term_weights)
        return -cost - pull, self._heads(observations, blocked, cost)

    def _corridors(self, observations: Tensor) -> Tensor:
        """Return how soon each direction is blocked, 0 (never) to 1, (B, K, features).

        For each layer of rays and each width, once over the whole way and once over the
        nearest part of it. What lies behind the goal does not matter.
        """
        count = self._layers * self._rays
        rays = observations[:, self._start : self._start + count]
        ranges = self._range_m * rays.view(-1, self._layers, self._rays)
        goal = 20 * self._value(observations, "goal_distance")[:, :, None] + 0.5
        met = (rays.view_as(ranges) < 0.97) & (ranges < goal)
        cos, sin = torch.cos(self.azimuths), torch.sin(self.azimuths)
        moved = FULL_SPEED_M_S * DELAY_S * self._velocity(observations)[:, :, None, None]
        x, y = ranges * cos - moved[:, 0], ranges * sin - moved[:, 1]
        # Of everything met, how far along and beside each direction: (B, L, K, rays).
        along = cos[:, None] * x[:, :, None] + sin[:, None] * y[:, :, None]
        beside = (cos[:, None] * y[:, :, None] - sin[:, None] * x[:, :, None]).abs()
        beside = beside - SLACK * ranges[:, :, None]
        ahead = met[:, :, None] & (along > 0)
        free = [
            along.masked_fill(~(ahead & (beside < width)), LOOK_M).amin(-1)
            for width in HALF_WIDTHS_M
        ]
        ways = torch.cat(free, dim=1).clamp(max=LOOK_M).transpose(1, 2)
        return torch.cat([1 - ways / LOOK_M, (1 - ways / NEAR_M).clamp(min=0)], dim=-1)

    def _costs(self, observations: Tensor, blocked: Tensor) -> Tensor:
        """Return what it costs to fly in each direction, (M, B, K)."""
        batch, count, _ = blocked.shape
        heights = torch.cat([self._value(observations, n) for n in self._heights], dim=-1)
        own = heights[:, None].expand(-1, count, -1)
        inputs = torch.cat([blocked, own], dim=-1).reshape(batch * count, -1)
        hidden = torch.relu(self.cost_hidden(inputs.expand(self.members, -1, -1)))
        cost = functional.softplus(2 * self.cost_out(hidden)[..., 0])
        return cost.view(self.members, batch, count)

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
        # Who hardly moves has no way to keep to.
        kept = (speed / KEPT_SPEED).clamp(max=1.0) * (1 - moving / speed)
        behind = self.azimuths.abs().expand(len(observations), -1) / math.pi
        return torch.stack([3 * (1 - along), off, 2 * kept, behind, off**2], -1)

    def _heads(self, observations: Tensor, blocked: Tensor, cost: Tensor) -> Tensor:
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
                *(value(name) for name in self._heights),
                value("speed_up"),
                value("yaw_rate") * side,
            ],
            dim=-1,
        )
        seen = torch.cat([shared, blocked], dim=-1)
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

    def _velocity(self, observations: Tensor) -> Tensor:
        """Return the velocity forward and left, in units of a full command, (B, 2)."""
        names = ("speed_forward", "speed_left")
        return torch.cat([self._value(observations, name) for name in names], dim=-1)

    def _likelihood(self, velocity: Tensor, speed: Tensor) -> Tensor:
        """Return the logarithm of how well each direction explains a label, (B, K).

        A hand that wants one direction shows another, normally distributed around it.
        """
        angle = torch.atan2(velocity[:, 1], velocity[:, 0])[:, None]
        apart = (angle - self.azimuths).remainder(2 * math.pi)
        apart = torch.minimum(apart, 2 * math.pi - apart)
        error = (HAND_ERROR / speed.clamp(min=1e-3)).clamp(max=LARGEST_ERROR)[:, None]
        scaled = -0.5 * apart**2 / (error**2 + LEAST_ERROR**2)
        return scaled - scaled.logsumexp(-1, keepdim=True)

    def _value(self, observations: Tensor, name: str) -> Tensor:
        return observations[:, self._state[name]][:, None]
