"""The words of the system as frozen data: signals, decisions, steps and episodes."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


class Source(enum.IntEnum):
    """Who produced the action that the robot executed."""

    POLICY = 0
    OPERATOR = 1
    BLEND = 2
    SAFETY = 3


class Mode(enum.Enum):
    """State of the arbiter: who may move the robot."""

    AUTO = "auto"
    ASKING = "asking"
    HUMAN = "human"
    RELEASING = "releasing"
    HOLD = "hold"
    ESTOP = "estop"
    DISARMED = "disarmed"
    PAUSED = "paused"


class Request(enum.Enum):
    """What an operator can ask for beside steering."""

    GIVE_BACK = "give_back"
    PAUSE = "pause"
    EMERGENCY_STOP = "emergency_stop"
    RESET = "reset"
    TAKE_CONTROL = "take_control"
    END_EPISODE = "end_episode"
    REWIND = "rewind"
    QUIT = "quit"


class Link(enum.Enum):
    """Whether the operator can still reach the robot."""

    OK = "ok"
    DEVICE_REMOVED = "device_removed"
    FOCUS_LOST = "focus_lost"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class OperatorSignal:
    """What the operator says at one control step.

    Attributes:
        action: Commanded action in [-1, 1], shape (act_dim,); None if nobody is there.
        moving: True while a stick or movement key is deflected.
        gripping: True while the dead-man control is held. A neutral action is
            then a command ("stand still") and a valid label.
        requests: Requests that are active at this step. EMERGENCY_STOP, PAUSE,
            GIVE_BACK, TAKE_CONTROL, END_EPISODE, REWIND and QUIT are sent once, at the
            press; RESET at every step while its control is held.
        link: Whether the operator can still reach the robot.
        age_s: Age of the newest input [s].
        evaluation: Scalar feedback in [-1, 1] on what just happened, or None.
        device: Name of the device that steers, for display.
    """

    action: FloatArray | None = None
    moving: bool = False
    gripping: bool = False
    requests: frozenset[Request] = frozenset()
    link: Link = Link.OK
    age_s: float = 0.0
    evaluation: float | None = None
    device: str = ""

    @property
    def engaged(self) -> bool:
        """True while the operator wants to drive."""
        return self.action is not None and (self.moving or self.gripping)


@dataclass(frozen=True, slots=True)
class Ask:
    """Whether the robot asks for help at one control step.

    Attributes:
        asking: True while it wants the operator to take over.
        p_help: Probability that the operator would take over or the robot fail soon, in
            [0, 1]; NaN: nobody knows.
    """

    asking: bool = False
    p_help: float = math.nan


@dataclass(frozen=True, slots=True)
class Decision:
    """What the arbiter lets the robot do at one control step.

    Attributes:
        executed: Action sent to the environment, shape (act_dim,).
        source: Who produced `executed`.
        authority: Share of the operator in `executed`, in [0, 1].
        mode: State of the arbiter after this step.
        reason: Why the mode is what it is, in a few words, for the display.
        countdown_s: Time until the mode changes by itself [s]; None if it does not.
        end_episode: Outcome with which the episode must end now, or None.
    """

    executed: FloatArray
    source: Source
    authority: float
    mode: Mode
    reason: str = ""
    countdown_s: float | None = None
    end_episode: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One control step under the rule of three actions.

    Attributes:
        observation: What the policy saw, shape (obs_dim,).
        policy_action: What the policy wanted, shape (act_dim,).
        signal: What the operator wanted.
        decision: What the robot did, and who decided so.
        reward: Environment reward of the step.
        ask: Whether the robot asked for help.
        features: Reward features of the step, shape (d,); (0,): the environment has none.
    """

    observation: FloatArray
    policy_action: FloatArray
    signal: OperatorSignal
    decision: Decision
    reward: float
    ask: Ask = Ask()
    features: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class EpisodeInfo:
    """Where an episode came from and how it ended.

    Attributes:
        episode_id: Number of the episode in its session, from 0.
        phase: "practice" (operator supervises) or "demonstration" (operator drives).
        env_id: Gymnasium id of the environment.
        seed: Seed given to `env.reset`.
        options: Options given to `env.reset`.
        policy_version: Number of the policy that drove.
        outcome: How it ended, for example "success" or "rolled_over"; "" while it runs.
        terminated: True if the task ended the episode (not a time limit).
        continues: Number of the episode that was rewound and goes on in this one; None:
            this one began with `env.reset`.
        begins_at: Control steps from `env.reset` to its first step.
        rewound_to: Where its continuation begins, in control steps from `env.reset`; what
            came after was taken back. None: nothing was.
    """

    episode_id: int
    phase: str
    env_id: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)
    policy_version: int = 0
    outcome: str = ""
    terminated: bool = False
    continues: int | None = None
    begins_at: int = 0
    rewound_to: int | None = None


