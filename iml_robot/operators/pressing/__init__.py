"""A person who chooses among numbered actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iml_robot.core.errors import UsageError
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.human import HumanOperator
from iml_robot.operators.pressing.pressing import PressingOperator
from iml_robot.robots.environment import extra


def person_at(
    env: Any,
    actions: Mapping[str, int],
    *,
    pump: EventPump | None = None,
    **options: Any,
) -> HumanOperator | PressingOperator:
    """Return the person who drives an environment, steering or pressing.

    Args:
        env: The environment, as `make_env` makes it.
        actions: Numbered actions by what presses them; see `EnvConfig.actions`.
        pump: Source of the events, shared with the window; None makes a new one.
        options: Options of `HumanOperator`.

    Raises:
        UsageError: If the environment cannot be driven with these actions and options.
    """
    numbered = extra(env, "scores") is not None
    if not numbered and actions:
        raise UsageError(
            f"env.actions names numbered actions ({', '.join(actions)}), but the actions "
            f"of this environment are {env.action_space}; set operator.axes to say which "
            "direction steers which part, and leave env.actions away"
        )
    if not numbered:
        return HumanOperator(env, pump=pump, **options)
    return PressingOperator(env, actions, pump=pump, **options)
