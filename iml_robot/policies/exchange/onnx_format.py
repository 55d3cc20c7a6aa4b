"""What the ONNX files of this program say of themselves; needs neither torch nor ONNX."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot.core.types import FloatArray

KEY = "iml_robot"
"""Name of the metadata, which are JSON."""
FORMAT = "iml_robot.onnx/1"
"""Name and version of the metadata."""
INPUT, OUTPUT = "observation", "action"
"""Names of the graph's input, float32 (n, obs_dim), and output, float32 (n, act_dim)."""


@dataclass(frozen=True)
class Scale:
    """What the ends of an action mean to whoever runs the graph.

    Attributes:
        low: Action at -1, shape (act_dim,).
        high: Action at 1, shape (act_dim,).
        meaning: Where these bounds come from, in words.
    """

    low: FloatArray
    high: FloatArray
    meaning: str = "actions from -1 to 1"

    @classmethod
    def plain(cls, size: int) -> Scale:
        """Return the scale of actions from -1 to 1."""
        return cls(np.full(size, -1.0, np.float32), np.full(size, 1.0, np.float32))

    def normalised(self, actions: FloatArray) -> FloatArray:
        """Return scaled actions as ones from -1 to 1."""
        shares = (actions - self.low) / (self.high - self.low)
        return np.asarray(2.0 * shares - 1.0, np.float32)
