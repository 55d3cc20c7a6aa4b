"""DAgger of the library imitation on corrections, as a baseline to compare with."""

from __future__ import annotations

import logging
import math
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import datasets  # type: ignore[import-untyped]
import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms.bc import BC
from imitation.algorithms.dagger import DAggerTrainer
from imitation.data import rollout, serialize
from imitation.data.types import Trajectory, Transitions
from imitation.util.logger import HierarchicalLogger
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.vec_env import DummyVecEnv

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.start import taken_over
from iml_robot.learners.frames.trajectories import sample_trajectory, takeover_trajectories
from iml_robot.policies.actor_critic import ActorCriticNetwork
from iml_robot.policies.ensemble.files import (
    PolicyFile,
    copy_policy,
    load_policy_of,
    save_policy,
)
from iml_robot.policies.ensemble.network import Spaces, all_sound
from iml_robot.policies.ensemble.policy import EnsemblePolicy

NETWORK = "actor_critic"

_LOG = logging.getLogger(__name__)


@LEARNERS.register("imitation_dagger")
class ImitationDagger:
    """Runs imitation's own `DAggerTrainer` with `BC` on the recorded corrections.

    Every episode with corrections is a round, every takeover a trajectory of it; the
    demonstrations that the first policy carries belong to the first round. All frames
    count the same. An episode without corrections changes nothing.

    The rounds are written anew at each update from the episodes given, so that a resumed
    session, or one with an episode taken back, needs no files beside the policy. The
    library is given no environment: it could drive the robot to measure itself.

    Args:
        spaces: Sizes of observation and action.
        start: The policy to start from, or None for an untrained one. The weights of
            another network than "actor_critic" cannot be taken over: its demonstrations
            are cloned instead.
        seed: Root of all randomness.
        hidden: Units in each hidden layer of a new network, first to last.
        batches: Gradient steps after an episode.
        batch_size: Samples in a gradient step.
        learning_rate: Step size of Adam.
        start_batches: Gradient steps for cloning a start of another kind.

    Source: Ross et al. (2011), "A reduction of imitation learning and structured
    prediction to no-regret online learning"; imitation 1.0.1 for the sizes and step size.
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        hidden: Sequence[int] = (32, 32),
        batches: int = 300,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        start_batches: int = 1000,
    ) -> None:
        counts = {"batches": batches, "batch_size": batch_size}
        for name, value in (counts | {"start_batches": start_batches}).items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
        self._spaces, self._seed = spaces, seed
        self._batches, self._batch_size = batches, batch_size
        self._learning_rate = learning_rate
        self._file = taken_over(NETWORK, spaces, start, seed, hidden=hidden)
        if start is not None and start.name != NETWORK:
            self._clone(start.name, start_batches)

    @property
    def policy(self) -> EnsemblePolicy:
        """The current policy; it does not change until the next update."""
        return EnsemblePolicy(self._file.network)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Run the newest episode as a round of DAgger; see the interface."""
        rounds = [takeover_trajectories(episode) for episode in episodes]
        corrected_now = bool(rounds) and bool(rounds[-1])
        rounds = [trajectories for trajectories in rounds if trajectories]
        figures = {
            "correction_frames": float(sum(len(t) for r in rounds for t in r)),
            "takeovers": float(sum(map(len, rounds))),
        }
        if not corrected_now:
            on_progress(1.0)
            return figures | {"updates": 0.0}
        rounds[0] = self._demonstrations() + rounds[0]
        seed = named_seed(self._seed, "update", len(episodes))
        losses = self._train(rounds, self._batches, seed, on_progress)
        return figures | losses

    def save(self, path: Path) -> None:
        """Write the policy; the next update depends on nothing else."""
        save_policy(self._file, path)

    def load(self, path: Path) -> None:
        """Go on from a policy that `save` wrote.

        Raises:
            ArtifactError: If the file holds another kind of network.
        """
        self._file = load_policy_of(NETWORK, path, self._spaces, learner="imitation_dagger")

    def _demonstrations(self) -> list[Trajectory]:
        rehearsal = self._file.rehearsal
        if not len(rehearsal):
            return []
        return [sample_trajectory(rehearsal.observations, rehearsal.actions)]

    def _clone(self, name: str, batches: int) -> None:
        """Learn from the demonstrations of a policy whose weights are of another kind."""
        demonstrations = self._demonstrations()
        if not demonstrations:
            return
        _LOG.info(
            "the weights of a policy of the kind %r cannot be taken over: cloning the %d "
            "demonstrated frames that it carries", name, len(self._file.rehearsal),
        )  # fmt: skip
        seed = named_seed(self._seed, "start")
        self._train([demonstrations], batches, seed, lambda _: None)

    def _train(
        self,
        rounds: Sequence[Sequence[Trajectory]],
        batches: int,
        seed: int,
        on_progress: Callable[[float], None],
    ) -> dict[str, float]:
        """Train a copy of the network and put it in the place of the current one."""
        trained = copy_policy(self._file)
        network = trained.network
        assert isinstance(network, ActorCriticNetwork)
        frames = rollout.flatten_trajectories([t for r in rounds for t in r])
        batch_size = min(self._batch_size, len(frames))
        # The library shuffles with torch's global stream, and writes for every round.
        with (
            tempfile.TemporaryDirectory(prefix="iml_robot_dagger_") as scratch,
            torch.random.fork_rng(devices=[]),
            _quiet_library(),
        ):
            torch.manual_seed(seed)
            trainer = self._trainer(network, Path(scratch), batch_size, seed)
            _write_rounds(rounds, trainer, Path(scratch))
            losses = _run_newest_round(trainer, frames, batches, on_progress)
        if losses is None:
            _LOG.warning(
                "the update was thrown away: its weights grew without bound; choose a "
                "smaller learning_rate than %g", self._learning_rate,
            )  # fmt: skip
            on_progress(1.0)
            return {"updates": 0.0}
        self._file = trained
        before, after = losses
        return {"updates": float(batches), "loss_before": before, "loss_after": after}

    def _trainer(
        self, network: ActorCriticNetwork, scratch: Path, batch_size: int, seed: int
    ) -> DAggerTrainer:
        """Return imitation's trainer around a network, with a log that goes nowhere."""
        silent = HierarchicalLogger(Logger(None, []), [])
        rng = named_stream(seed, "imitation")
        space, actions = network.policy.observation_space, network.policy.action_space
        cloning = BC(
            observation_space=space,
            action_space=actions,
            rng=rng,
            policy=network.policy,
            batch_size=batch_size,
            optimizer_kwargs={"lr": self._learning_rate},
            device="cpu",
            custom_logger=silent,
        )
        return DAggerTrainer(
            venv=DummyVecEnv([lambda: _NoRobot(space, actions)]),
            scratch_dir=scratch,
            rng=rng,
            bc_trainer=cloning,
            custom_logger=silent,
        )


