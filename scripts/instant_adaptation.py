"""Measures what an adaptation is worth the next time the robot comes to the same place.

    python scripts/instant_adaptation.py quickstart forest canyon --work /tmp/adaptation

A simulated operator corrects the shipped policy, which learns nothing, until there are
some takeovers in a session; the sessions are kept in the work folder. Then the robot is
put 2 s before each takeover and drives alone for 15 s: without the adaptation, and with
it as it was at the end of that episode. It copes if it does not fail and comes
nearer to the goal. "Beside it": the same with a disturbance during the first 0.3 s. "New
maps" and "familiar": starts of episodes that nobody has driven, 30 s, with everything that
the session has taught. Below: what a correction and a step cost, in processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.adaptation import ADAPTATIONS
from iml_robot.adaptation.residual import AdaptedPolicy, Lesson
from iml_robot.core.config import RunConfig, load_config
from iml_robot.core.resources import find_policy
from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import BoolArray, Episode, EpisodeInfo, FloatArray
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore
from iml_robot.learners.cloning.trials import copes, fresh_moments
from iml_robot.operators import OPERATORS
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread
from iml_robot.robots.environment import control_period_s
from iml_robot.robots.replays import Moment, Replays
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop
from iml_robot.session.parts import build_arbiter, build_env
from iml_robot.session.results import Count
from iml_robot.study.comparison import mcnemar

BEFORE_STEPS, HORIZON_STEPS, FRESH_STEPS = 40, 300, 600
DISTURBED_STEPS, DISTURBANCE = 6, 0.5
MOST_EPISODES = 80


class RawFeatures(EnsemblePolicy):
    """A policy whose situations are told apart by the observation as it is."""

    def features(self, observations: FloatArray) -> FloatArray:
        """Return the observations."""
        return np.asarray(observations, np.float32)


class Disturbed:
    """A driver whose first actions are disturbed.

    Args:
        driver: The driver, for one robot.
        way: What is added, shape (act_dim,).
    """

    def __init__(self, driver: Any, way: FloatArray) -> None:
        self._driver, self._way, self._left = driver, way, DISTURBED_STEPS

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the actions: (n, obs_dim) -> (n, act_dim)."""
        actions: FloatArray = self._driver.act_batch(observations)
        self._left -= 1
        return np.clip(actions + self._way, -1, 1) if self._left >= 0 else actions


def record(config: RunConfig, policy: Any, path: Path, *, seed: int, wanted: int) -> None:
    """Let the simulated operator correct a policy until there are so many takeovers."""
    env = build_env(config)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with SessionStore.create(draft) as store:
        loop = Loop(
            env=env,
            operator=OPERATORS.build("simulated", env),
            arbiter=build_arbiter(config, env),
            recorder=SessionRecorder(store),
            view=NullView(),
            pacer=FullSpeedPacer(control_period_s(env)),
        )
        takeovers = 0
        for number in range(MOST_EPISODES):
            drawn = named_seed(seed, "episode", number)
            start = EpisodeInfo(
                number, "practice", config.env.id, drawn, options=config.env.options
            )
            takeovers += len(loop.drive(policy, start).takeovers())
            if takeovers >= wanted:
                break
    env.close()
    draft.rename(path)


def trial(
    replays: Replays, moments: Sequence[Moment], drivers: Sequence[Any], steps: int
) -> BoolArray:
    """Return from which moments the robot copes; those that are lost count as not."""
    futures = replays.futures(moments, drivers, steps=steps)
    return np.array([f is not None and copes(f, whole=False) for f in futures], np.bool_)


def examine(
    config: RunConfig, policy: Any, replays: Replays, path: Path, *, seed: int, fresh: int
) -> dict[str, list[BoolArray]]:
    """Return for each kind of moment from which of them the robot copes without, with."""
    with SessionStore.read(path) as store:
        episodes = store.episodes()
    moments, adapted = [], []
    for number, episode in enumerate(episodes):
        for takeover in episode.takeovers():
            moments.append(Moment(episode, max(0, takeover.start - BEFORE_STEPS)))
            known = episodes[: number + 1]
            adapted.append(ADAPTATIONS.build("residual").begin(policy, known))
    rng = named_stream(seed, "disturbance")
    size = policy.network.spaces.action_size
    ways = (DISTURBANCE * rng.standard_normal((len(moments), size))).astype(np.float32)
    plain = [policy] * len(moments)
    familiar = config.pretrain.options if config.pretrain else {}
    starts = {
        "new maps": fresh_moments("new map", config.env.options, fresh, seed=seed),
        "familiar": fresh_moments("familiar map", familiar, fresh, seed=seed),
    }
    last = ADAPTATIONS.build("residual").begin(policy, episodes)
    found = {
        "same place": [
            trial(replays, moments, drivers, HORIZON_STEPS) for drivers in (plain, adapted)
        ],
        "beside it": [
            trial(replays, moments, list(map(Disturbed, drivers, ways)), HORIZON_STEPS)
            for drivers in (plain, adapted)
        ],
    }
    for name, begun in starts.items():
        found[name] = [
            trial(replays, begun, [driver] * len(begun), FRESH_STEPS)
            for driver in (policy, last)
        ]
    return found


