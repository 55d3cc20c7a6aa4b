"""Checks early whether an environment can be driven as a configuration wants it."""

from __future__ import annotations

from iml_robot.core.config import RunConfig
from iml_robot.core.errors import ConfigError, ImlRobotError, UsageError
from iml_robot.robots.action_names import named
from iml_robot.robots.env_id import EnvId
from iml_robot.robots.environment import check_render_mode, extra, make_env

OURS = "iml_robot_envs"
"""Environments of this module are known to fit."""


def check_environment(config: RunConfig) -> None:
    """Make the environment and look whether the configured operator can drive it.

    Those of this project are known to fit and not made, which would take a second.

    Raises:
        UsageError: If there is no such environment, or it does not fit.
        ConfigError: If the configuration says something about it that does not.
    """
    if EnvId.parse(config.env.id).module == OURS:
        _refuse_numbers(config)
        return
    env = make_env(config.env.id)
    try:
        _check_options(config, env)
        env = named(env, config.env.names)
        if config.operator.name == "human":
            check_render_mode(config.env.id)
            _check_hands(config, env)
        elif config.operator.name == "simulated" and extra(env, "make_pilot") is None:
            raise ConfigError(
                f"operator: {config.env.id!r} offers no pilot for a simulated operator "
                "(make_pilot); give it one, or drive it yourself with operator: human"
            )
    finally:
        env.close()


def _refuse_numbers(config: RunConfig) -> None:
    if config.env.actions or config.env.neutral is not None:
        raise ConfigError(
            "env: actions and neutral are for numbered actions, and those of "
            f"{config.env.id!r} are steered; leave them away"
        )


def _check_options(config: RunConfig, env: object) -> None:
    """Refuse numbered actions where there are none, and a wrong number of names."""
    if config.env.actions and extra(env, "scores") is None:
        raise ConfigError(
            f"env.actions: the actions of {config.env.id!r} are steered and not numbered; "
            "set operator.axes, and leave env.actions away"
        )


def _check_hands(config: RunConfig, env: object) -> None:
    """Refuse keys and directions with which nobody can drive this environment."""
    from iml_robot.operators.pressing import person_at

    try:
        person_at(env, config.env.actions, **config.operator.options)
    except ConfigError:
        raise
    except ImlRobotError as error:
        raise UsageError(f"{config.env.id!r} cannot be driven by hand: {error}") from error
