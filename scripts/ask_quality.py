"""Measures how well a robot knows when it needs help, on maps it was not fitted to.

    python scripts/ask_quality.py forest [--policy FILE] [--maps 200] [--helped 30]

Askers are fitted to a policy as they are in a session, on maps of the session's split. Then
the policy drives the held-out maps alone: of every step it is known what follows without
help. Every other asker gets the threshold with which it asks as often as `calibrated`. On
some of the maps an operator helps who looks only when asked; of each ask a fork tells what
would have followed without an answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from iml_robot.arbitration.takeover import Takeover
from iml_robot.asking.calibrated import Calibrated
from iml_robot.asking.ensemble_variance import EnsembleVariance
from iml_robot.asking.fitting.evidence import Drive, Evidence, drive_alone
from iml_robot.asking.fitting.fitter import Fitter
from iml_robot.asking.random import Random
from iml_robot.asking.risk.threshold import CALM, EARLIEST_S, unasked
from iml_robot.asking.thrifty import Thrifty
from iml_robot.asking.turns.gate import Gate
from iml_robot.core.config import RunConfig, load_config
from iml_robot.core.interfaces import Asker
from iml_robot.core.resources import find_policy
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.data.store import SessionStore
from iml_robot.learners.cloning.trials import copes
from iml_robot.operators.simulated import SimulatedOperator
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
from iml_robot.robots.environment import control_period_s, extra, make_env
from iml_robot.robots.replays import Moment, Replays
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

BINS = 15
FOLLOWS_S = 15.0
"""An ask was right if the policy, left alone, failed within so long [s], or hung there."""
MAPS_AT_ONCE = 50
LOOKS_ONLY_WHEN_ASKED = {"miss_probability": 1.0, "false_alarms_per_min": 0.0}
SHARES = np.geomspace(0.2, 0.0005, 40)
"""Shares of the steps above the threshold that are tried to match the number of asks."""


@dataclass
class Subject:
    """A policy and what is measured on it."""

    config: RunConfig
    policy: EnsemblePolicy
    learner: Any
    layout: Any
    dt: float


def subject(name: str, policy: str | None) -> Subject:
    """Return the policy of a configuration, or another."""
    config = load_config(name)
    file = load_policy(find_policy(policy or str(config.policy)))
    driver = EnsemblePolicy(file.network)
    env = make_env(config.env.id)
    layout, dt = extra(env, "observation_layout", {}), control_period_s(env)
    env.close()
    learner = SimpleNamespace(policy=driver, rehearsal=file.rehearsal)
    return Subject(config, driver, learner, layout, dt)


def evidence(one: Subject, session: Path | None, *, seed: int) -> Evidence:
    """Return what a session knows of the policy: at its beginning, or of itself alone."""
    env, episodes = one.config.env, []
    if session is not None:
        with SessionStore.read(session / "session.db") as store:
            episodes = store.episodes()
    asker = Calibrated(one.layout, one.dt, maps=0 if session else 48)
    fitter = Fitter(asker, env.id, env.options, dt=one.dt, seed=seed)
    return fitter.evidence(one.learner, episodes)


def fitted(asker: Any, known: Evidence) -> Any:
    """Return what an asker knows after it was fitted as in a session."""
    found = asker.fit(known, None)
    if found is None:
        raise SystemExit("nothing could be fitted: did the policy ever fail?")
    asker.use(found, ())
    return found


def held_out(one: Subject, count: int) -> list[Drive]:
    """Return what the policy does alone on the maps of the first evaluation."""
    env_id, options = one.config.env.id, dict(one.config.evaluation[0].options)
    indices = range(count)
    drives: list[Drive] = []
    for start in range(0, count, MAPS_AT_ONCE):
        some = indices[start : start + MAPS_AT_ONCE]
        given = [{**options, "index": index} for index in some]
        drives += drive_alone(one.policy, env_id, given, some, one.dt)
    return drives


def calibration_error(said: np.ndarray, true: np.ndarray) -> float:
    """Return the expected calibration error over bins of equal width."""
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    bins = [places == k for k in range(BINS)]
    return float(
        sum(abs(said[b].mean() - true[b].mean()) * b.mean() for b in bins if b.any())
    )


def auroc(score: np.ndarray, true: np.ndarray) -> float:
    """Return the area under the ROC curve: the rank statistic of Mann and Whitney."""
    ranks = rankdata(np.nan_to_num(score))
    yes, no = int(true.sum()), int((~true).sum())
    return float((ranks[true].sum() - yes * (yes + 1) / 2) / max(1, yes * no))


def counted(drives: Sequence[Drive]) -> np.ndarray:
    """Return which steps of all drives count."""
    return np.concatenate([drive.counted for drive in drives])


def counted_needs(drives: Sequence[Drive]) -> np.ndarray:
    """Return whether help was needed soon, at all steps that count."""
    return np.concatenate([drive.needed for drive in drives])[counted(drives)]


def asks(wants: np.ndarray, calm: np.ndarray, dt: float) -> np.ndarray:
    """Return at which steps the robot asks along a drive that nobody interrupts."""
    gate = Gate(dt, asks_per_min=6.0)
    pairs = zip(wants.tolist(), calm.tolist(), strict=True)
    return np.array([gate.advance(w, c) for w, c in pairs], np.bool_)


def starts_of(asked: np.ndarray) -> np.ndarray:
    """Return the steps at which asks begin."""
    return np.flatnonzero(asked & ~np.r_[False, asked[:-1]])


def count_asks(asked: Sequence[np.ndarray]) -> int:
    """Return the number of asks of all drives."""
    return sum(len(starts_of(one)) for one in asked)


def told(name: str, drives: Sequence[Drive], asked: Sequence[np.ndarray], dt: float) -> int:
    """Print how good asks are; return how many there were."""
    minutes = sum(map(len, drives)) * dt / 60
    failed = [(d, a) for d, a in zip(drives, asked, strict=True) if d.failed]
    missed = sum(unasked(a, d.trouble, dt) for d, a in failed)
    total = count_asks(asked)
    right = sum(int((d.trouble - starts_of(a) <= FOLLOWS_S / dt).sum()) for d, a in failed)
    ever = sum(len(starts_of(a)) for _, a in failed)
    leads = [
        (d.trouble - before[0]) * dt
        for d, a in failed
        if len(before := starts_of(a)[starts_of(a) >= d.trouble - round(EARLIEST_S / dt)])
    ]
    print(
        f"  {name:18} asks {total:4d} ({total / minutes:4.1f}/min, "
        f"{100 * np.mean(np.concatenate(asked)):4.1f} % of the time)  unasked failures "
        f"{missed} of {len(failed)} ({100 * missed / len(drives):.1f} % of drives)  "
        f"right within 15 s {100 * right / max(1, total):.0f} %, ever "
        f"{100 * ever / max(1, total):.0f} %  lead {np.median(leads) if leads else 0:.1f} s"
    )
    return total


def measure_alone(one: Subject, drives: Sequence[Drive], known: Evidence) -> Calibrated:
    """Print the quality of all askers on drives without help."""
    asker = Calibrated(one.layout, one.dt)
    found = fitted(asker, known)
    said = [asker.probabilities(found, drive) for drive in drives]
    all_said = np.concatenate(said)[counted(drives)]
    needed = counted_needs(drives)
    print(
        f"  calibrated: ECE {calibration_error(all_said, needed):.4f}, Brier "
        f"{np.mean((all_said - needed) ** 2):.4f} (always the mean: "
        f"{needed.mean() * (1 - needed.mean()):.4f}), AUROC {auroc(all_said, needed):.3f}, "
        f"threshold {asker.threshold:.3f}"
    )
    level = asker.threshold
    wanted = told(
        "calibrated",
        drives,
        [asks(p > level, p < CALM * level, one.dt) for p in said],
        one.dt,
    )
    measure_rivals(one, drives, known, wanted=wanted)
    return asker


def measure_rivals(
    one: Subject, drives: Sequence[Drive], known: Evidence, *, wanted: int
) -> None:
    """Print the quality of the other askers, each with about as many asks."""
    needed = counted_needs(drives)
    doubts = [drive.disagreements for drive in drives]
    tell_rival(one, "ensemble_variance", drives, [doubts], needed, wanted=wanted)
    thrifty = Thrifty(one.layout, one.dt)
    model = thrifty.fit(known, None)
    if model is not None:
        risks = [thrifty.risks(model, drive) for drive in drives]
        shown = np.concatenate(risks)[counted(drives)]
        print(f"  AUROC of thrifty's risk {auroc(shown, needed):.3f}")
        tell_rival(one, "thrifty", drives, [doubts, risks], needed, wanted=wanted)
    told("random", drives, random_asks(one, drives, wanted), one.dt)
    every = [np.r_[np.zeros(2, np.bool_), np.ones(len(d) - 2, np.bool_)] for d in drives]
    told("always", drives, every, one.dt)


def tell_rival(
    one: Subject,
    name: str,
    drives: Sequence[Drive],
    scores: Sequence[Sequence[np.ndarray]],
    needed: np.ndarray,
    *,
    wanted: int,
) -> None:
    """Print the quality of asking where any score is among its highest."""
    whole = [np.concatenate(score) for score in scores]
    if len(whole) == 1:
        area = auroc(whole[0][counted(drives)], needed)
        print(f"  AUROC of the disagreement {area:.3f}")

    def wishes(share: float) -> list[np.ndarray]:
        limits = [np.quantile(all_steps, 1 - share) for all_steps in whole]
        pairs = zip(scores, limits, strict=True)
        above = [[part > limit for part in score] for score, limit in pairs]
        return [np.logical_or.reduce(parts) for parts in zip(*above, strict=True)]

    tried = [[asks(w, ~w, one.dt) for w in wishes(share)] for share in SHARES]
    nearest = min(tried, key=lambda asked: abs(count_asks(asked) - wanted))
    told(name, drives, nearest, one.dt)


def random_asks(one: Subject, drives: Sequence[Drive], wanted: int) -> list[np.ndarray]:
    """Return asks at random, about as many as wanted."""
    minutes = sum(map(len, drives)) * one.dt / 60
    asker = Random(one.layout, one.dt, per_min=wanted / minutes)
    found = []
    for number, drive in enumerate(drives):
        asker.reset(seed=number)
        seen = drive.observations[0], drive.actions[0]
        steps = [asker.consider(one.policy, *seen, None) for _ in range(len(drive))]
        found.append(np.array([ask.asking for ask in steps], np.bool_))
    return found


def measure_helped(one: Subject, name: str, asker: Asker, count: int) -> float:
    """Print what help is worth that is asked for; return the asks a minute."""
    env = make_env(one.config.env.id)
    options = dict(one.config.evaluation[0].options)
    loop = Loop(
        env=env,
        operator=SimulatedOperator(env, traits=LOOKS_ONLY_WHEN_ASKED),
        arbiter=Takeover(env.action_space.shape[0]),
        recorder=MemoryRecorder(),
        view=NullView(),
        pacer=FullSpeedPacer(one.dt),
        asker=asker,
    )
    indices = range(count)
    episodes = []
    for index in indices:
        given = {**options, "index": index}
        info = EpisodeInfo(index, "practice", one.config.env.id, seed=index, options=given)
        episodes.append(loop.drive(one.policy, info))
    env.close()
    moments = [Moment(e, int(s)) for e in episodes for s in starts_of(e.asked)]
    replays = Replays(one.config.env.id)
    steps = round(FOLLOWS_S / one.dt)
    futures = replays.futures(moments, [one.policy] * len(moments), steps=steps)
    replays.close()
    known = [f for f in futures if f is not None]
    right = sum(not copes(f, whole=False) for f in known)
    minutes = sum(map(len, episodes)) * one.dt / 60
    human_s = sum(float(e.human_controlled.sum()) for e in episodes) * one.dt
    good = sum(e.info.outcome == "success" for e in episodes)
    print(
        f"  {name:18} success {good} of {count} with {len(moments)} asks "
        f"({len(moments) / minutes:.1f}/min), {human_s:.0f} s by the operator; forks "
        f"without an answer that failed or hung for 15 s: {right} of {len(known)}"
    )
    return len(moments) / minutes


def main() -> None:
    """Measure the policies of all given configurations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--policy", help="another policy file")
    parser.add_argument("--session", type=Path, help="fit to the episodes of this folder")
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--helped", type=int, default=30, help="maps on which it is helped")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    use_one_thread()
    for name in chosen.configs:
        one = subject(name, chosen.policy)
        drives = held_out(one, chosen.maps)
        alone = sum(not d.failed for d in drives[: chosen.helped])
        failed = sum(d.failed for d in drives)
        hung = sum(d.failed and d.trouble < len(d) for d in drives)
        print(
            f"{name}: {chosen.maps} held-out maps, {failed} failures without help, "
            f"{hung} of them hung until their time was up"
        )
        known = evidence(one, chosen.session, seed=chosen.seed)
        asker = measure_alone(one, drives, known)
        if chosen.helped:
            print(f"  without help: success {alone} of {chosen.helped}")
            rate = measure_helped(one, "calibrated", asker, chosen.helped)
            other = Random(one.layout, one.dt, per_min=rate)
            measure_helped(one, "random", other, chosen.helped)
            doubt = EnsembleVariance(one.layout, one.dt)
            fitted(doubt, known)
            measure_helped(one, "ensemble_variance", doubt, chosen.helped)


if __name__ == "__main__":
    main()
