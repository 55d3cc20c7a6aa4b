"""`iml-robot pretrain`: an initial policy from demonstrations on familiar terrain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from iml_robot.cli.console import progress, say
from iml_robot.core.config import PretrainConfig, RunConfig, load_config
from iml_robot.core.errors import UsageError


def pretrain(config: str, *, out: Path | None, overrides: Sequence[str]) -> int:
    """Record demonstrations, clone them and write the policy; returns the exit code."""
    settings = load_config(config, overrides)
    if settings.pretrain is None:
        raise UsageError(
            f"{config} has no section 'pretrain'; add for example "
            "pretrain: {options: {level: 0, split: train}, episodes: 60, updates: 2000}"
        )
    path = out or Path(f"{settings.policy or settings.name}.safetensors")
    if path.parent != Path() and not path.parent.is_dir():
        raise UsageError(f"{path.parent}: there is no such folder for the policy file")
    _make_policy(settings, settings.pretrain, path)
    say(f"policy: {path}")
    return 0


def _make_policy(settings: RunConfig, plan: PretrainConfig, path: Path) -> None:
    from iml_robot.learners.cloning.learner import CloningLearner
    from iml_robot.session.demonstrations import record_demonstrations
    from iml_robot.session.parts import build_env, build_untrained

    env = build_env(settings)
    learner = build_untrained(settings, env, seed=settings.schedule.seed)
    if not isinstance(learner, CloningLearner):
        raise UsageError(
            f"learner {settings.learner.name!r} makes no initial policies; use hg_dagger"
        )
    with progress(f"{plan.episodes} demonstrations") as advance:
        episodes = record_demonstrations(
            env, plan.options, plan.episodes,
            seed=settings.schedule.seed, env_id=settings.env.id, on_progress=advance,
        )  # fmt: skip
    good = [episode for episode in episodes if episode.info.outcome == "success"]
    say(f"{len(good)} of {len(episodes)} demonstrations reached the goal and are used")
    if not good:
        raise UsageError("no demonstration reached the goal; choose an easier level")
    with progress(f"{plan.updates} gradient steps") as advance:
        figures = learner.pretrain(
            good, updates=plan.updates, rehearsal=plan.rehearsal, on_progress=advance
        )
    say(f"loss {figures['loss_before']:.3f} -> {figures['loss_after']:.3f}")
    learner.save(path)
    env.close()
