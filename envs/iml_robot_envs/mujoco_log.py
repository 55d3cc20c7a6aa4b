"""Keeps MuJoCo's warnings out of files it would write wherever a program was started."""

from __future__ import annotations

import logging

import mujoco

_LOG = logging.getLogger(__name__)


def quiet_mujoco() -> None:
    """Send MuJoCo's warnings to the log, unless somebody has set a handler."""
    if mujoco.get_mju_user_warning() is None:
        mujoco.set_mju_user_warning(_LOG.warning)
