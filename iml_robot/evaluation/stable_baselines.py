"""Agents of Stable-Baselines3, for whoever trusts their file: reading one runs its code."""

from __future__ import annotations

import importlib
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.core.errors import ArtifactError
from iml_robot.core.types import FloatArray
from iml_robot.robots.environment import make_env

LARGEST_BYTES = 512 * 2**20
"""No agent that answers at 20 Hz is as large; an archive can grow a thousandfold."""
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError)


def load_agent(path: Path, env_id: str) -> Callable[[FloatArray], FloatArray]:
    """Return what an agent answers to many observations, in [-1, 1].

    Statistics of a VecNormalize lie in another file and are not applied.

    Args:
        path: A zip that `save` of Stable-Baselines3 wrote; it must be trusted.
        env_id: Gymnasium id of the environment.

    Raises:
        ArtifactError: If it cannot be read or does not fit the environment.
    """
    name = _algorithm(path)
    # Imported by name, as only somebody who evaluates such an agent needs the library.
    module: Any = importlib.import_module("stable_baselines3")
    try:
        agent = getattr(module, name).load(path, device="cpu")
    except Exception as error:  # Whatever the code in the file raises.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ArtifactError(f"{path}: the {name} agent cannot be read: {reason}") from error
    _check_fits(path, agent, env_id)
    low, high = agent.action_space.low, agent.action_space.high

    def answer(observations: FloatArray) -> FloatArray:
        actions, _ = agent.predict(observations, deterministic=True)
        return np.asarray(2.0 * (actions - low) / (high - low) - 1.0, np.float32)

    return answer


def _algorithm(path: Path) -> str:
    """Return which class wrote the file, from its plain part alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(path, archive)
            values = json.loads(archive.read("data"))
            module = values["policy_class"]["__module__"]
    except (KeyError, ValueError, TypeError, RecursionError, *_BROKEN) as error:
        raise ArtifactError(f"{path}: no agent of Stable-Baselines3, or damaged") from error
    family = str(module).split(".")[1] if "." in str(module) else ""
    if family in ("sac", "td3"):
        return family.upper()
    # PPO and A2C share their policy class; only PPO clips.
    if family == "common":
        return "PPO" if "clip_range" in values else "A2C"
    raise ArtifactError(
        f"{path}: agents of {module} are not known; known: A2C, PPO, SAC, TD3"
    )


def _check_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that unpacks to more than any agent needs."""
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > LARGEST_BYTES:
        raise ArtifactError(
            f"{path}: would unpack to {unpacked / 2**20:.0f} MiB; agents of more than "
            f"{LARGEST_BYTES // 2**20} MiB are not read"
        )


def _check_fits(path: Path, agent: Any, env_id: str) -> None:
    env = make_env(env_id)
    wanted = env.observation_space.shape, env.action_space.shape
    env.close()
    found = agent.observation_space.shape, agent.action_space.shape
    if found != wanted:
        raise ArtifactError(
            f"{path}: made for observations and actions of the shapes {found}, but this "
            f"environment has {wanted}"
        )
