"""Runs the learner between episodes and keeps every policy it made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from iml_robot.core.interfaces import Learner
from iml_robot.core.types import Episode


@dataclass(frozen=True)
class TrainingResult:
    """What one update did.

    Attributes:
        version: Number of the policy that drives from now on.
        path: Its file.
        seconds: Time that the update took [s].
        figures: What the learner said about it.
    """

    version: int
    path: Path
    seconds: float
    figures: Mapping[str, float]


class Trainer:
    """Updates the policy after an episode and numbers its versions.

    Everything is counted in gradient steps and one thread works, so that the same seed
    gives the same policy on every run.

    Args:
        learner: The algorithm.
        policy_path: Gives the file of a version.
        version: Number of the policy the learner starts from.
    """

    def __init__(
        self, learner: Learner, policy_path: Callable[[int], Path], *, version: int = 0
    ) -> None:
        self.learner = learner
        self.version = version
        self._policy_path = policy_path
        torch.set_num_threads(1)
        _warm_up()

    def save_start(self) -> Path:
        """Write the policy that the session starts with; return its file."""
        path = self._policy_path(self.version)
        self.learner.save(path)
        return path

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> TrainingResult:
        """Improve the policy; the version grows only if something was learned.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called with the finished fraction in [0, 1].
        """
        begun = time.perf_counter()
        figures = self.learner.update(episodes, on_progress=on_progress)
        if figures.get("updates", 1.0) > 0:
            self.version += 1
            self.learner.save(self._policy_path(self.version))
        seconds = time.perf_counter() - begun
        path = self._policy_path(self.version)
        return TrainingResult(self.version, path, seconds, figures)


def _warm_up() -> None:
    """Take one gradient step on nothing.

    The first one loads parts of torch for over a second, which nobody shall wait for
    after the first correction.
    """
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.Adam([parameter])
    parameter.square().sum().backward()  # type: ignore[no-untyped-call]
    optimiser.step()
