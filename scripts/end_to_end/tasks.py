"""What is driven, by what taste it is judged, and who answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from iml_robot.annotators import ANNOTATORS
from iml_robot.core.feedback import Segment
from iml_robot.core.interfaces import Annotator, Policy
from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import LinearReward
from iml_robot.learners.reinforcement.rollouts import Drive, drive
from iml_robot.learners.reinforcement.traits import EnvTraits, traits_of

SEGMENT_STEPS = 40
"""Segments in questions last 2 s."""
LOOKED_AT = 8
"""Drives that questions of a round are about."""
JUDGED = 40
"""Maps on which a policy is judged."""


@dataclass(frozen=True)
class Task:
    """Where policies are trained, and what the annotator likes.

    Attributes:
        name: For the tables.
        env_id: Gymnasium id.
        horizon_steps: Control steps of a drive.
        taste: True weights of standardised features.
    """

    name: str
    env_id: str
    horizon_steps: int
    taste: dict[str, float]

    @property
    def ground(self) -> Ground:
        """Where policies practise."""
        options = {"level": 0, "split": "train"}
        return Ground(self.env_id, options, horizon_steps=self.horizon_steps)


TASKS = {
    "rover": Task(
        "rover",
        "iml_robot_envs:iml/RoverRocks-v0",
        600,
        {
            "progress": 0.7, "closeness": -1.0, "tilt": -0.6, "turning": 0.0,
            "jerkiness": -0.6, "slip": -0.2, "bumps": -0.8, "mishaps": -3.0,
        },
    ),
    "drone": Task(
        "drone",
        "iml_robot_envs:iml/DroneForest-v0",
        400,
        {
            "progress": 0.7, "speed_error": -0.8, "closeness": -0.8, "tilt": 0.0,
            "turning": -0.6, "jerkiness": -0.2, "height_error": -0.9, "mishaps": -3.0,
        },
    ),
}  # fmt: skip


@dataclass
class Study:
    """One task with one seed."""

    task: Task
    seed: int
    steps: int
    questions: int
    rounds: int
    annotator_name: str
    traits: EnvTraits = field(init=False)
    truth: LinearReward = field(init=False)

    def __post_init__(self) -> None:
        """Look at the environment."""
        self.traits = traits_of(self.task.env_id)
        scale = self.traits.scale
        weights = [self.task.taste.get(name, 0.0) for name in scale.names]
        self.truth = LinearReward(scale, np.array(weights))

    def drives(self, policy: Policy, count: int, name: str) -> list[Drive]:
        """Let a policy drive on training maps."""
        return self._driven(policy, self.task.ground, count, named_seed(self.seed, name))

    def judged(self, policy: Policy, *, hold_steps: int) -> list[Drive]:
        """Let a policy drive on maps nobody practised on.

        Args:
            policy: Who drives.
            hold_steps: Control steps between two decisions; sessions have 1.
        """
        options = {"level": 0, "split": "val"}
        ground = replace(self.task.ground, options=options, hold_steps=hold_steps)
        return self._driven(policy, ground, JUDGED, 0)

    def _driven(self, policy: Policy, ground: Ground, count: int, seed: int) -> list[Drive]:
        size = len(self.traits.scale)
        return drive(policy, ground, count=count, seed=seed, feature_size=size)

    def annotator(self) -> Annotator:
        """Return who answers."""
        reference = segments_of(self.drives(self.random(), 16, "reference"), 0)
        options = {"weights": self.task.taste, "seed": self.seed}
        return ANNOTATORS.build(
            self.annotator_name, self.traits.scale, reference, options=options
        )

    def random(self) -> Policy:
        """Return a policy that drives anywhere."""
        return Shaken(None, self.traits.spaces.action_size, 1.0, named_stream(self.seed))


class Shaken:
    """Drives as a policy does, and a little different; or anywhere.

    Args:
        policy: Who is followed; None: nobody.
        action_size: Length of an action.
        noise: How different.
        rng: Draws the difference, which stays for some decisions.
    """

    def __init__(
        self,
        policy: Policy | None,
        action_size: int,
        noise: float,
        rng: np.random.Generator,
    ) -> None:
        self._policy, self._size, self._noise, self._rng = policy, action_size, noise, rng
        self._calls, self._bias = 0, np.zeros((0, action_size))

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action for one observation."""
        action: FloatArray = self.act_batch(observation[None])[0]
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many observations."""
        if self._calls % 8 == 0 or len(self._bias) != len(observations):
            self._bias = self._rng.uniform(-1, 1, (len(observations), self._size))
        self._calls += 1
        own = 0.0 if self._policy is None else self._policy.act_batch(observations)
        return np.asarray((own + self._noise * self._bias).clip(-1, 1), np.float32)


def segments_of(drives: Sequence[Drive], first: int) -> list[Segment]:
    """Cut drives into segments; their episodes are numbered from `first`."""
    segments = []
    for number, one in enumerate(drives, first):
        for start in range(0, len(one.features) - SEGMENT_STEPS // 2, SEGMENT_STEPS):
            part = one.features[start : start + SEGMENT_STEPS]
            segments.append(Segment(number, start, part))
    return segments
