"""Lets people have the last word on a new policy, before it drives."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode
from iml_robot.rewards.annotation.policies import Opinion, PolicyPair
from iml_robot.training.improver import Improvement
from iml_robot.training.trainer import Training, TrainingResult
from iml_robot.training.verdict import Verdict
from iml_robot.training.versions import Versions

LOGGER = logging.getLogger(__name__)

Ask: TypeAlias = Callable[[Sequence[PolicyPair], int, Sequence[Episode]], Opinion | None]
"""Asks about pairs; given are the number of the new policy and all usable episodes. None:
nobody is asked now."""


class ApprovedTraining:
    """Asks people about each new policy that a gate let through.

    If they prefer the policy before, it drives on, and what is learned next begins there.
    This happens between two episodes, wherever the policy was trained, so that no policy
    drives that people did not want.

    Args:
        training: Improves the policy.
        ask: Asks.
    """

    def __init__(self, training: Training, ask: Ask) -> None:
        self._training, self._ask = training, ask
        self._episodes: Sequence[Episode] = ()

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the training has, such as how far it is."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._training, name)

    @property
    def policy(self) -> Policy:
        """The policy that drives."""
        return self._training.policy

    @property
    def versions(self) -> Versions:
        """Which policy drives, and the good ones before it."""
        return self._training.versions

    @property
    def version(self) -> int:
        """Number of the policy that drives."""
        return self._training.version

    @property
    def path(self) -> Path:
        """File of the policy that drives."""
        return self._training.path

    @property
    def notice(self) -> str:
        """What the operator should know since the last update; "" if all is well."""
        return self._training.notice

    def save_start(self) -> Path:
        """Write the policy that the session starts with; return its file."""
        return self._training.save_start()

    def resume(self, versions: Versions, *, learned: int) -> None:
        """Go on from the policy of an earlier session."""
        self._training.resume(versions, learned=learned)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> TrainingResult:
        """Improve the policy, and ask about what came of it."""
        self._episodes = episodes
        return self._asked(self._training.update(episodes, on_progress=on_progress))

    def finish(
        self, *, on_progress: Callable[[float], None], give_up: Callable[[], bool]
    ) -> TrainingResult:
        """Wait until all episodes are learned, and ask about what came of it."""
        finished = self._training.finish(on_progress=on_progress, give_up=give_up)
        return self._asked(finished)

    def roll_back(self) -> int:
        """Undo the last accepted policy; return the number of the one that drives now."""
        return self._training.roll_back()

    def close(self) -> None:
        """End whatever works."""
        self._training.close()

    def _asked(self, result: TrainingResult) -> TrainingResult:
        """Ask about new policies, the newest first, until one may drive."""
        improvements, begun_s = list(result.improvements), time.perf_counter()
        for place in reversed(range(len(improvements))):
            one = improvements[place]
            if not one.accepted or one.version != self.version:
                continue
            pairs = () if one.verdict is None else one.verdict.pairs
            said = self._ask(pairs, one.version, self._episodes) if pairs else None
            if said is None:
                break
            improvements[place] = self._decided(one, said)
            if improvements[place].accepted:
                break
        return replace(
            result,
            version=self.version,
            path=self.path,
            improvements=tuple(improvements),
            answered_s=time.perf_counter() - begun_s,
        )

    def _decided(self, improvement: Improvement, said: Opinion) -> Improvement:
        """Return an improvement after what was said; go back if it is not wanted."""
        verdict = improvement.verdict
        assert verdict is not None
        accepted = said.balance >= 0
        told = {"policy_pairs": float(len(said.said)), "preferred": float(said.balance)}
        reason = f"{verdict.reason}; {said.reason}"
        decided = replace(
            improvement,
            figures={**improvement.figures, **told, "accepted": float(accepted)},
            verdict=Verdict(accepted, reason, {**verdict.figures, **told}),
        )
        if accepted:
            return decided
        version = self._training.roll_back()
        aside = _put_aside(improvement.path)
        return replace(decided, version=version, path=self.path, sha256="", refused=aside)


def _put_aside(path: Path) -> Path | None:
    """Name the file of a policy as one that was refused; None: there is none."""
    refused = path.with_name(f"{path.stem}-refused{path.suffix}")
    try:
        path.replace(refused)
    except OSError as error:
        LOGGER.error("cannot keep a refused policy: %s", error.strerror or error)
        return None
    return refused
