"""Policy files: tensors in safetensors, everything else as JSON in its header.

Reading one cannot run code. The header names the network and its options, the sizes and
the layout it was made for, where it came from, and a hash over all tensors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.types import FloatArray
from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces

FORMAT = "iml_robot.policy/1"


@dataclass(frozen=True)
class Rehearsal:
    """Demonstrations that a policy carries, so that learning on does not forget them.

    Attributes:
        observations: shape (n, obs_dim).
        actions: shape (n, act_dim).
    """

    observations: FloatArray
    actions: FloatArray

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.actions)


@dataclass(frozen=True)
class PolicyFile:
    """A policy as it lies on disk.

    Attributes:
        name: Name of the network in the registry.
        options: Its options.
        network: The network with its weights.
        rehearsal: Demonstrations it carries; may be empty.
        lineage: What made it, as JSON values.
    """

    name: str
    options: Mapping[str, Any]
    network: EnsembleNetwork
    rehearsal: Rehearsal
    lineage: Mapping[str, Any] = field(default_factory=dict)


def new_policy(
    name: str, spaces: Spaces, seed: int, options: Mapping[str, Any] | None = None
) -> PolicyFile:
    """Return an untrained policy.

    Args:
        name: Name of the network, or "auto": the one that suits the observation.
        spaces: Sizes and layout.
        seed: Seed of the initial weights.
        options: Options of the network.
    """
    if name == "auto":
        name = "trajectory" if "scan" in spaces.layout else "mlp"
    chosen = dict(options or {})
    network = POLICIES.build(name, spaces, seed, options=chosen)
    empty = Rehearsal(
        np.zeros((0, spaces.observation_size), np.float32),
        np.zeros((0, spaces.action_size), np.float32),
    )
    return PolicyFile(name, chosen, network, empty)


def save_policy(policy: PolicyFile, path: Path) -> str:
    """Write a policy file as a whole or not at all; return its hash."""
    tensors = {
        f"network.{k}": v.contiguous() for k, v in policy.network.state_dict().items()
    }
    rehearsal = policy.rehearsal
    tensors["rehearsal.observations"] = torch.from_numpy(rehearsal.observations).half()
    tensors["rehearsal.actions"] = torch.from_numpy(rehearsal.actions).half()
    digest = _digest(tensors)
    spaces = policy.network.spaces
    header = {
        "format": FORMAT,
        "policy": policy.name,
        "options": dict(policy.options),
        "observation_size": spaces.observation_size,
        "action_size": spaces.action_size,
        "layout": dict(spaces.layout),
        "lineage": dict(policy.lineage),
        "sha256": digest,
    }
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(save(tensors, {"iml_robot": json.dumps(header, sort_keys=True)}))
    draft.replace(path)
    return digest


def load_policy(path: Path, spaces: Spaces | None = None) -> PolicyFile:
    """Read a policy file.

    Args:
        path: The file.
        spaces: What the environment has; the policy must fit it.

    Raises:
        ArtifactError: If the file is damaged, no policy, or does not fit.
        UsageError: If there is no such file.
    """
    header, tensors = _read(path)
    made_for = Spaces(header["observation_size"], header["action_size"], header["layout"])
    if spaces is not None:
        _check_fit(path, made_for, spaces)
    try:
        network = POLICIES.build(header["policy"], made_for, 0, options=header["options"])
        weights = {
            k.removeprefix("network."): v
            for k, v in tensors.items()
            if k.startswith("network.")
        }
        network.load_state_dict(weights)
    except (UsageError, RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{path}: the policy cannot be built: {reason}") from error
    rehearsal = Rehearsal(
        tensors["rehearsal.observations"].float().numpy(),
        tensors["rehearsal.actions"].float().numpy(),
    )
    return PolicyFile(
        header["policy"], header["options"], network, rehearsal, header["lineage"]
    )


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return header and tensors of a file whose hash is right."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such policy file")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})["iml_robot"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise ArtifactError(
            f"{path}: not a policy of this program, or damaged ({type(error).__name__}); "
            "pickles such as .pt and .zip are not read"
        ) from error
    if header.get("format") != FORMAT:
        raise ArtifactError(
            f"{path}: format {header.get('format')!r} is not known to this version, "
            f"which reads {FORMAT!r}"
        )
    if header.get("sha256") != _digest(tensors):
        raise ArtifactError(f"{path}: damaged: its content does not match its hash")
    if not all(torch.isfinite(t).all() for t in tensors.values()):
        raise ArtifactError(f"{path}: holds values that are not finite")
    return header, tensors


def _check_fit(path: Path, made_for: Spaces, spaces: Spaces) -> None:
    for word, ours, theirs in (
        ("observation", made_for.observation_size, spaces.observation_size),
        ("action", made_for.action_size, spaces.action_size),
    ):
        if ours != theirs:
            raise ArtifactError(
                f"{path}: made for {word}s of size {ours}, but this environment has "
                f"size {theirs}; choose another policy or environment"
            )
    if made_for.layout != spaces.layout:
        raise ArtifactError(
            f"{path}: made for another layout of the observation; train it anew "
            "with iml-robot pretrain"
        )


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 over names, types, shapes and values of all tensors."""
    sha = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        sha.update(tensor.numpy().tobytes())
    return sha.hexdigest()
