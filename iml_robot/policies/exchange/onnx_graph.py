"""Policies as ONNX graphs: everything from the raw observation to the clipped action.

A graph holds the normalisation of its input, and clips and scales its output, so that
whoever runs it has nothing to add. Before it is handed out, its answers are compared with
those of the network that it was made from.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Distribution

import iml_robot
from iml_robot.core.errors import ArtifactError, InfrastructureError
from iml_robot.core.types import FloatArray
from iml_robot.policies.ensemble.files import PolicyFile, copy_policy
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.policies.ensemble.taste import Taste
from iml_robot.policies.exchange.onnx_format import FORMAT, INPUT, KEY, OUTPUT, Scale

CHECKED_OBSERVATIONS = 1000
"""On so many observations graph and network must agree."""
TOLERANCE = 1e-5
"""Largest difference of an action in [-1, 1]; single precision leaves some 1e-6."""
_PACKAGES = ("onnx", "onnxscript", "onnxruntime")


@dataclass(frozen=True)
class OnnxPolicy:
    """A policy as the content of an ONNX file.

    Attributes:
        content: The bytes of the file.
        difference: Largest difference from the network, in actions from -1 to 1.
        observations: On how many observations they were compared.
    """

    content: bytes
    difference: float
    observations: int


@dataclass(frozen=True)
class Origin:
    """What a graph was made from.

    Attributes:
        sha256: Hash of the policy file.
        extra: What else the metadata shall say, as JSON values.
    """

    sha256: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def as_onnx(policy: PolicyFile, origin: Origin, scale: Scale | None = None) -> OnnxPolicy:
    """Return a policy as an ONNX graph that answers for any number of observations.

    Its input is "observation", float32 (n, obs_dim), its output "action", float32
    (n, act_dim).

    Args:
        policy: The policy.
        origin: Where it comes from, for the metadata.
        scale: What the ends of an action mean; None: actions from -1 to 1.

    Raises:
        InfrastructureError: If the packages for it are not installed.
        ArtifactError: If the network cannot be written so, or the graph answers
            differently.
    """
    _check_packages()
    network = _settled(policy)
    size = network.spaces.action_size
    bounds = Scale.plain(size) if scale is None else scale
    try:
        with _quietly():
            content = _graph(_Answer(network, bounds), _metadata(policy, origin, bounds))
    except Exception as error:  # Whatever tracing somebody else's network raises.
        reason = " ".join(str(error).split())[:200]
        raise ArtifactError(
            f"the network {policy.name!r} cannot be written as ONNX: "
            f"{type(error).__name__}: {reason}"
        ) from error
    return _compared(policy, content, bounds)


class _Answer(nn.Module):
    """From the raw observation to the clipped and scaled action."""

    network: EnsembleNetwork
    low: Tensor
    reach: Tensor

    def __init__(self, network: EnsembleNetwork, scale: Scale) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("low", torch.from_numpy(scale.low))
        self.register_buffer("reach", torch.from_numpy((scale.high - scale.low) / 2))

    def forward(self, observation: Tensor) -> Tensor:
        actions, _ = self.network(observation)
        scaled: Tensor = (actions.clamp(-1, 1) + 1) * self.reach + self.low
        return scaled


class _Said(Taste):
    """A taste that counts; whether one does is a question that no graph can ask."""

    @property
    def neutral(self) -> bool:
        return False


def _settled(policy: PolicyFile) -> EnsembleNetwork:
    """Return a copy of the network that does not ask for the values of its weights."""
    network = copy_policy(policy).network.eval()
    taste = network.taste
    if taste is not None:
        said = _Said(taste.names, taste.foresight.shape[0])
        said.load_state_dict(taste.state_dict())
        network.taste = None if taste.neutral else said
    return network


def _graph(answer: _Answer, metadata: Mapping[str, Any]) -> bytes:
    example = torch.zeros(3, answer.network.spaces.observation_size)
    many = torch.export.Dim("n", min=1, max=2**20)
    # Strict: what asks a tensor for its length must not be fixed to that of the example.
    exported = torch.export.export(
        answer, (example,), dynamic_shapes=({0: many},), strict=True
    )
    # ONNX has no such operator; the exporter itself takes apart what else it lacks.
    exported = exported.run_decompositions(
        {torch.ops.aten.cummax.default: _running_largest}
    )
    program: Any = torch.onnx.export(
        exported, input_names=[INPUT], output_names=[OUTPUT], dynamo=True, verbose=False
    )
    assert program is not None
    model = program.model_proto
    _strip(model)
    onnx = importlib.import_module("onnx")
    onnx.helper.set_model_props(model, {KEY: json.dumps(metadata, sort_keys=True)})
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _running_largest(values: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Return the largest value so far and its place along one axis of fixed length."""
    parts = [values.narrow(dim, 0, end + 1) for end in range(values.shape[dim])]
    largest = [part.amax(dim) for part in parts]
    places = [part.argmax(dim) for part in parts]
    return torch.stack(largest, dim), torch.stack(places, dim)


