"""A policy that scores candidate paths by the ground that lies under them.

A small network turns the relief around each cell of the height scan into a cost. Chains
of two arcs, fixed in the robot's frame, collect the costs under them; the goal, and how
sharply they turn, count too. The chains that begin with the same arc vote for it. All
weights are shared by all cells and all paths, and left and right are treated alike by
construction, so that one correction teaches the whole surroundings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.candidates.arcs import (
    FULL_CURVATURE,
    HAND_ERROR,
    LEAST_ERROR,
    LEAST_SPEED,
    likeliest,
)
from iml_robot.policies.candidates.paths import (
    FIRST_GROUPS,
    SECOND_GROUPS,
    SECOND_POINTS,
    cells_under_paths,
    nearness,
    path_groups,
    widened,
)
from iml_robot.policies.candidates.rover import RoverNetwork
from iml_robot.policies.ensemble.network import (
    MemberLinear,
    MemberMap,
    Spaces,
)
from iml_robot.policies.ensemble.taste import taste_of

FIRST_ARC_M = 1.5
BACKING_SPEED = -0.05
FIRST_TURNS = np.linspace(-1.5, 1.5, 19)
SECOND_TURNS = np.linspace(-0.8, 0.8, 5)
SECOND_BEND_M = 0.3
"""Distance of path points for which the second turns are meant [m]; they are gentler on
coarser scans, whose paths are longer."""
RELIEF_SCALE = 4.0
RELIEF_FEATURES = 4
PATH_FEATURES = 6
SPEED_FEATURES = 8
DESCRIPTION = 24
"""Numbers that describe a candidate to a taste, without colours."""
UNDER_M = 0.6
"""The ground within this distance is what the robot stands on [m]."""


@POLICIES.register("trajectory")
class TrajectoryNetwork(RoverNetwork):
    """Scores candidate paths over a height scan; for robots steered by (speed, turn).

    Args:
        spaces: Sizes and layout; the layout must have a "scan" and a "state".
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        cell_hidden: Units of the network that gives a cell its cost.
        speed_hidden: Units of the network that chooses the speed.
        taste: Names of the reward features that a person's taste may weigh; None: the
            policy has no taste.

    Raises:
        ValueError: If the environment's observation has no height scan.
    """

    first_m = FIRST_ARC_M

    used_cells: Tensor
    cells_under_robot: Tensor
    cell_distances: Tensor
    cells_under_first: Tensor
    cells_under_second: Tensor
    path_points: Tensor
    end_headings: Tensor
    path_turns: Tensor

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        members: int = 5,
        cell_hidden: int = 8,
        speed_hidden: int = 12,
        taste: Sequence[str] | None = None,
    ) -> None:
        super().__init__(spaces, members=members)
        if "scan" not in spaces.layout or "state" not in spaces.layout:
            raise ValueError(
                "this policy needs an observation with a height scan; use policy mlp"
            )
        generator = torch.Generator().manual_seed(seed)
        colours = self._colours = len(spaces.layout["scan"].get("colours", ()))

        cell_features = RELIEF_FEATURES + colours
        self.cell_hidden = MemberMap(members, cell_features, cell_hidden, generator)
        self.cell_cost = MemberMap(members, cell_hidden, 1, generator, gain=3.0)
        groups = FIRST_GROUPS + SECOND_GROUPS
        self.group_scales = nn.Parameter(torch.zeros(members, groups))
        weights = torch.zeros(members, PATH_FEATURES + colours)
        weights[:, :PATH_FEATURES] = 0.3
        self.path_weights = nn.Parameter(weights)
        speed_features = SPEED_FEATURES + 2 * colours
        self.speed_hidden = MemberLinear(members, speed_features, speed_hidden, generator)
        self.speed_out = MemberLinear(members, speed_hidden, 1, generator, gain=0.1)
        with torch.no_grad():
            # A colour that no demonstration showed must not change what the robot does.
            self.cell_hidden.weight[..., RELIEF_FEATURES:] = 0
            self.speed_hidden.weight[:, SPEED_FEATURES:] = 0
        self._set_geometry(spaces)
        self.taste = taste_of(taste, DESCRIPTION + 2 * colours)

    def _set_geometry(self, spaces: Spaces) -> None:
        """Compute what is constant in the robot's frame: paths and the cells under them."""
        scan, state = spaces.layout["scan"], spaces.layout["state"]
        self._scan_shape: tuple[int, int] = tuple(scan["shape"])
        self._scan_start = int(scan["start"])
        self._state = {n: state["start"] + i for i, n in enumerate(state["names"])}
        cell = (scan["x_m"][1] - scan["x_m"][0]) / (self._scan_shape[0] - 1)
        self._point_m = cell
        first_points = round(FIRST_ARC_M / cell)
        gentle = SECOND_TURNS * SECOND_BEND_M / cell
        pairs = np.stack(np.meshgrid(FIRST_TURNS, gentle, indexing="ij"), axis=-1)
        turns = np.repeat(pairs.reshape(-1, 2), (first_points, SECOND_POINTS), axis=1)
        bends = turns * FULL_CURVATURE * cell
        headings = np.cumsum(bends, axis=1)
        middle = headings - bends / 2
        x = np.cumsum(cell * np.cos(middle), axis=1)
        y = np.cumsum(cell * np.sin(middle), axis=1)
        used, under = cells_under_paths(x, y, scan, groups=path_groups(first_points))
        rows, columns = np.divmod(used, self._scan_shape[1])
        cell_x = scan["x_m"][0] + cell * rows
        cell_y = scan["y_m"][0] + cell * columns
        distances = np.hypot(cell_x, cell_y)
        standing = (distances <= max(UNDER_M, 1.01 * cell)).astype(np.float32)
        constants = {
            "cells_under_robot": torch.from_numpy(standing / standing.sum()),
            "used_cells": torch.from_numpy(used),
            "cell_distances": torch.tensor(distances, dtype=torch.float32),
            "cells_under_first": torch.from_numpy(
                under[:FIRST_GROUPS, :, :: len(SECOND_TURNS)].copy()
            ),
            "cells_under_second": torch.from_numpy(under[FIRST_GROUPS:]),
            "path_points": torch.tensor(np.stack([x, y], axis=2), dtype=torch.float32),
            "end_headings": torch.tensor(headings[:, -1], dtype=torch.float32),
            "path_turns": torch.tensor(pairs.reshape(-1, 2), dtype=torch.float32),
            "first_turns": torch.tensor(FIRST_TURNS, dtype=torch.float32),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, 2) and disagreement (B,); see the base class."""
        logits, speeds = self._evaluate(observations)
        probabilities = logits.softmax(-1)
        mean, speed_of = probabilities.mean(0), speeds.mean(0)
        if self.taste is not None and not self.taste.neutral:
            known = self._outlook(observations)
            bonus, factor = self.taste(self._tried(observations, known, speed_of))
            mean = (mean.clamp(min=1e-9).log() + bonus).softmax(-1)
            speed_of = (factor * speed_of).clamp(-1, 1)
        mode, near = likeliest(mean)
        # Averaging the likeliest turn with its neighbours only: a mean over all turns
        # would drive between two ways round a rock, into the rock.
        turns = self.first_turns
        local = mean * near
        turn = (local * turns).sum(-1) / local.sum(-1)
        speed = speed_of.gather(-1, mode).squeeze(-1)
        spread = (probabilities * turns).sum(-1).std(0, correction=0)
        yaw = turn * speed.abs().clamp(min=LEAST_SPEED)
        return torch.stack([speed, yaw], dim=-1).clamp(-1, 1), spread

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return how badly a label is explained plus squared error of the speed, (M, B).

        The label of a turn is the wanted one and a hand's error. Asked for the label
        itself, the policy would have to spread its answer as the errors do.
        """
        logits, speeds = self._evaluate(observations)
        explained = logits.log_softmax(-1) + self._likelihood(actions)
        # Backing up says nothing about which way ahead is good.
        ahead = (actions[:, 0] > BACKING_SPEED).to(logits.dtype)
        turn_loss = -explained.logsumexp(-1) * ahead
        # The speed that goes with a turn is learned where that turn was meant.
        meant = explained.softmax(-1).detach()
        speed_error = (meant * (speeds - actions[:, :1]) ** 2).sum(-1)
        return turn_loss + 2.0 * speed_error

    def _evaluate(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return turn logits and speeds, each (M, B, number of first turns)."""
        colours = self._shown_colours(observations)
        near, far = self._path_costs(observations, colours)
        here = colours @ self.cells_under_robot
        terms = self._path_terms(observations, here)
        goal_cost = torch.einsum("bpf,mf->mbp", terms, self.path_weights).view(far.shape)
        logits = (-far - goal_cost).logsumexp(-1) - near
        ahead = colours @ self.cells_under_first.sum(0)
        ahead = ahead / self.cells_under_first.sum((0, 1))
        seen = torch.cat([ahead, here[..., None].expand_as(ahead)]).permute(1, 2, 0)
        return logits, self._speeds(observations, near, far.amin(-1), seen)

    def features(self, observations: Tensor) -> Tensor:
        """Return what passing along each first turn costs, and how the robot moves."""
        near, far = self._path_costs(observations, self._shown_colours(observations))
        costs = torch.cat([near.mean(0), far.amin(-1).mean(0)], dim=-1).log1p()
        return torch.cat([costs, self._motion(observations)], dim=-1)

    def _outlook(self, observations: Tensor) -> Tensor:
        """Return what lies under each first turn and how the robot stands, (B, K, n)."""
        colours = self._shown_colours(observations)
        near, far = self._path_costs(observations, colours)
        costs = [near.mean(0).log1p(), far.mean(0).amin(-1).log1p()]
        under = self.cells_under_first.sum(0) / self.cells_under_first.sum((0, 1))
        rows, columns = self._scan_shape
        heights = observations[:, self._scan_start : self._scan_start + rows * columns]
        near_it = nearness(heights.view(1, -1, rows, columns))
        looks = [self._relief(observations), colours, near_it[..., self.used_cells]]
        ground = torch.cat(looks) @ under
        own = self._stand(observations)[:, None].expand(-1, near.shape[-1], -1)
        return torch.cat([torch.stack(costs, -1), ground.permute(1, 2, 0), own], -1)

    def _path_costs(self, observations: Tensor, colours: Tensor) -> tuple[Tensor, Tensor]:
        """Return costs under first arcs (M, B, firsts) and second ones (..., seconds)."""
        costs = self._cell_costs(observations, colours)
        scales = self.group_scales.exp()[:, :, None, None]
        near = costs @ (scales[:, :FIRST_GROUPS] * self.cells_under_first).sum(1)
        far = costs @ (scales[:, FIRST_GROUPS:] * self.cells_under_second).sum(1)
        return near, far.view(*near.shape, len(SECOND_TURNS))

    def _shown_colours(self, observations: Tensor) -> Tensor:
        """Return which colours each used cell shows, (colours, B, cells)."""
        rows, columns = self._scan_shape
        start = self._scan_start + rows * columns
        planes = observations[:, start : start + self._colours * rows * columns]
        planes = planes.reshape(len(observations), self._colours, rows * columns)
        return planes[..., self.used_cells].transpose(0, 1)

    def _cell_costs(self, observations: Tensor, colours: Tensor) -> Tensor:
        """Return what it costs to pass each cell that a path uses, (M, B, cells)."""
        features = torch.cat([self._relief(observations), colours])
        count, batch, cells = features.shape
        hidden = self.cell_hidden(features.reshape(count, batch * cells))
        cost = functional.softplus(self.cell_cost(torch.relu(hidden)) - 2.0)
        # What lies behind the goal does not matter.
        distance = torch.linalg.vector_norm(self._goal(observations), dim=-1)
        before_goal = self.cell_distances < distance[:, None] + 0.3
        relevant: Tensor = cost.view(self.members, batch, cells) * before_goal
        return relevant

    def _relief(self, observations: Tensor) -> Tensor:
        """Return how far the ground near each used cell rises and drops, (4, B, cells).

        Rise and drop are two features, not one, each as the largest within one and
        within two cells; heights are relative to the ground under the wheels.
        """
        rows, columns = self._scan_shape
        start = self._scan_start
        heights = observations[:, start : start + rows * columns]
        relief = RELIEF_SCALE * heights.reshape(1, -1, rows, columns)
        signed = torch.cat([relief, -relief]).clamp(min=0)
        wide = widened(signed)
        wider = widened(wide)
        features: Tensor = torch.cat([wide, wider]).flatten(2)[..., self.used_cells]
        return features

    def _path_terms(self, observations: Tensor, here: Tensor) -> Tensor:
        """Return what a path costs beside the ground under it, shape (B, paths, terms).

        Args:
            observations: Shape (B, observation_size).
            here: Colours of the ground the robot stands on, shape (colours, B).
        """
        goal, state = self._goal(observations), observations
        distance = torch.linalg.vector_norm(self.path_points - goal[:, None, None], dim=-1)
        arrived = torch.cummax((distance < 0.8).to(torch.int8), dim=-1).values.bool()
        reached = distance.amin(-1)
        way = (~arrived).sum(-1) * self._point_m
        ahead = goal[:, None] - self.path_points[:, -1]
        off = torch.atan2(ahead[..., 1], ahead[..., 0]) - self.end_headings
        off = torch.atan2(torch.sin(off), torch.cos(off)).abs() * (reached > 0.8)
        turning = state[:, self._state["yaw_rate"]][:, None]
        first, second = self.path_turns[:, 0], self.path_turns[:, 1]
        batch = (len(observations), -1)
        terms = [
            reached,
            way,
            off,
            first.abs().expand(batch),
            (first - turning).abs(),
            second.abs().expand(batch),
            # A ground can make turning dear.
            *(first.abs() * colour[:, None] for colour in here),
        ]
        return torch.stack(terms, dim=-1)

    def _speeds(
        self, observations: Tensor, near: Tensor, far: Tensor, seen: Tensor
    ) -> Tensor:
        """Return the speed that goes with each first turn, (M, B, first turns).

        Args:
            observations: Shape (B, observation_size).
            near: Costs under each first arc, shape (M, B, first turns).
            far: Least costs behind it, same shape.
            seen: Colours under each first arc and here, (B, first turns, 2 x colours).
        """
        turns = self.first_turns
        side = torch.sign(turns)

        def state(name: str) -> Tensor:
            return observations[:, self._state[name]][:, None].expand(-1, len(turns))

        shared = torch.stack(
            [
                turns.abs().expand(len(observations), -1),
                state("speed"),
                state("yaw_rate") * side,
                state("roll") * side,
                state("pitch"),
                state("goal_distance"),
            ],
            dim=-1,
        )
        shared = torch.cat([shared, seen], dim=-1).expand(self.members, -1, -1, -1)
        costs = torch.stack([near, far], dim=-1).clamp(max=20).log1p()
        features = torch.cat([costs, shared], dim=-1)
        members, batch, count, width = features.shape
        flat = features.reshape(members, batch * count, width)
        hidden = torch.tanh(self.speed_hidden(flat))
        return torch.tanh(self.speed_out(hidden)).view(members, batch, count)

    def _likelihood(self, actions: Tensor) -> Tensor:
        """Return the logarithm of how well each first turn explains a label, (B, K).

        A hand that wants one turn shows another, normally distributed around it.
        """
        turns = self.first_turns
        speed = actions[:, :1].abs().clamp(min=LEAST_SPEED)
        turn = (actions[:, 1:] / speed).clamp(float(turns[0]), float(turns[-1]))
        variance = (HAND_ERROR / speed) ** 2 + LEAST_ERROR**2
        scaled = -0.5 * (turn - turns) ** 2 / variance
        return scaled - scaled.logsumexp(-1, keepdim=True)
