"""Policies as ONNX graphs, ours and those of other programs; reading one runs no code."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.core.errors import ArtifactError, InfrastructureError
from iml_robot.core.types import FloatArray
from iml_robot.policies.exchange.onnx_format import FORMAT, KEY, OUTPUT, Scale
from iml_robot.robots.environment import make_env

LARGEST_BYTES = 512 * 2**20
"""No policy that answers at 20 Hz is as large; a file that is could fill the memory."""
_NAMES = (OUTPUT, "actions")


@dataclass(frozen=True)
class _Graph:
    """A loaded graph.

    Attributes:
        session: Runs it.
        output: Name of the output that holds the actions.
        batch: Number of observations it takes at a time; None: any.
        scale: What the ends of its actions mean.
    """

    session: Any
    output: str
    batch: int | None
    scale: Scale

    def answer(self, observations: FloatArray) -> FloatArray:
        """Return actions from -1 to 1, shape (n, act_dim)."""
        seen = np.ascontiguousarray(observations, np.float32)
        if self.batch is None:
            actions = self._run(seen)
        else:
            starts = range(0, len(seen), self.batch)
            parts = [
                self._run(_filled(seen[s : s + self.batch], self.batch)) for s in starts
            ]
            actions = np.concatenate(parts)[: len(seen)]
        # Nonsense stays nonsense: it is counted where the robots are driven.
        return np.clip(self.scale.normalised(actions), -1.0, 1.0)

    def _run(self, seen: FloatArray) -> FloatArray:
        name = self.session.get_inputs()[0].name
        try:
            found = self.session.run([self.output], {name: seen})[0]
        except Exception as error:  # The runtime has a dozen kinds of its own.
            raise ArtifactError(
                f"the graph cannot answer {len(seen)} observations: "
                f"{' '.join(str(error).split())[:160]}"
            ) from error
        actions = np.asarray(found, np.float32)
        if actions.shape != (len(seen), len(self.scale.low)):
            raise ArtifactError(
                f"the graph answers {len(seen)} observations with the shape "
                f"{actions.shape}; it must be {(len(seen), len(self.scale.low))}"
            )
        return actions


def load_graph(path: Path, env_id: str) -> Callable[[FloatArray], FloatArray]:
    """Return what an ONNX graph answers to many observations, in [-1, 1].

    Graphs that say nothing of the scale of their actions are taken to answer from -1 to 1.

    Args:
        path: The file.
        env_id: Gymnasium id of the environment.

    Raises:
        ArtifactError: If it is damaged or does not fit the environment.
        InfrastructureError: If onnxruntime is not installed.
    """
    session = _session(path)
    env = make_env(env_id)
    sizes = env.observation_space.shape[0], env.action_space.shape[0]
    env.close()
    batch = _checked_input(path, session, sizes[0])
    output = _checked_output(path, session, sizes[1])
    return _Graph(session, output, batch, _scale(path, session, sizes)).answer


def metadata_of(path: Path) -> str:
    """Return what a graph of this program says of itself, as JSON; "{}": nothing.

    Args:
        path: A file that `load_graph` can read.
    """
    return str(_session(path).get_modelmeta().custom_metadata_map.get(KEY, "{}"))


def _session(path: Path) -> Any:
    """Return what runs the graph, on one thread: processes share the processor already."""
    if find_spec("onnxruntime") is None:
        raise InfrastructureError(
            f"{path}: running ONNX needs onnxruntime, not installed here; install the "
            "extra: pip install 'iml-robot[onnx]'"
        )
    if path.stat().st_size > LARGEST_BYTES:
        raise ArtifactError(
            f"{path}: {path.stat().st_size / 2**20:.0f} MiB; policies of more than "
            f"{LARGEST_BYTES // 2**20} MiB are not read"
        )
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Errors become one line of ours; its own log would stand beside that in colours.
    options.log_severity_level = 4
    try:
        # As bytes: a graph in memory cannot name other files to be read.
        return runtime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # The runtime has a dozen kinds of its own.
        raise ArtifactError(
            f"{path}: no ONNX graph that can be run here, or damaged: "
            f"{' '.join(str(error).split())[:160]}"
        ) from error


def _checked_input(path: Path, session: Any, size: int) -> int | None:
    """Return how many observations the graph takes at a time; None: any number."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if len(inputs) == 1 else []
    if len(shape) != 2 or inputs[0].type != "tensor(float)":
        found = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs) or "none"
        raise ArtifactError(
            f"{path}: a policy has one input, float32 (n, {size}); this graph has {found}"
        )
    if isinstance(shape[1], int) and shape[1] != size:
        raise ArtifactError(
            f"{path}: made for observations of size {shape[1]}, but this environment has "
            f"size {size}; choose another policy or environment"
        )
    return shape[0] if isinstance(shape[0], int) else None


def _checked_output(path: Path, session: Any, size: int) -> str:
    """Return the name of the output that holds the actions."""
    outputs = {output.name: output for output in session.get_outputs()}
    name = next((n for n in _NAMES if n in outputs), next(iter(outputs)))
    shape = outputs[name].shape
    if len(shape) != 2 or (isinstance(shape[1], int) and shape[1] != size):
        raise ArtifactError(
            f"{path}: its output {name!r} has the shape {shape}, but this environment "
            f"takes actions (n, {size}); choose another policy or environment"
        )
    return name


def _scale(path: Path, session: Any, sizes: tuple[int, int]) -> Scale:
    """Return what the ends of the actions mean, from the metadata where there are any."""
    given = session.get_modelmeta().custom_metadata_map.get(KEY)
    if given is None:
        return Scale.plain(sizes[1])
    try:
        values = json.loads(given)
        found = values["format"]
        low = np.array(values.get("action_low"), np.float32)
        high = np.array(values.get("action_high"), np.float32)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ArtifactError(f"{path}: damaged: its metadata cannot be read") from error
    if found != FORMAT:
        raise ArtifactError(
            f"{path}: format {found!r} is not known to this version, which reads {FORMAT!r}"
        )
    if low.shape != high.shape or low.shape != (sizes[1],) or not np.all(low < high):
        raise ArtifactError(f"{path}: damaged: the bounds of its actions make no sense")
    return Scale(low, high)


def _filled(seen: FloatArray, size: int) -> FloatArray:
    """Return observations filled up to a fixed number with copies of the last."""
    missing = size - len(seen)
    return (
        np.concatenate([seen, np.repeat(seen[-1:], missing, axis=0)]) if missing else seen
    )