def line(name: str, without: BoolArray, with_it: BoolArray) -> str:
    """Return what was found as a row of a table."""
    cells = []
    for coped in (without, with_it):
        count = Count(int(coped.sum()), len(coped))
        low, high = (100 * end for end in count.interval())
        cells.append(
            f"{count.successes} of {count.maps}, {100 * count.rate:.0f} % "
            f"[{low:.0f}, {high:.0f}]"
        )
    worse, better = int((without & ~with_it).sum()), int((with_it & ~without).sum())
    pairs = f"{better} better, {worse} worse, p = {mcnemar(worse, better):.2g}"
    return f"| {name} | {cells[0]} | {cells[1]} | {pairs} |"


def filled(policy: Any, lesson: Lesson, rows: int) -> AdaptedPolicy:
    """Return a policy on top of which there are so many rows, all near a correction."""
    rng = np.random.default_rng(0)
    near = rng.integers(0, len(lesson.points), rows)
    spread = lesson.points.std(0)
    around = lesson.points[near] + spread * rng.standard_normal((rows, len(spread)))
    adapted = AdaptedPolicy(policy, reach=1.0)
    adapted.learn([Lesson(around, lesson.changes[near])])
    return adapted


def milliseconds(work: Callable[[], object]) -> float:
    """Return the processor time of a call [ms]."""
    begun = time.thread_time()
    work()
    return 1000 * (time.thread_time() - begun)


def costs(policy: Any, episodes: Sequence[Episode], *, rows: int = 3000) -> str:
    """Return what a correction of 3 s and a step cost where so many rows are kept."""
    corrected = np.concatenate([e.observations[:-1][e.corrected] for e in episodes])
    labels = np.concatenate([e.operator_actions[e.corrected] for e in episodes])
    seen, wanted = corrected[:62], labels[:62]
    lesson = AdaptedPolicy(policy, reach=1.0).lesson(seen, wanted)
    assert lesson is not None

    def correct(adapted: AdaptedPolicy) -> None:
        new = adapted.lesson(seen, wanted)
        assert new is not None
        adapted.learn([new])

    updates = []
    for _ in range(100):
        full = filled(policy, lesson, rows - len(lesson.points))
        updates.append(milliseconds(partial(correct, full)))
    some = corrected[np.resize(np.arange(len(corrected)), 500)]
    alone, together = (
        np.percentile([milliseconds(partial(driver.act, row)) for row in some], [50, 99])
        for driver in (policy, full)
    )
    p50, p99 = np.percentile(updates, [50, 99])
    return (
        f"a correction of 3 s at {rows} rows: median {p50:.0f} ms, 99 % {p99:.0f} ms; a "
        f"step without {alone[0]:.1f} ms (99 % {alone[1]:.1f}), with {together[0]:.1f} ms "
        f"(99 % {together[1]:.1f})"
    )


def main() -> None:
    """Record what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+")
    parser.add_argument("--work", type=Path, required=True, help="folder of the sessions")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--takeovers", type=int, default=14, help="at least, per session")
    parser.add_argument("--fresh", type=int, default=12, help="new maps per session")
    parser.add_argument("--features", choices=("network", "observation"), default="network")
    arguments = parser.parse_args()
    use_one_thread()
    arguments.work.mkdir(parents=True, exist_ok=True)
    kind = EnsemblePolicy if arguments.features == "network" else RawFeatures
    for name in arguments.configs:
        config = load_config(name)
        assert config.policy is not None
        policy = kind(load_policy(find_policy(config.policy)).network)
        replays = Replays(config.env.id)
        found: dict[str, list[list[BoolArray]]] = {}
        for seed in range(arguments.seeds):
            path = arguments.work / f"{name}-{seed}.db"
            if not path.exists():
                record(config, policy, path, seed=seed, wanted=arguments.takeovers)
            results = examine(
                config, policy, replays, path, seed=seed, fresh=arguments.fresh
            )
            for kind_of_moment, pair in results.items():
                found.setdefault(kind_of_moment, []).append(pair)
        print(f"{name}: copes | without | with | pairs", flush=True)
        for kind_of_moment, pairs in found.items():
            without, with_it = (np.concatenate(part) for part in zip(*pairs, strict=True))
            print(line(kind_of_moment, without, with_it), flush=True)
        with SessionStore.read(arguments.work / f"{name}-0.db") as store:
            print(costs(policy, store.episodes()), flush=True)
        replays.close()


if __name__ == "__main__":
    main()