class _NoRobot(gym.Env[Any, Any]):
    """Spaces without a robot: whoever would drive it is told that nobody may."""

    def __init__(
        self, observation_space: gym.Space[Any], action_space: gym.Space[Any]
    ) -> None:
        self.observation_space = observation_space
        self.action_space = action_space

    def reset(self, **_: Any) -> NoReturn:
        raise RuntimeError("a learner must not drive an environment")

    def step(self, action: Any) -> NoReturn:
        raise RuntimeError("a learner must not drive an environment")


def _write_rounds(
    rounds: Sequence[Sequence[Trajectory]], trainer: DAggerTrainer, scratch: Path
) -> None:
    """Write all rounds where the trainer looks for them, and set it to the newest."""
    for number, trajectories in enumerate(rounds):
        folder = scratch / "demos" / f"round-{number:03d}"
        for index, trajectory in enumerate(trajectories):
            # It reads the first trajectory of a file only, in the order of the names.
            serialize.save(folder / f"takeover-{index:05d}.npz", [trajectory])
    trainer.round_num = len(rounds) - 1


def _run_newest_round(
    trainer: DAggerTrainer,
    frames: Transitions,
    batches: int,
    on_progress: Callable[[float], None],
) -> tuple[float, float] | None:
    """Let the library learn from all rounds.

    Returns:
        The mean loss of all frames before and after; None where the weights ran away.
    """
    options = {
        "n_batches": batches,
        "log_rollouts_venv": None,
        "progress_bar": False,
        "on_batch_end": _counter(batches, on_progress),
    }
    before = _mean_loss(trainer.policy, frames)
    try:
        trainer.extend_and_update(options)
        after = _mean_loss(trainer.policy, frames)
    except ValueError as error:
        # A Gaussian whose mean or width is no usable number is refused by torch.
        if "found invalid values" not in str(error):
            raise
        return None
    finite = math.isfinite(after) and all_sound(trainer.policy)
    return (before, after) if finite else None


def _counter(total: int, on_progress: Callable[[float], None]) -> Callable[[], None]:
    """Return a function that reports one more of `total` steps at each call."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        on_progress(done / total)

    return count


def _mean_loss(policy: BasePolicy, frames: Transitions) -> float:
    """Return the mean negative log-likelihood of all frames."""
    assert isinstance(policy, ActorCriticPolicy)
    with torch.no_grad():
        _, log_likelihood, _ = policy.evaluate_actions(
            torch.from_numpy(np.array(frames.obs, dtype=np.float32)),
            torch.from_numpy(np.array(frames.acts, dtype=np.float32)),
        )
    return -float(log_likelihood.mean())


@contextmanager
def _quiet_library() -> Iterator[None]:
    """Keep the library from warning of its own code and drawing a bar a takeover."""
    were_shown = not datasets.utils.are_progress_bars_disabled()
    datasets.utils.disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Converting a tensor with requires")
            warnings.filterwarnings("ignore", message="keys will default to True in json")
            yield
    finally:
        if were_shown:
            datasets.utils.enable_progress_bars()
