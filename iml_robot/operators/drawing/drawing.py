"""Lets a person correct by drawing a path, besides steering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.interfaces import Operator
from iml_robot.core.types import FloatArray, Link, OperatorSignal, Request
from iml_robot.operators.drawing.follower import PathFollower
from iml_robot.operators.drawing.path import DrawnPath, Points
from iml_robot.operators.drawing.reach import Reach
from iml_robot.robots.environment import control_period_s, extra

DEVICE = "drawn path"
CONTROLS = ("Left mouse button", "draw a path (takes over)")
"""What the mouse does, as a line of the bindings."""
NEEDED = ("position", "heading")
FARTHEST_START_M = 5.0
"""A line that begins farther from the robot is not meant as its way [m]."""
HANDS_S = 0.5
"""Rest of the hands after which a touched control no longer steers [s]; the same as the
rest that ends a takeover by movement."""


@dataclass(frozen=True)
class Stroke:
    """A line somebody has drawn.

    Attributes:
        points: Positions (x, y) in the world [m], shape (n, 2).
        paused: Whether time stands still, and should go on now.
    """

    points: Points
    paused: bool = False


class Strokes(Protocol):
    """Where lines are drawn and paths are shown."""

    def take(self) -> Stroke | None:
        """Return the line that was finished since the last call, if any."""
        ...

    def follow(self, path: DrawnPath | None, along_m: float, words: str) -> None:
        """Show what becomes of it.

        Args:
            path: What the robot drives along; None: nothing.
            along_m: How far it has come [m].
            words: What the person should know; "" for nothing new.
        """
        ...


class Person(Operator, Protocol):
    """Somebody with devices to steer with."""

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label, meaning)."""
        ...


class DrawingOperator:
    """The same person, who may also draw where the robot shall go.

    The robot is driven along the path as the operator's takeover, with the dead-man
    control held for the person. It ends with the path, with a touch of any control, which
    then steers as usual, with any request, or when the link to the person is lost.

    Args:
        operator: The person as they steer.
        env: Environment; `can_follow` must hold.
        strokes: Where the person draws.

    Attributes:
        path: What the robot drives along; None: nothing.
    """

    def __init__(self, operator: Person, env: Any, strokes: Strokes) -> None:
        self._operator = operator
        self._strokes = strokes
        self._preview = extra(env, "preview_path")
        self._act_dim = int(env.action_space.shape[0])
        self._period_s = control_period_s(env)
        self._follower: PathFollower | None = None
        self._begins = False
        self._hands_s = 0.0

    def __getattr__(self, name: str) -> Any:
        """Return what the person offers besides, such as devices to open."""
        return getattr(self._operator, name)

    @property
    def path(self) -> DrawnPath | None:
        """What the robot drives along; None: nothing."""
        return None if self._follower is None else self._follower.path

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label, meaning), the mouse last."""
        return [*self._operator.bindings(), CONTROLS]

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode: a path is one of the map it was drawn on."""
        self._strokes.take()
        self._forget("")
        self._hands_s = 0.0
        self._operator.reset(seed=seed)

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return what the person wants at this step."""
        signal = self._operator.advise(observation, policy_action, info)
        stroke = self._strokes.take()
        if self._touched(signal):
            if self._follower is not None:
                self._forget("You have touched a control: the path is given up.")
                self._hands_s = HANDS_S if signal.engaged else 0.0
            return self._still_in_hands(signal)
        if stroke is not None and self._accept(stroke, info) and stroke.paused:
            # Time goes on first; who drives then is taken over from at the next step.
            return replace(signal, requests=frozenset({Request.PAUSE}))
        if self._follower is None:
            return self._still_in_hands(signal)
        return self._along(signal, info)

    def _touched(self, signal: OperatorSignal) -> bool:
        """Return whether the person does anything else, or is gone."""
        return (
            signal.engaged
            or bool(signal.requests)
            or signal.link is not Link.OK
            or signal.action is None
        )

    def _still_in_hands(self, signal: OperatorSignal) -> OperatorSignal:
        """Return the signal; a control that ended a path steers until it rests.

        The takeover began with a grip for the person, and would end with it in the middle
        of what the person does with that control.
        """
        if not self._hands_s:
            return signal
        if signal.requests or signal.link is not Link.OK or signal.action is None:
            self._hands_s = 0.0
            return signal
        left_s = max(self._hands_s - self._period_s, 0.0)
        self._hands_s = HANDS_S if signal.engaged else left_s
        return replace(signal, gripping=self._hands_s > 0.0)

    def _accept(self, stroke: Stroke, info: Mapping[str, Any]) -> bool:
        """Begin with a path, or say why not."""
        refusal, path = self._path_of(stroke, info)
        if path is None:
            self._forget(refusal)
            return False
        try:
            reach = Reach.measure(self._preview, self._act_dim, float(info["heading"]))
        except UsageError as error:
            # The session goes on; whoever drives has to steer.
            self._forget(f"Steer instead: {error}.")
            return False
        self._follower = PathFollower(path, reach, period_s=self._period_s)
        self._begins, self._hands_s = True, 0.0
        self._strokes.follow(path, 0.0, "The robot drives along your path.")
        return True

    def _path_of(
        self, stroke: Stroke, info: Mapping[str, Any]
    ) -> tuple[str, DrawnPath | None]:
        """Return the way from the robot along a line, or why there is none."""
        if not all(name in info for name in NEEDED):
            return "The environment does not say where the robot is.", None
        here = np.asarray(info["position"], dtype=float)[:2]
        if len(stroke.points) and np.hypot(*(stroke.points[0] - here)) > FARTHEST_START_M:
            return "Begin the path at the robot: that one was too far away.", None
        path = DrawnPath.of(stroke.points)
        if path is None:
            return "That path is too short: keep the button down and draw.", None
        # From where the robot is now, which may have moved while somebody drew: the part
        # of the line that it has passed already is left out.
        passed = path.nearest(here, after=0.0, before=path.length_m / 2)
        rest = path.points[path.along >= passed]
        return "", DrawnPath.of(np.vstack([here, rest])) or path

    def _along(self, signal: OperatorSignal, info: Mapping[str, Any]) -> OperatorSignal:
        """Return the command that leads along the path."""
        assert self._follower is not None
        action = self._follower.act(info)
        if action is None:
            self._forget(
                "The path is done."
                if self._follower.ended == "arrived"
                else f"The path is given up: {self._follower.ended}."
            )
            return signal
        self._strokes.follow(self._follower.path, self._follower.along_m, "")
        begins = frozenset({Request.TAKE_CONTROL}) if self._begins else frozenset()
        self._begins = False
        return replace(signal, action=action, gripping=True, requests=begins, device=DEVICE)

    def _forget(self, words: str) -> None:
        self._follower, self._begins = None, False
        self._strokes.follow(None, 0.0, words)


def can_follow(env: Any) -> bool:
    """Return whether a robot can be driven along a path that is drawn on its map.

    Args:
        env: The environment; needs `project`, `preview_path`, and actions that steer.
    """
    steered = extra(env, "scores") is None
    return steered and None not in (extra(env, "project"), extra(env, "preview_path"))
