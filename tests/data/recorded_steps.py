"""Recorded episodes with known content."""

import numpy as np

from iml_robot.core.types import (
    Ask,
    Decision,
    EpisodeInfo,
    Link,
    Mode,
    OperatorSignal,
    Source,
    Step,
)

OBS_DIM, ACT_DIM = 5, 2


def any_float32(rng, *shape):
    """Bit patterns of every kind: infinities, denormals and NaN included."""
    return rng.integers(0, 2**32, shape, dtype=np.uint32).view(np.float32)


def make_step(rng, *, commanded=True, evaluated=False, asking=False, features=0):
    """One step with random content."""
    return Step(
        observation=any_float32(rng, OBS_DIM),
        policy_action=rng.uniform(-1, 1, ACT_DIM).astype(np.float32),
        signal=OperatorSignal(
            action=rng.uniform(-1, 1, ACT_DIM).astype(np.float32) if commanded else None,
            moving=commanded,
            link=Link.OK if commanded else Link.STALE,
            age_s=float(rng.uniform(0, 0.2)),
            evaluation=float(np.float32(rng.uniform(-1, 1))) if evaluated else None,
        ),
        decision=Decision(
            executed=any_float32(rng, ACT_DIM),
            source=Source(int(rng.integers(4))),
            authority=float(np.float32(rng.uniform())),
            mode=Mode.HUMAN if commanded else Mode.AUTO,
        ),
        reward=float(rng.normal()),
        ask=Ask(asking=True, p_help=float(np.float32(rng.uniform()))) if asking else Ask(),
        features=any_float32(rng, features),
    )


def make_info(number, **fields):
    """Where episode `number` came from."""
    values = {"phase": "practice", "env_id": "iml/Point-v0", "seed": 17, **fields}
    return EpisodeInfo(episode_id=number, **values)


def record(recorder, steps, *, number=0, outcome="success", rng=None, **fields):
    """Record the steps as one finished episode."""
    rng = rng or np.random.default_rng(99)
    recorder.begin(make_info(number, **fields))
    for step in steps:
        recorder.add(step)
    return recorder.finish(any_float32(rng, OBS_DIM), outcome=outcome, terminated=True)
