"""Who drives: policy files, functions and, where they are trusted, pickled agents.

A source is picklable and names the policy; each process loads it for itself.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.interfaces import Policy
from iml_robot.core.resources import find_policy
from iml_robot.core.types import FloatArray
from iml_robot.robots.environment import make_env

OURS, ONNX, PICKLED = "iml_robot.policy", "onnx", "stable_baselines3"
"""Formats of files."""
_PICKLES = (".zip", ".pt", ".pth", ".pkl", ".pickle")


class Source(Protocol):
    """Where a policy comes from.

    Attributes:
        name: What it was called by whoever gave it.
        format: "callable", or that of a file: `OURS`, `ONNX` or `PICKLED`.
        sha256: Hash of the file or source text; "" where there is none.
    """

    @property
    def name(self) -> str:
        """What it was called."""

    @property
    def format(self) -> str:
        """Which kind of source."""

    @property
    def sha256(self) -> str:
        """What tells it from others."""

    def load(self, env_id: str) -> Policy:
        """Return the policy, checked against the environment.

        Raises:
            ArtifactError: If it is refused or does not fit.
            UsageError: If it does not exist.
        """


@dataclass(frozen=True)
class FileSource:
    """A policy in a file, of this program or another.

    Attributes:
        name: What it was called.
        path: The file.
        sha256: Hash of its bytes.
        format: How it is read: `OURS`, `ONNX`, or `PICKLED`, which runs whatever code is
            in the file.
    """

    name: str
    path: Path
    sha256: str
    format: str = OURS

    def load(self, env_id: str) -> Policy:
        """Return the policy."""
        return _READERS[self.format](self.path, env_id)


@dataclass(frozen=True)
class CallableSource:
    """A function (n, obs_dim) -> (n, act_dim), or a class whose objects have `act_batch`.

    Attributes:
        name: "module:function".
        sha256: Hash of the module's text.
    """

    name: str
    sha256: str
    format: str = "callable"

    def load(self, env_id: str) -> Policy:
        """Return the policy."""
        del env_id  # It is asked, and its answers are checked.
        found = _imported(self.name)
        if inspect.isclass(found):
            found = found()
        return _Answers(getattr(found, "act_batch", found))


def find_source(given: str, *, trust_pickle: bool = False) -> Source:
    """Return the source that somebody means.

    Args:
        given: Shipped name, policy file, ONNX file, "module:function", or an agent of
            Stable-Baselines3.
        trust_pickle: Whether pickles may be read, which runs the code in them.

    Raises:
        UsageError: If there is no such thing.
        ArtifactError: If it is a pickle and pickles are not trusted.
    """
    module, colon, attribute = given.partition(":")
    if colon and attribute.isidentifier() and not Path(given).exists():
        found = _imported(given)
        if not callable(getattr(found, "act_batch", found)):
            raise UsageError(f"{given} is no function and has no method 'act_batch'")
        return CallableSource(given, _source_hash(module))
    if Path(given).suffix in _PICKLES:
        return _pickled(given, trust_pickle=trust_pickle)
    if Path(given).suffix == ".onnx":
        return _file_source(given, _existing(given), ONNX)
    return _file_source(given, find_policy(given), OURS)


def _file_source(given: str, path: Path, form: str) -> FileSource:
    with path.open("rb") as file:
        return FileSource(
            given, path, hashlib.file_digest(file, "sha256").hexdigest(), form
        )


def _existing(given: str) -> Path:
    path = Path(given).expanduser()
    if not path.is_file():
        raise UsageError(f"{given}: there is no such policy file")
    return path


def _pickled(given: str, *, trust_pickle: bool) -> Source:
    path = _existing(given)
    if not _is_agent(path):
        raise ArtifactError(
            f"{given}: a pickle that is no agent of Stable-Baselines3; it is not read, as "
            "pickles run the code in them; give a policy file of this program"
        )
    if not trust_pickle:
        raise ArtifactError(
            f"{given}: holds pickles, which run any code in them when they are read; add "
            "--trust-pickle if you know who made this file"
        )
    return _file_source(given, path, PICKLED)


def _is_agent(path: Path) -> bool:
    """Return whether a file is an archive as agents are; nothing of it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "data" in archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False


class _Answers:
    """A function of many observations as a policy."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action for one observation."""
        action: FloatArray = self.act_batch(observation[None])[0]
        return action

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions for many."""
        return np.asarray(self._function(observations), np.float32)


def _ours(path: Path, env_id: str) -> Policy:
    from iml_robot.policies.ensemble.files import load_policy
    from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
    from iml_robot.policies.ensemble.spaces import spaces_of

    use_one_thread()
    env = make_env(env_id)
    spaces = spaces_of(env)
    env.close()
    return EnsemblePolicy(load_policy(path, spaces).network)


def _onnx(path: Path, env_id: str) -> Policy:
    from iml_robot.evaluation.onnx_source import load_graph

    return _Answers(load_graph(path, env_id))


def _agent(path: Path, env_id: str) -> Policy:
    from iml_robot.evaluation.stable_baselines import load_agent

    return _Answers(load_agent(path, env_id))


_READERS: dict[str, Callable[[Path, str], Policy]] = {
    OURS: _ours,
    ONNX: _onnx,
    PICKLED: _agent,
}


def _imported(name: str) -> Any:
    """Return what "module:attribute" names."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"cannot import the policy {name!r}: {reason}; it must be module:function, "
            "with the module on PYTHONPATH"
        ) from error


def _source_hash(module: str) -> str:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return ""
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
