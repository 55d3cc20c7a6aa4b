"""Errors that a user can cause and mend; the command line prints them as one line.

ImlRobotError
├── UsageError            wrong call, configuration or file: exit code 2
│   └── ConfigError       says file, line and key
├── ArtifactError         a policy or session file that is refused: exit code 4
└── InfrastructureError   display, device, disk or process: exit code 5
"""

from __future__ import annotations


class ImlRobotError(Exception):
    """Base of all errors that are reported as one clear line."""

    exit_code = 1


class UsageError(ImlRobotError):
    """The command, an option or a configuration is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file is wrong; the message names file, line and key."""


class ArtifactError(ImlRobotError):
    """A policy or session file is damaged, unsafe or does not fit."""

    exit_code = 4


class InfrastructureError(ImlRobotError):
    """The machine lacks something that the command needs."""

    exit_code = 5
