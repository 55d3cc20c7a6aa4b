"""Policy files: tensors in safetensors, everything else as JSON in its header.

Reading one cannot run code. The header names the network and its options, the sizes and
the layout it was made for, where it came from, and a hash over all tensors.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
_HEADER = {
    "policy": str,
    "options": dict,
    "observation_size": int,
    "action_size": int,
    "layout": dict,
    "lineage": dict,
    "sha256": str,
}
_DTYPES = {f"torch.{name}" for name in ("float64", "float32", "float16", "int64", "bool")}


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

    def as_stored(self) -> Rehearsal:
        """Return the samples as a file keeps them, which is in half precision."""
        return Rehearsal(
            _compact(self.observations).float().numpy(),
            _compact(self.actions).float().numpy(),
        )


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
        suited = {"scan": "trajectory", "rays": "directions"}
        name = next((suited[k] for k in suited if k in spaces.layout), "mlp")
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
    tensors["rehearsal.observations"] = _compact(rehearsal.observations)
    tensors["rehearsal.actions"] = _compact(rehearsal.actions)
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
    header["header_sha256"] = _header_digest(header)
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
    _check_network_name(path, header["policy"])
    weights = {
        name.removeprefix("network."): tensor
        for name, tensor in tensors.items()
        if name.startswith("network.")
    }
    try:
        network = POLICIES.build(header["policy"], made_for, 0, options=header["options"])
        network.load_state_dict(weights)
    except Exception as error:  # A hostile header can make a constructor raise anything.
        reason = " ".join(str(error).split()).rstrip(".")
        raise ArtifactError(f"{path}: the policy cannot be built: {reason}") from error
    return PolicyFile(
        header["policy"],
        header["options"],
        network,
        _rehearsal(path, tensors, made_for),
        header["lineage"],
    )


def load_policy_of(
    kind: str, path: Path, spaces: Spaces | None = None, *, learner: str
) -> PolicyFile:
    """Read the file of a policy that a learner can go on from; see `load_policy`.

    Args:
        kind: The kind of policy that the learner trains.
        path: The file.
        spaces: What the environment has; the policy must fit it.
        learner: Name of the learner.

    Raises:
        ArtifactError: If the file is damaged, does not fit, or holds another kind.
        UsageError: If there is no such file.
    """
    loaded = load_policy(path, spaces)
    if loaded.name != kind:
        raise ArtifactError(
            f"{path}: holds a policy of the kind {loaded.name!r}, but learner {learner!r} "
            f"goes on from {kind!r} only; use the learner that wrote it"
        )
    return loaded


def between(start: PolicyFile, goal: PolicyFile, share: float) -> PolicyFile:
    """Return a policy whose weights lie on the way from one to another, or beyond it.

    Args:
        start: Where the way begins.
        goal: Where it ends; of the same kind.
        share: How far along: 0 is the start, 1 the goal, more lies beyond it.
    """
    result = copy_policy(goal)
    pairs = zip(result.network.parameters(), start.network.parameters(), strict=True)
    with torch.no_grad():
        for weights, first in pairs:
            weights.copy_(first + share * (weights - first))
    return result


def copy_policy(policy: PolicyFile) -> PolicyFile:
    """Return a policy with weights of its own, so that training leaves the other alone."""
    network = POLICIES.build(
        policy.name, policy.network.spaces, 0, options=dict(policy.options)
    )
    network.load_state_dict(policy.network.state_dict())
    return replace(policy, network=network)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return the checked header and the tensors of a file whose hashes are right."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such policy file")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})["iml_robot"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValueError, OSError, RecursionError) as error:
        raise ArtifactError(
            f"{path}: not a policy of this program, or damaged ({type(error).__name__}); "
            "pickles such as .pt and .zip are not read"
        ) from error
    _check_header(path, header)
    _check_tensors(path, header, tensors)
    return header, tensors


def _check_header(path: Path, header: Any) -> None:
    found = header.get("format") if isinstance(header, dict) else None
    if found != FORMAT:
        raise ArtifactError(
            f"{path}: format {found!r} is not known to this version, which reads {FORMAT!r}"
        )
    # The first files had no hash over the header.
    if header.get("header_sha256", None) not in (None, _header_digest(header)):
        raise ArtifactError(f"{path}: damaged: its header does not match its hash")
    for key, kind in _HEADER.items():
        # In Python True is a whole number too.
        if type(header.get(key)) is not kind:
            raise ArtifactError(
                f"{path}: damaged: {key!r} in its header must be of type {kind.__name__}"
            )


def _check_tensors(
    path: Path, header: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]
) -> None:
    strange = {str(t.dtype) for t in tensors.values()} - _DTYPES
    if strange:
        raise ArtifactError(f"{path}: holds numbers of the type {min(strange)}")
    if header["sha256"] != _digest(tensors):
        raise ArtifactError(f"{path}: damaged: its content does not match its hash")
    if not all(torch.isfinite(t).all() for t in tensors.values()):
        raise ArtifactError(f"{path}: holds values that are not finite")


def _check_network_name(path: Path, name: str) -> None:
    """Refuse to import what a file names: importing a module runs its code."""
    module, colon, class_name = name.partition(":")
    known = getattr(sys.modules.get(module), class_name, None) if colon else EnsembleNetwork
    if not (isinstance(known, type) and issubclass(known, EnsembleNetwork)):
        raise ArtifactError(
            f"{path}: made for the network {name!r} from outside this program; import "
            "its module first if you trust it"
        )


def _rehearsal(
    path: Path, tensors: Mapping[str, torch.Tensor], spaces: Spaces
) -> Rehearsal:
    empty = torch.zeros(0)
    observations = tensors.get("rehearsal.observations", empty).float().numpy()
    actions = tensors.get("rehearsal.actions", empty).float().numpy()
    wanted = (len(actions), spaces.observation_size), (len(actions), spaces.action_size)
    if (observations.shape, actions.shape) != wanted:
        raise ArtifactError(
            f"{path}: its demonstrations have the shapes {observations.shape} and "
            f"{actions.shape}, which do not fit its sizes"
        )
    return Rehearsal(observations, actions)


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
    if made_for.layout != json.loads(json.dumps(dict(spaces.layout))):
        raise ArtifactError(
            f"{path}: made for another layout of the observation; train it anew "
            "with iml-robot pretrain"
        )


def _compact(values: FloatArray) -> torch.Tensor:
    """Return the values in half precision, or as they are where that is too narrow."""
    tensor = torch.from_numpy(values).contiguous()
    half = tensor.half()
    return half if bool(torch.isfinite(half).all()) else tensor


def _header_digest(header: Mapping[str, Any]) -> str:
    """Return the SHA-256 over everything in the header but this hash."""
    rest = {key: value for key, value in header.items() if key != "header_sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return the SHA-256 over names, types, shapes and values of all tensors."""
    sha = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        sha.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        sha.update(tensor.numpy().tobytes())
    return sha.hexdigest()
