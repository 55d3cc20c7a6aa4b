"""Rewards with networks on disk: arrays in safetensors, the rest as JSON in its header."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.whole_files import replace_bytes
from iml_robot.rewards.ensemble import Ensemble
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.residual import EnsembleReward, ResidualReward
from iml_robot.rewards.scale import FeatureScale

FORMAT = "iml_robot.reward_ensemble/1"


def save_networks(reward: EnsembleReward | ResidualReward, path: Path) -> None:
    """Write a reward with networks as a whole or not at all."""
    content: dict[str, Any] = {"format": FORMAT, "bounded": reward.ensemble.bounded}
    if isinstance(reward, ResidualReward):
        content |= {"linear": reward.linear.content(), "size": reward.size}
    else:
        scale = reward.scale
        content |= {
            "names": list(scale.names),
            "mean": scale.mean.tolist(),
            "std": scale.std.tolist(),
            "version": reward.version,
        }
    arrays = {
        f"weights.{k}": np.ascontiguousarray(a)
        for k, a in enumerate(reward.ensemble.weights)
    }
    arrays |= {
        f"biases.{k}": np.ascontiguousarray(a) for k, a in enumerate(reward.ensemble.biases)
    }
    content["sha256"] = _digest(content, arrays)
    header = {"iml_robot": json.dumps(content, sort_keys=True)}
    replace_bytes(path, save(arrays, header))


def load_networks(path: Path) -> EnsembleReward | ResidualReward:
    """Read a reward with networks.

    Raises:
        UsageError: If there is no such file.
        ArtifactError: If it is damaged, or no such reward.
    """
    content, arrays = _read(path)
    try:
        count = len(arrays) // 2
        ensemble = Ensemble(
            tuple(arrays[f"weights.{k}"] for k in range(count)),
            tuple(arrays[f"biases.{k}"] for k in range(count)),
            bool(content["bounded"]),
        )
        if "linear" in content:
            linear = RewardModel.of(content["linear"])
            return ResidualReward(linear, ensemble, float(content["size"]))
        scale = FeatureScale(
            tuple(content["names"]), np.array(content["mean"]), np.array(content["std"])
        )
        return EnsembleReward(scale, ensemble, int(content["version"]))
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise ArtifactError(f"{path} is no reward that can be used: {error!r}") from error


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and arrays of a file whose hash is right."""
    try:
        with safe_open(path, "numpy") as file:
            header = (file.metadata() or {}).get("iml_robot", "{}")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        content = json.loads(header)
    except FileNotFoundError as error:
        raise UsageError(f"there is no reward file {path}") from error
    except (OSError, ValueError, SafetensorError) as error:
        raise ArtifactError(f"cannot read the reward file {path}: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArtifactError(f"{path} does not have the format {FORMAT!r}: learn it again")
    if content.pop("sha256", None) != _digest(content, arrays):
        raise ArtifactError(
            f"{path} is damaged: its content does not fit its hash; take another copy"
        )
    return content, arrays


def _digest(content: dict[str, Any], arrays: dict[str, Any]) -> str:
    """Return a hash over header and arrays."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].shape} {arrays[name].dtype}".encode())
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()
