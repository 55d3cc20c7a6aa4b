"""Upright posts in short rows, with room between the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Array
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Posts:
    """Posts all over the map, as posts to touch and as bumps for a height scan to see.

    They stand in rows, too close together to pass, that run mostly from south to north.

    Attributes:
        spacing_m: Least distance between the axes of posts of two rows [m].
        row: Least and greatest number of posts in a row.
        pitch_m: Distance of neighbours in a row [m].
        askew_deg: How far a row turns away from north at most [deg].
        radius_m: Least and greatest radius [m].
        height_m: Height above the ground [m].
        margin_m: Width of the strip along the edges without posts [m].
        tries: Places that are tried.
    """

    spacing_m: Range
    row: tuple[int, int] = (1, 4)
    pitch_m: float = 0.9
    askew_deg: float = 40.0
    radius_m: tuple[float, float] = (0.25, 0.35)
    height_m: float = 0.8
    margin_m: float = 1.5
    tries: int = 300

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add them to a map whose ground is ready, away from its clear discs."""
        spacing = self.spacing_m.at(difficulty)
        half = np.array([draft.x[0, -1], draft.y[-1, 0]]) - self.margin_m
        rows, radii = self._tried(half, rng)
        free = (np.abs(rows) <= half).all(axis=(1, 2))
        for x, y, radius in draft.clear:
            away = np.hypot(rows[..., 0] - x, rows[..., 1] - y).min(axis=1)
            free &= away >= radius + radii
        waiting = np.flatnonzero(free)
        while len(waiting):
            taken, waiting = waiting[0], waiting[1:]
            row = np.array(list(dict.fromkeys(map(tuple, rows[taken].tolist()))))
            for x, y in row.tolist():
                self._raise(draft, x, y, float(radii[taken]))
            away = rows[waiting][:, :, None] - row
            away *= away
            near = away[..., 0] + away[..., 1] < spacing * spacing
            waiting = waiting[~near.any(axis=(1, 2))]

    def _tried(self, half: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return rows, (tries, most posts, 2), the last post repeated, and their radii."""
        middles = rng.uniform(-half, half, size=(self.tries, 2))
        askew = np.radians(rng.uniform(-self.askew_deg, self.askew_deg, size=self.tries))
        counts = rng.integers(self.row[0], self.row[1] + 1, size=self.tries)[:, None]
        radii = rng.uniform(*self.radius_m, size=self.tries)
        number = np.minimum(np.arange(self.row[1]), counts - 1)
        along = self.pitch_m * (number - (counts - 1) / 2)
        way = np.stack([-np.sin(askew), np.cos(askew)], axis=1)
        return middles[:, None] + along[..., None] * way[:, None], radii

    def _raise(self, draft: Draft, x: float, y: float, radius: float) -> None:
        """Add one post; its bump has a side as steep as the samples can show."""
        column = round((x - draft.x[0, 0]) / draft.cell_m)
        row = round((y - draft.y[0, 0]) / draft.cell_m)
        reach = int(radius / draft.cell_m) + 2
        rows = slice(max(row - reach, 0), row + reach + 1)
        columns = slice(max(column - reach, 0), column + reach + 1)
        top = float(draft.heights[row, column]) + self.height_m
        near = draft.heights[rows, columns]
        away = np.hypot(draft.x[rows, columns] - x, draft.y[rows, columns] - y)
        # Nothing of the bump reaches beyond the post, where a rover may still drive.
        share = np.clip((radius - away) / draft.cell_m + 0.25, 0.0, 1.0)
        near += share * (top - near)
        draft.posts.append((x, y, radius, top))