def _strip(model: Any) -> None:
    """Take out where in whose source files each node was made."""
    model.graph.ClearField("doc_string")
    parts = (model.graph.node, model.graph.value_info, model.graph.input)
    for part in (*parts, model.graph.output, model.graph.initializer, [model.graph]):
        for node in part:
            node.ClearField("doc_string")
            node.ClearField("metadata_props")


def _metadata(policy: PolicyFile, origin: Origin, scale: Scale) -> dict[str, Any]:
    spaces = policy.network.spaces
    return {
        **origin.extra,
        "format": FORMAT,
        "tool_version": iml_robot.__version__,
        "policy": policy.name,
        "source_sha256": origin.sha256,
        "observation_size": spaces.observation_size,
        "action_size": spaces.action_size,
        "action_low": [float(value) for value in scale.low],
        "action_high": [float(value) for value in scale.high],
        "action_meaning": scale.meaning,
        "layout": dict(spaces.layout),
        "lineage": dict(policy.lineage),
    }


def _compared(policy: PolicyFile, content: bytes, scale: Scale) -> OnnxPolicy:
    """Return the graph if it answers as the network does."""
    seen = _observations(policy)
    options = importlib.import_module("onnxruntime").SessionOptions()
    options.intra_op_num_threads = 1
    session = importlib.import_module("onnxruntime").InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
    found = scale.normalised(session.run([OUTPUT], {INPUT: seen})[0])
    with torch.inference_mode():
        wanted = policy.network(torch.from_numpy(seen))[0].clamp(-1, 1).numpy()
    difference = float(np.abs(found - wanted).max())
    # Written so that NaN is refused too.
    if not difference <= TOLERANCE:
        raise ArtifactError(
            f"the graph differs from the policy by {difference:.2g} on one of "
            f"{len(seen)} observations, allowed are {TOLERANCE:.0e}; it is not written"
        )
    return OnnxPolicy(content, difference, len(seen))


def _observations(policy: PolicyFile) -> FloatArray:
    """Return observations to compare on: near what was demonstrated, and far from it."""
    rng = np.random.default_rng(0)
    shape = (CHECKED_OBSERVATIONS, policy.network.spaces.observation_size)
    drawn = rng.normal(size=shape).astype(np.float32)
    known = policy.rehearsal.observations
    if len(known):
        half = CHECKED_OBSERVATIONS // 2
        drawn[:half] *= 0.01
        drawn[:half] += known[rng.integers(len(known), size=half)]
    return drawn


def _check_packages() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise InfrastructureError(
            f"writing ONNX needs {', '.join(missing)}, not installed here; install the "
            "extra: pip install 'iml-robot[onnx]'"
        )


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep back what the exporter says of itself, and checks that cannot be traced."""
    log, checks = logging.getLogger("torch.onnx"), Distribution._validate_args
    level = log.level
    log.setLevel(logging.ERROR)
    Distribution.set_default_validate_args(False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Distribution.set_default_validate_args(checks)
        log.setLevel(level)
