"""The parts of the loop as protocols; read this file first.

Every control step runs through them in this order: the policy acts, the asker considers
whether to ask for help, the operator advises, the arbiter decides, the environment steps,
the recorder records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.feedback import Question, Reply, Wish
from iml_robot.core.types import (
    Ask,
    Decision,
    Episode,
    EpisodeInfo,
    FloatArray,
    OperatorSignal,
    Step,
)


class Policy(Protocol):
    """Maps observations to actions."""

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action in [-1, 1] for one observation: (obs_dim,) -> (act_dim,)."""
        ...

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many observations: (n, obs_dim) -> (n, act_dim)."""
        ...


class Asker(Protocol):
    """Decides when the robot asks the operator for help."""

    def prepare(self, policy_file: Path, episodes: Sequence[Episode]) -> None:
        """Look at what is known of the policy that drives next, between two episodes.

        Args:
            policy_file: Its file; what was fitted to it lies beside it.
            episodes: Every usable episode of the session, the newest last.
        """
        ...

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        ...

    def consider(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Ask:
        """Return whether to ask for help at this step.

        Args:
            policy: The policy, which has just acted.
            observation: What it saw, shape (obs_dim,).
            policy_action: What it wants, shape (act_dim,).
            last: The step before; None at the first of an episode.
        """
        ...


class Adaptation(Protocol):
    """Lets a correction count at once, before the policy has learned from it."""

    def begin(self, policy: Policy, episodes: Sequence[Episode]) -> Policy:
        """Return what drives the next episode.

        Args:
            policy: The policy that was learned.
            episodes: Every usable episode of the session, the newest last; nothing else
                may matter, so that a resumed session drives the same.
        """
        ...

    def add(self, step: Step) -> None:
        """Take in a step, after the robot executed its action."""
        ...


class Operator(Protocol):
    """Drives and corrects, human or simulated."""

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        ...

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the operator wants at this step.

        Args:
            observation: What the policy saw, shape (obs_dim,).
            policy_action: What it wants, shape (act_dim,).
            info: What the environment said; "asking" is True while the robot asks,
                "can_rewind" while the episode can be taken back.
        """
        ...


class Arbiter(Protocol):
    """Decides at each step whose action the robot executes."""

    def reset(self) -> None:
        """Prepare for a new episode."""
        ...

    def decide(
        self,
        policy_action: FloatArray,
        signal: OperatorSignal,
        *,
        elapsed_s: float,
        asking: bool = False,
        policy_late: bool = False,
    ) -> Decision:
        """Return the action to execute.

        Args:
            policy_action: What the policy wants, shape (act_dim,).
            signal: What the operator wants.
            elapsed_s: Time since the last call [s]: the control period, or more when
                the loop was late.
            asking: Whether the robot asks for help.
            policy_late: Whether the policy took so long that its action is out of date.
        """
        ...


class Recorder(Protocol):
    """Stores every step as it happens."""

    def begin(self, info: EpisodeInfo) -> None:
        """Open an episode."""
        ...

    def add(self, step: Step) -> None:
        """Store one step without blocking the control loop."""
        ...

    def finish(
        self,
        last_observation: FloatArray,
        *,
        outcome: str,
        terminated: bool,
        rewound_to: int | None = None,
    ) -> Episode:
        """Close the episode and return it as arrays.

        Args:
            last_observation: What followed the last action, shape (obs_dim,).
            outcome: How it ended.
            terminated: True if the task ended the episode.
            rewound_to: Where its continuation begins, in control steps from `env.reset`;
                None: there is none.
        """
        ...


class View(Protocol):
    """Shows one control step to a person, or to nobody."""

    def begin(self, start: EpisodeInfo) -> None:
        """Prepare for an episode, after the environment was reset."""
        ...

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Draw the state after the step."""
        ...


class Pacer(Protocol):
    """Sets the speed of the loop: real time for people, none for machines."""

    def restart(self) -> float:
        """Begin anew after a pause; return the time that counts as elapsed [s]."""
        ...

    def wait(self) -> float:
        """Wait for the next control step; return the time since the last one [s]."""
        ...

    def late(self) -> bool:
        """Return whether the world went on by a control period since the step began."""
        ...


class Annotator(Protocol):
    """Says which of two segments is better, a person or simulated."""

    def answer(self, question: Question) -> Reply | Wish | None:
        """Return what the annotator says to a question, or wants instead.

        None: the question could not be shown, so that nobody has answered it.
        """
        ...


class Learner(Protocol):
    """Turns recorded episodes into a better policy."""

    @property
    def policy(self) -> Policy:
        """The current policy; it does not change until the next update."""
        ...

    def update(
        self,
        episodes: Sequence[Episode],
        *,
        on_progress: Callable[[float], None],
    ) -> Mapping[str, float]:
        """Improve the policy on all episodes so far, the newest last.

        Args:
            episodes: Every usable episode of the session, the newest last.
            on_progress: Called now and then with the finished fraction in [0, 1].

        Returns:
            Figures for the log, by name.
        """
        ...

    def save(self, path: Path) -> None:
        """Write everything that the next update depends on."""
        ...

    def load(self, path: Path) -> None:
        """Go on from where `save` was called."""
        ...
