"""Ways to come to a policy: on a given reward, or on answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from end_to_end.asking import Asking
from end_to_end.tasks import Shaken, Study, segments_of
from iml_robot.core.feedback import Segment
from iml_robot.core.interfaces import Policy
from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.learners.reinforcement.gate import Gate
from iml_robot.learners.reinforcement.reward import (
    LinearReward,
    Reward,
    reward_distance,
)
from iml_robot.learners.reinforcement.rollouts import Drive, returns
from iml_robot.learners.reinforcement.trainer import SacSettings, SacTrainer, train_sac
from iml_robot.learners.reinforcement.traits import practising
from iml_robot.policies.ensemble.files import PolicyFile, copy_policy, new_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.gaussian_actor import GaussianActorNetwork

Learned: TypeAlias = tuple[Policy, dict[str, Any]]

PAIRS = 1000
"""Pairs on which the learned reward is judged."""
LOOKED_AT = 8
"""Drives that questions of a round are about."""


@dataclass(frozen=True)
class Variant:
    """What is left out."""

    pessimism: float = 0.0
    gated: bool = False
    flat: bool = False


@dataclass(frozen=True)
class Update:
    """What a round made of the policy, by the true weights, on maps of nobody's practice.

    Attributes:
        before: What a step of the policy was worth that drove before.
        after: What a step of the new one is worth.
        accepted: Whether the new one drives from now on; without a gate it always does.
    """

    before: float
    after: float
    accepted: bool


def learn(study: Study, variant: Variant) -> Learned:
    """Train on answers in rounds; return the policy, figures and all updates."""
    asking, seed = Asking(study, flat=variant.flat), study.seed
    rng = named_stream(seed, "asking")
    file = new_policy("gaussian_actor", study.traits.spaces, named_seed(seed, "policy"))
    network = file.network
    assert isinstance(network, GaussianActorNetwork)
    gate = Gate(replace(study.task.ground, robots=8), seed=named_seed(seed, "gate"))
    asked = gate.questions if variant.gated else 0
    kept, updates = copy_policy(file), list[Update]()
    drives_now = _drives(study, file)
    with practising(study.task.ground, study.traits, seed) as practice:
        trainer = SacTrainer(
            network,
            practice,
            reward=asking.learned(),
            seed=seed,
            settings=SacSettings(pessimism=variant.pessimism),
        )
        for number in range(study.rounds):
            drives = study.drives(
                _driver(study, file, number, rng), LOOKED_AT, f"round {number}"
            )
            trainer.reward = asking.ask(drives, study.questions // study.rounds - asked)
            trainer.train(study.steps // study.rounds)
            drives_new, accepted = _drives(study, file), True
            if variant.gated:
                accepted = _passes(gate, (kept, file), asking, trainer, rng)
            worth = [
                float(returns(d, study.truth).mean()) for d in (drives_now, drives_new)
            ]
            updates.append(Update(worth[0], worth[1], accepted))
            if accepted:
                kept, drives_now = copy_policy(file), drives_new
            else:
                network.load_state_dict(kept.network.state_dict())
        figures = _figures(study, asking, trainer)
    optimised = segments_of(drives_now, 0)
    figures["accuracy_asked"] = _accuracy(study, asking, asking.segments)
    figures["accuracy_optimised"] = _accuracy(study, asking, optimised)
    told = {"refused": float(sum(not update.accepted for update in updates))}
    rows = [asdict(update) for update in updates]
    return EnsemblePolicy(kept.network), {**figures, **told, "updates": rows}


def _drives(study: Study, file: PolicyFile) -> list[Drive]:
    """Return what a policy does on maps nobody practised on."""
    hold = study.task.ground.hold_steps
    return study.judged(EnsemblePolicy(file.network), hold_steps=hold)


def _accuracy(study: Study, asking: Asking, segments: Sequence[Segment]) -> float:
    """Return in how many random pairs of segments the truly better one is found."""
    scale = study.traits.scale
    means = np.stack([scale.summary(segment.features) for segment in segments])
    pairs = named_stream(study.seed, "pairs").integers(len(means), size=(2, PAIRS))
    differences = means[pairs[0]] - means[pairs[1]]
    true = differences @ study.truth.weights
    gaps = differences @ asking.learned().posterior.mean
    return float(np.mean((gaps > 0)[true != 0] == (true > 0)[true != 0]))


def _driver(
    study: Study, file: PolicyFile, number: int, rng: np.random.Generator
) -> Policy:
    """Return who drives what is asked about: at first anybody, then nearly the policy."""
    size = study.traits.spaces.action_size
    if number == 0:
        return Shaken(None, size, 1.0, rng)
    return Shaken(EnsemblePolicy(file.network), size, 0.4, rng)


def _passes(
    gate: Gate,
    policies: tuple[PolicyFile, PolicyFile],
    asking: Asking,
    trainer: SacTrainer,
    rng: np.random.Generator,
) -> bool:
    """Return whether the newer of two policies may drive."""
    old, new = (EnsemblePolicy(file.network) for file in policies)
    verdict = gate.judge(
        old,
        new,
        reward=trainer.reward,
        feature_size=len(asking.prior.mean),
        annotator=asking.annotator,
        first_question=10_000 + len(asking.replies),
        rng=rng,
    )
    asking.replies += verdict.replies
    logging.info("%s: %s", "accepted" if verdict.accepted else "refused", verdict.reason)
    return verdict.accepted


def _figures(study: Study, asking: Asking, trainer: SacTrainer) -> dict[str, float]:
    """Return how near the learned reward came to the true one, and what it cost."""
    reference, model = trainer.replay.reference(2000), asking.learned()
    return {
        "asked": float(len(asking.replies)),
        "human_s": sum(reply.seconds for reply in asking.replies),
        "distance": reward_distance(study.truth, model, reference),
        "distance_of_prior": reward_distance(
            study.truth, LinearReward.shipped(study.traits.reward_features), reference
        ),
        "critic_resets": float(trainer.resets),
    }


def trained_on(reward: Reward) -> Callable[[Study], Learned]:
    """Return what trains on a given reward."""

    def learned(study: Study) -> Learned:
        ground = study.task.ground
        file = train_sac(
            ground.env_id,
            ground.options,
            reward=reward,
            steps=study.steps,
            seed=study.seed,
            ground=ground,
        )
        return EnsemblePolicy(file.network), {}

    return learned
