"""What the knobs say and how they are turned; no window in here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from iml_robot.core.feedback import WeightEdit

STEP, LARGE_STEP = 0.05, 0.25
"""How far one press turns a knob, and how far while it is held for long."""
LARGE_AFTER_S = 1.5
LARGEST = 5.0
"""Weights of standardised features beyond this decide everything by themselves."""


@dataclass(frozen=True)
class Knobs:
    """What is known about the weights of a reward.

    Attributes:
        names: Names of the features.
        meanings: What they mean, in words.
        means: Weights as learned, in units of standardised features.
        stds: How uncertain they are: one standard deviation.
        shipped: Weights as they come with the environment.
        edits: What the person said about them before.
        conflicts: A line for features whose edit contradicts other evidence, for
            example "12 answers speak against this edit".
    """

    names: Sequence[str]
    meanings: Sequence[str]
    means: Sequence[float]
    stds: Sequence[float]
    shipped: Sequence[float]
    edits: Sequence[WeightEdit] = ()
    conflicts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse lists of different lengths.

        Raises:
            ValueError: If they differ.
        """
        lengths = {
            name: len(getattr(self, name))
            for name in ("names", "meanings", "means", "stds", "shipped")
        }
        if len(set(lengths.values())) > 1:
            raise ValueError(f"knobs need one value a feature each, got {lengths}")


class KnobBoard:
    """The edits under way.

    Args:
        knobs: What is known about the weights.

    Attributes:
        knobs: The same.
        selected: Number of the feature that is turned.
    """

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self.selected = 0
        self._edits = {e.feature: e for e in knobs.edits if e.feature in knobs.names}
        self._foreign = [e for e in knobs.edits if e.feature not in knobs.names]

    @property
    def edits(self) -> tuple[WeightEdit, ...]:
        """Every edit that says something, in the order of the features."""
        own = (self.edit(place) for place in range(len(self.knobs.names)))
        kept = (e for e in own if e.weight is not None or e.sign)
        return (*self._foreign, *kept)

    @property
    def reach(self) -> float:
        """Weight at the ends of the bars: all of them fit in."""
        knobs = self.knobs
        ends = [abs(m) + s for m, s in zip(knobs.means, knobs.stds, strict=True)]
        ends += [abs(w) for w in knobs.shipped]
        ends += [abs(e.weight) for e in self._edits.values() if e.weight is not None]
        known = [end for end in ends if math.isfinite(end)]
        return max(1.0, math.ceil(2.2 * max(known, default=0.0)) / 2)

    def edit(self, place: int) -> WeightEdit:
        """Return what was said about a feature, perhaps nothing."""
        name = self.knobs.names[place]
        return self._edits.get(name, WeightEdit(name))

    def move(self, by: int) -> None:
        """Select another feature; the ends stop."""
        self.selected = min(max(0, self.selected + by), len(self.knobs.names) - 1)

    def turn(self, by: float) -> str:
        """Change the weight of the selected feature; return a line about it."""
        edit = self.edit(self.selected)
        if edit.locked:
            return "This weight is locked: L unlocks it."
        wanted = self._weight(edit) + by
        # Steps lie on a grid, whatever the learned weight was.
        weight = round(round(wanted / STEP) * STEP, 4)
        weight = min(max(weight, -LARGEST), LARGEST)
        if edit.sign * weight < 0:
            self._keep(replace(edit, weight=0.0))
            return "The sign is pinned: the weight stops at 0."
        self._keep(replace(edit, weight=weight))
        return ""

    def lock(self) -> str:
        """Lock the selected weight where it stands, or unlock it."""
        edit = self.edit(self.selected)
        if edit.locked:
            self._keep(replace(edit, locked=False))
            return "Unlocked: answers move this weight again."
        weight = self._weight(edit)
        if edit.sign * weight < 0:
            weight = 0.0
        self._keep(replace(edit, weight=weight, locked=True))
        return f"Locked at {weight:+.2f}."

    def pin(self, sign: int) -> str:
        """Pin the sign of the selected weight, or let it go if it is pinned so."""
        edit = self.edit(self.selected)
        if edit.sign == sign:
            self._keep(replace(edit, sign=0))
            return "The sign is free again."
        if edit.weight is not None and edit.weight * sign < 0:
            # The newest word counts; the weight that it contradicts was the older one.
            edit = WeightEdit(edit.feature)
        self._keep(replace(edit, sign=sign))
        return f"Pinned: the weight stays {'positive' if sign > 0 else 'negative'}."

    def clear(self) -> str:
        """Forget what was said about the selected feature."""
        known = self._edits.pop(self.knobs.names[self.selected], None)
        return "Cleared." if known is not None else "There is nothing to clear."

    def _weight(self, edit: WeightEdit) -> float:
        if edit.weight is not None:
            return edit.weight
        mean = float(self.knobs.means[self.selected])
        return round(mean, 2) if math.isfinite(mean) else 0.0

    def _keep(self, edit: WeightEdit) -> None:
        self._edits[edit.feature] = edit
