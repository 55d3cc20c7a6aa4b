"""Spreads maps over the machines of a Ray cluster, the same way as over processes.

The unit of work is the same part of 25 maps, so that results do not depend, to the bit, on
who drives what; only finished parts are counted as progress.
"""

from __future__ import annotations

import importlib
import os
import socket
import tempfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import iml_robot
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.interfaces import Policy
from iml_robot.evaluation.drivers import Source
from iml_robot.evaluation.workers import DIED, Work

LOCAL = "local"
"""Address that means: start a Ray here, for this command alone."""
REACHED_IN_S = 5.0
"""So long the first answer may take [s]; Ray itself tries for two minutes."""
_POLL_S = 0.2


@dataclass(frozen=True)
class CarriedSource:
    """A policy file that travels with the work, as other machines do not have it.

    Attributes:
        source: The source; it has a path.
        held: Reference to the bytes of its file in the cluster.
    """

    source: Any
    held: Any

    @property
    def name(self) -> str:
        """What it was called."""
        return str(self.source.name)

    @property
    def format(self) -> str:
        """Which kind of source."""
        return str(self.source.format)

    @property
    def sha256(self) -> str:
        """What tells it from others."""
        return str(self.source.sha256)

    def load(self, env_id: str) -> Policy:
        """Return the policy, from a copy of its file on this machine."""
        ray: Any = importlib.import_module("ray")
        with tempfile.TemporaryDirectory(prefix="iml_robot-") as folder:
            path = Path(folder) / Path(self.source.path).name
            path.write_bytes(ray.get(self.held))
            policy: Policy = replace(self.source, path=path).load(env_id)
            return policy


class Cluster:
    """The processors of a Ray cluster; see `Workers`, whose place it takes.

    Args:
        address: "auto", "host:port", "ray://host:port", or "local" for a Ray of its own.
        jobs: Number of processes of a Ray of its own.

    Raises:
        InfrastructureError: If Ray is not installed or the cluster does not answer.
        UsageError: If the address is none.
    """

    def __init__(self, address: str, jobs: int) -> None:
        self._ray = _connected(address, jobs)
        self._drive = self._ray.remote(num_cpus=1, max_retries=0)(_do)
        self._running: dict[Any, int] = {}

    @property
    def size(self) -> int:
        """Number of parts that can be driven at a time."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def carried(self, source: Source) -> Source:
        """Return a source that other machines can load."""
        path = getattr(source, "path", None)
        if path is None:
            return source
        return CarriedSource(source, self._ray.put(Path(path).read_bytes()))

    def finished(
        self,
        pieces: Sequence[Work],
        *,
        on_progress: Callable[[float], None],
        retries: int = 0,
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield the number and the result of each piece, as they are finished.

        Pieces whose process died are tried again; if that is of no use, the others are
        finished first, so that their results are kept.

        Args:
            pieces: What to do.
            on_progress: Called several times a second with the finished fraction of maps.
            retries: How often a piece is tried again.

        Raises:
            InfrastructureError: If the process of a piece dies more often.
        """
        tried = dict.fromkeys(range(len(pieces)), 0)
        lost: list[int] = []
        self._running = {self._submitted(piece): n for n, piece in enumerate(pieces)}
        total, done = sum(piece.maps for piece in pieces), 0
        try:
            while self._running:
                ready, _ = self._ray.wait([*self._running], num_returns=1, timeout=_POLL_S)
                for reference in ready:
                    number = self._running.pop(reference)
                    found = self._result(reference)
                    if found is not None:
                        done += pieces[number].maps
                        yield number, found[0]
                    elif tried[number] < retries:
                        tried[number] += 1
                        self._running[self._submitted(pieces[number])] = number
                    else:
                        lost.append(number)
                on_progress(done / total)
        finally:
            self._cancel()
        if lost:
            raise InfrastructureError(f"{len(lost)} times {DIED}")

    def _result(self, reference: Any) -> tuple[Any] | None:
        """Return what a piece came to, in a tuple; None: its process died."""
        try:
            return (self._ray.get(reference),)
        except self._ray.exceptions.RayTaskError as error:
            # What the work itself raised; Ray's wrapper has its traceback.
            raise (error.cause or error) from None
        except self._ray.exceptions.RayError:
            return None

    def close(self, *, wait: bool = True) -> None:
        """Leave the cluster; one of its own ends.

        Args:
            wait: Taken for the sake of `Workers`; nothing is left to wait for.
        """
        del wait
        self._cancel()
        self._ray.shutdown()

    def _submitted(self, piece: Work) -> Any:
        return self._drive.remote(piece, iml_robot.__version__)

    def _cancel(self) -> None:
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._running = {}


def _do(piece: Work, version: str) -> Any:
    """Do a piece of work on some machine of the cluster."""
    if version != iml_robot.__version__:
        raise InfrastructureError(
            f"a machine of the cluster has iml-robot {iml_robot.__version__}, this one has "
            f"{version}; install the same version on all of them"
        )
    os.environ["OMP_NUM_THREADS"] = "1"
    return piece.do(lambda done: None)


def _connected(address: str, jobs: int) -> Any:
    """Return the library, connected to the cluster."""
    if find_spec("ray") is None:
        raise InfrastructureError(
            "--ray needs ray, not installed here; install the extra: pip install "
            "'iml-robot[ray]'"
        )
    _check_reachable(address)
    # Usage statistics would go to the makers of Ray.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray: Any = importlib.import_module("ray")
    quiet = {"configure_logging": False, "log_to_driver": False}
    try:
        if address == LOCAL:
            # Else its processes give way to every other one on this machine.
            os.environ.setdefault("RAY_worker_niceness", "0")
            ray.init(address=LOCAL, num_cpus=jobs, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (Exception, SystemExit) as error:  # It ends the program where it is refused.
        reason = " ".join(str(error).split())[:200]
        raise InfrastructureError(
            f"the Ray cluster {address!r} cannot be joined: {reason}; is it running, with "
            "the same versions of Ray and Python?"
        ) from error
    return ray


def _check_reachable(address: str) -> None:
    """Refuse an address where nobody listens.

    Raises:
        UsageError: If it is no address.
        InfrastructureError: If nobody answers there.
    """
    if address in (LOCAL, "auto"):
        return
    try:
        parts = urlsplit(address if "://" in address else f"ray://{address}")
        place = parts.hostname, parts.port
    except ValueError:
        place = None, None
    if None in place:
        raise UsageError(
            f"--ray {address}: give host:port, ray://host:port, auto (a cluster on this "
            "machine) or local (start one for this command)"
        )
    try:
        socket.create_connection(place, timeout=REACHED_IN_S).close()
    except OSError as error:
        raise InfrastructureError(
            f"--ray {address}: nobody answers there: {error.strerror or error}; start a "
            "cluster with: ray start --head"
        ) from error
