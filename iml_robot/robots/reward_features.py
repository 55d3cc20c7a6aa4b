"""What environments say about how well a robot does, as the features of a reward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from iml_robot.core.types import FloatArray


def features_of(info: Mapping[str, Any]) -> FloatArray:
    """Return the reward features of a reset or step, shape (d,); (0,) if there are none.

    Args:
        info: What `env.reset` or `env.step` returned; the features are its "features".
            What they mean is told by the attribute `reward_features` of the environment.
    """
    given = info.get("features")
    return np.zeros(0, np.float32) if given is None else np.array(given, np.float32).ravel()
