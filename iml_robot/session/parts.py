"""Builds what a session consists of from its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iml_robot.adaptation import ADAPTATIONS
from iml_robot.arbitration import ARBITERS
from iml_robot.asking import ASKERS
from iml_robot.asking.fitting.fitter import Fitter
from iml_robot.asking.turns.gated import Gated
from iml_robot.core.config import RunConfig
from iml_robot.core.errors import UsageError
from iml_robot.core.interfaces import Adaptation, Arbiter, Asker, Learner
from iml_robot.core.resources import find_policy
from iml_robot.core.seeding import named_seed
from iml_robot.data.store import SessionStore
from iml_robot.learners import LEARNERS
from iml_robot.policies import names_network
from iml_robot.robots.action_names import named
from iml_robot.robots.environment import control_period_s, extra, make_env
from iml_robot.robots.replays import Replays
from iml_robot.session.loop import Loop
from iml_robot.session.preferences.building import (
    REWARDS,
    build_preferences,
    note_features,
    policy_questions,
)
from iml_robot.session.preferences.preferences import AnnotatorFor
from iml_robot.session.preferences.taught import Taught
from iml_robot.session.progress import Progress
from iml_robot.session.rewinding import NoRewinding, Rewinding
from iml_robot.session.session import Session
from iml_robot.session.witness import witnessed
from iml_robot.training.approval import ApprovedTraining
from iml_robot.training.background import BackgroundTrainer
from iml_robot.training.companion import Companion
from iml_robot.training.trainer import Trainer, Training
from iml_robot.training.verdict import Acceptance

if TYPE_CHECKING:
    from iml_robot.learners.reinforcement.practice import Ground
    from iml_robot.policies.ensemble.files import PolicyFile
    from iml_robot.policies.ensemble.network import Spaces


def build_env(config: RunConfig, *, render_mode: str | None = None) -> Any:
    """Return the environment and check that it accepts the configured options.

    Raises:
        UsageError: If it cannot be made or refuses the options.
    """
    env = make_env(config.env.id, render_mode=render_mode)
    wanted = [config.env.options, *(e.options for e in config.evaluation)]
    for options in wanted:
        try:
            env.reset(seed=0, options=dict(options))
        except (ValueError, TypeError) as error:
            raise UsageError(f"{config.env.id}: {error}") from error
    return named(env, config.env.names)


def build_learner(config: RunConfig, env: Any, *, seed: int) -> Learner:
    """Return the learner with the configured initial policy, outside a session.

    Raises:
        UsageError: If there is no such learner, policy or option.
        ArtifactError: If the policy is damaged or does not fit the environment.
    """
    from iml_robot.policies.ensemble.spaces import spaces_of

    return learner_on(config, spaces_of(env), seed=seed)


def learner_on(config: RunConfig, spaces: Spaces, *, seed: int) -> Learner:
    """Return the learner for an environment of which only the spaces are known.

    Raises:
        UsageError: If there is no such learner, policy or option.
        ArtifactError: If the policy is damaged or does not fit the environment.
    """
    from iml_robot.policies.ensemble.files import load_policy, new_policy

    start = None
    if config.policy is not None and names_network(config.policy):
        start = new_policy(config.policy, spaces, named_seed(seed, "policy"))
    elif config.policy is not None:
        start = load_policy(find_policy(config.policy), spaces)
    return _learner(config, spaces, start, seed)


def build_untrained(config: RunConfig, env: Any, *, seed: int) -> Learner:
    """Return the learner with a new policy of the network that pretraining names.

    Raises:
        UsageError: If there is no such learner, network or option.
    """
    from iml_robot.policies.ensemble.files import new_policy
    from iml_robot.policies.ensemble.spaces import spaces_of

    spaces = spaces_of(env)
    network = config.pretrain.network if config.pretrain else "auto"
    start = new_policy(network, spaces, named_seed(seed, "policy"))
    return _learner(config, spaces, start, seed)


def _learner(
    config: RunConfig, spaces: Spaces, start: PolicyFile | None, seed: int
) -> Learner:
    """Return a learner; one that tries its policies gets simulators to do so."""
    part, wanted = config.learner, dict[str, object]()
    if getattr(LEARNERS.get(part.name), "wants_trials", False):
        from iml_robot.learners.cloning.trials import Trials

        known = config.pretrain
        wanted["trials"] = Trials(
            Replays(config.env.id),
            practice=config.env.options,
            familiar=known.options if known else None,
            guarded={**known.options, **known.easiest} if known else None,
            seed=seed,
        )
    if getattr(LEARNERS.get(part.name), "wants_ground", False):
        wanted["ground"] = _ground(config)
    return LEARNERS.build(part.name, spaces, start, seed, options=part.options, **wanted)


def _ground(config: RunConfig) -> Ground:
    """Return where robots practise: on maps like those of the session, but others."""
    from iml_robot.learners.reinforcement.practice import Ground

    options = config.env.options
    own = {**options, "split": "practice"} if "split" in options else options
    return Ground(config.env.id, own)


def build_acceptance(learner: Learner, config: RunConfig) -> Acceptance | None:
    """Return what judges a learner's policies; None: nobody does, as it tries none.

    Args:
        learner: The learner.
        config: The configuration.
    """
    from iml_robot.training.micro_regression import MicroRegression
    from iml_robot.training.reward_follower import RewardFollower, RewardGate

    if isinstance(learner, RewardFollower):
        seed = named_seed(config.schedule.seed, "gate")
        questions = policy_questions(config)
        return RewardGate(learner, _ground(config), seed, questions)
    trials = getattr(learner, "trials", None)
    return None if trials is None else MicroRegression(trials)


@dataclass(frozen=True)
class LearningRecipe:
    """What a learning process needs to build its learner; see `Recipe`.

    Attributes:
        config: The configuration.
        spaces: What a network must know of the environment.
        seed: Root of all randomness.
        dt: Control period [s].
        rewards: Folder of the rewards that people teach.
    """

    config: RunConfig
    spaces: Spaces
    seed: int
    dt: float
    rewards: Path

    def learner(self) -> Learner:
        """Return the learner with the configured initial policy."""
        learner = learner_on(self.config, self.spaces, seed=self.seed)
        if self.config.preferences.moments:
            database = self.rewards.parent / "session.db"
            return Taught(learner, database, Replays(self.config.env.id))
        if not getattr(learner, "wants_reward", False):
            return learner
        from iml_robot.training.reward_follower import RewardFollower

        return RewardFollower(learner, self.rewards)  # type: ignore[arg-type]

    def acceptance(self, learner: Learner) -> Acceptance | None:
        """Return what judges its policies."""
        return build_acceptance(learner, self.config)

    def companion(self) -> Companion | None:
        """Return what fits the asker to each policy; None: there is nothing to fit."""
        asker, env = _asker(self.config, self.spaces.layout, self.dt), self.config.env
        if not isinstance(asker, Gated) or not asker.learns:
            return None
        return Fitter(asker, env.id, env.options, dt=self.dt, seed=self.seed)


def build_trainer(config: RunConfig, env: Any, folder: Path, *, people: bool) -> Training:
    """Return the trainer.

    Args:
        config: The configuration.
        env: The environment.
        folder: Root of the session's files.
        people: Whether a person drives, whose time is not to be wasted.
    """
    from iml_robot.policies.ensemble.spaces import spaces_of

    seed, wanted = config.schedule.seed, config.trainer
    period_s, rewards = control_period_s(env), folder / REWARDS
    recipe = LearningRecipe(config, spaces_of(env), seed, period_s, rewards)
    path = partial(_policy_path, folder)
    if wanted.name == "background" or (wanted.name == "auto" and people):
        learner = recipe.learner()
        return BackgroundTrainer(learner, recipe, policy_path=path, wait_s=wanted.wait_s)
    learner = recipe.learner()
    acceptance, companion = recipe.acceptance(learner), recipe.companion()
    return Trainer(learner, path, acceptance=acceptance, companion=companion)


def _policy_path(folder: Path, version: int) -> Path:
    return folder / "policies" / f"{version:04d}.safetensors"


def build_arbiter(config: RunConfig, env: Any) -> Arbiter:
    """Return the arbiter."""
    part, options = config.arbiter, config.arbiter.options
    if part.name == "takeover" and extra(env, "scores") is not None:
        # Between numbered actions there is nothing to go through: a key wins at once.
        options = {"slew_per_s": 1000.0, "blend_s": 0.05, **options}
    return ARBITERS.build(part.name, env.action_space.shape[0], options=options)


def build_asker(config: RunConfig, env: Any) -> Asker:
    """Return what decides when the robot asks for help."""
    return _asker(config, extra(env, "observation_layout", {}), control_period_s(env))


def _asker(config: RunConfig, layout: Mapping[str, Any], dt: float) -> Asker:
    part = config.asking
    return ASKERS.build(part.name, layout, dt, options=part.options)


def build_adaptation(config: RunConfig) -> Adaptation:
    """Return what lets corrections count at once."""
    return ADAPTATIONS.build(config.adaptation.name, options=config.adaptation.options)


def build_rewinding(config: RunConfig, env: Any, *, people: bool) -> NoRewinding:
    """Return what begins episodes, anew or some seconds before a failure.

    Args:
        config: The configuration.
        env: The environment.
        people: Whether a person drives, who needs time to ask and to get ready.
    """
    wanted = config.rewind
    patience_s = wanted.patience_s if people else 0.0
    if wanted.back_s == 0:
        return NoRewinding(patience_s=patience_s)
    return Rewinding(
        env,
        back_s=wanted.back_s,
        times=wanted.times,
        period_s=control_period_s(env),
        patience_s=patience_s,
    )


def build_session(
    config: RunConfig,
    loop: Loop,
    *,
    folder: Path,
    store: SessionStore,
    progress: Progress,
    people: bool = False,
    annotator_for: AnnotatorFor | None = None,
) -> Session:
    """Return a session around a loop.

    Args:
        config: The configuration.
        loop: Everything that takes part in driving.
        folder: Root of the session's files.
        store: Keeps the data.
        progress: Says what is going on.
        people: Whether a person drives, whose time is not to be wasted.
        annotator_for: Gives a person who answers questions; None: a simulated one does.
    """
    loop = witnessed(loop)
    note_features(loop.env, store)
    preferences = build_preferences(
        config, loop.env, folder=folder, store=store, annotator_for=annotator_for
    )
    trainer = build_trainer(config, loop.env, folder, people=people)
    if policy_questions(config):
        trainer = ApprovedTraining(trainer, preferences.compare)
    return Session(
        loop=loop,
        trainer=trainer,
        store=store,
        folder=folder,
        env_id=config.env.id,
        options=config.env.options,
        seed=config.schedule.seed,
        control_dt_s=control_period_s(loop.env),
        progress=progress,
        preferences=preferences,
    )