@dataclass(frozen=True)
class Episode:
    """One episode in columns; T is the number of steps.

    Attributes:
        info: Where it came from and how it ended.
        observations: shape (T + 1, obs_dim); the last row follows the last action.
        policy_actions: What the policy wanted, shape (T, act_dim).
        operator_actions: What the operator commanded, shape (T, act_dim); NaN rows:
            nothing.
        executed_actions: What the robot did, shape (T, act_dim).
        sources: Values of `Source`, shape (T,).
        authorities: Share of the operator in the executed action, shape (T,).
        rewards: Environment reward, shape (T,).
        evaluations: Scalar feedback in [-1, 1], shape (T,); NaN: none.
        p_help: Probability that help was needed soon, shape (T,); NaN: nobody knew.
        asked: Steps at which the robot asked for help, shape (T,). Where both are not
            given, nobody knew and nothing was asked.
        prelude: What the robot did from `env.reset` to the first step, shape
            (begins_at, act_dim); empty also where that is not known.
        features: Reward features of each step, shape (T, d); (T, 0) where the environment
            has none.
    """

    info: EpisodeInfo
    observations: FloatArray
    policy_actions: FloatArray
    operator_actions: FloatArray
    executed_actions: FloatArray
    sources: IntArray
    authorities: FloatArray
    rewards: FloatArray
    evaluations: FloatArray
    p_help: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    asked: BoolArray = field(default_factory=lambda: np.zeros(0, np.bool_))
    prelude: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    features: FloatArray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __post_init__(self) -> None:
        """Fill in that nothing was asked, and that there were no features."""
        if not len(self.p_help):
            nobody = np.full(len(self), np.nan, np.float32)
            object.__setattr__(self, "p_help", nobody)
        if not len(self.asked):
            object.__setattr__(self, "asked", np.zeros(len(self), np.bool_))
        if not self.features.size:
            # Also for an episode without steps, whose width nobody knows.
            nothing = np.zeros((len(self), 0), np.float32)
            object.__setattr__(self, "features", nothing)

    def __len__(self) -> int:
        """Return the number of steps T."""
        return len(self.rewards)

    def up_to(self, step: int) -> Episode:
        """Return the episode before a step, and what was seen then."""
        columns = {name: getattr(self, name)[:step] for name in STEP_COLUMNS}
        return replace(self, observations=self.observations[: step + 1], **columns)

    @property
    def knows_prelude(self) -> bool:
        """Whether all that the robot did since `env.reset` is known."""
        return len(self.prelude) == self.info.begins_at

    @property
    def driven(self) -> FloatArray:
        """What the robot did since `env.reset`, shape (begins_at + T, act_dim)."""
        if not len(self.prelude):
            return self.executed_actions
        return np.concatenate([self.prelude, self.executed_actions])

    @property
    def rewound_steps(self) -> int:
        """Number of its last steps that were taken back by a rewind."""
        to = self.info.rewound_to
        return 0 if to is None else max(0, self.info.begins_at + len(self) - to)

    @property
    def corrected(self) -> BoolArray:
        """Steps whose executed action was the operator's alone, shape (T,)."""
        return np.asarray(self.sources == Source.OPERATOR, dtype=np.bool_)

    @property
    def human_controlled(self) -> BoolArray:
        """Steps with any operator part in the executed action, shape (T,)."""
        return np.asarray(
            np.isin(self.sources, (Source.OPERATOR, Source.BLEND)), dtype=np.bool_
        )

    @property
    def asks(self) -> int:
        """How often the robot asked for help."""
        return int((self.asked & ~np.r_[False, self.asked[:-1]]).sum())

    def takeovers(self) -> list[slice]:
        """Return the runs of consecutive steps whose source is the operator."""
        edges = np.flatnonzero(np.diff(np.r_[False, self.corrected, False].astype(int)))
        return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


STEP_COLUMNS = tuple(
    part.name
    for part in fields(Episode)
    if part.name not in {"info", "observations", "prelude"}
)
"""Names of the arrays of an episode that have one row for each step."""
