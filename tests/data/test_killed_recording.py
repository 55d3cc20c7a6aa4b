"""A killed process loses at most half a second of what it recorded."""

import random
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from recorded_steps import make_info, make_step, record

from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore

pytestmark = pytest.mark.slow

RECORD = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    import numpy as np
    from recorded_steps import make_info, make_step
    from iml_robot.data.recorder import SessionRecorder
    from iml_robot.data.store import SessionStore

    rng = np.random.default_rng({seed})
    recorder = SessionRecorder(SessionStore.create(Path({path!r})))
    number = 0
    while True:
        recorder.begin(make_info(number))
        for _ in range({length}):
            recorder.add(make_step(rng))
            print(number, time.monotonic(), flush=True)
            time.sleep({period_s})
        recorder.finish(make_step(rng).observation, outcome="success", terminated=True)
        number += 1
"""


def killed(folder, tests, *, seed, length, period_s, after_s):
    """Record until killed; return the file and (episode, time) of every added step."""
    path = folder / f"{seed}.db"
    code = RECORD.format(
        tests=tests, seed=seed, path=str(path), length=length, period_s=period_s
    )
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    with process:
        lines = [process.stdout.readline()]
        time.sleep(after_s)
        moment = time.monotonic()
        process.kill()
        lines += process.stdout.read().splitlines()
    added = [line.split() for line in lines if len(line.split()) == 2]
    return path, [(int(n), float(t)) for n, t in added], moment


def expected_episodes(seed, length, count):
    """What the process recorded, made again from its seed."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        steps = [make_step(rng) for _ in range(length)]
        yield steps, make_step(rng).observation


@pytest.mark.parametrize(
    ("length", "period_s", "kills"),
    [(10**6, 0.05, 4), (150, 0.0005, 6)],
    ids=["20 Hz", "fast"],
)
def test_kill_loses_at_most_half_a_second(tmp_path, request, length, period_s, kills):
    # The moment is meant to differ in every run; the check does not depend on it.
    moments = random.SystemRandom()
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(
                killed,
                tmp_path,
                str(request.path.parent),
                seed=seed,
                length=length,
                period_s=period_s,
                after_s=moments.uniform(0.4, 1.4),
            )
            for seed in range(kills)
        ]
    for seed, job in enumerate(jobs):
        path, added, moment = job.result()
        with SessionStore.resume(path) as store:
            episodes = store.episodes()
            # The file is usable: recording goes on.
            record(
                SessionRecorder(store),
                [make_step(np.random.default_rng(0))] * 3,
                number=999,
            )
            assert store.episodes()[-1].info.episode_id == 999
        # The last step of an interrupted episode is known, but not its result.
        read = sum(len(e) + (e.info.outcome == "interrupted") for e in episodes)
        due = sum(t < moment - 0.5 for _, t in added)
        assert read >= due
        contents = expected_episodes(seed, length if length < 1000 else read, len(episodes))
        for episode, (steps, last) in zip(episodes, contents, strict=True):
            complete = episode.info.outcome == "success"
            rows = (
                [*(s.observation for s in steps), last]
                if complete
                else [s.observation for s in steps[: len(episode) + 1]]
            )
            assert episode.observations.tobytes() == np.stack(rows).tobytes()
        assert [e.info.episode_id for e in episodes] == list(range(len(episodes)))


def test_an_episode_is_complete_once_finish_returned(tmp_path, request):
    code = f"""
        import os, sys
        from pathlib import Path
        sys.path.insert(0, {str(request.path.parent)!r})
        import numpy as np
        from recorded_steps import make_step, record
        from iml_robot.data.recorder import SessionRecorder
        from iml_robot.data.store import SessionStore
        rng = np.random.default_rng(0)
        store = SessionStore.create(Path({str(tmp_path / "session.db")!r}))
        record(SessionRecorder(store), [make_step(rng) for _ in range(300)])
        os.kill(os.getpid(), 9)
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert result.returncode == -9
    with SessionStore.read(tmp_path / "session.db") as store:
        (episode,) = store.episodes()
    assert (len(episode), episode.info.outcome) == (300, "success")
    assert make_info(0).env_id == episode.info.env_id
