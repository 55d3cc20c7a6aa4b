"""From drives to labels, and from labels to a file beside the policy."""

import dataclasses

import numpy as np
import pytest
from point_corrections import made_up_episode

from iml_robot.asking.calibrated import Calibrated
from iml_robot.asking.fitting.evidence import Drive, Evidence, drive_alone, drive_of
from iml_robot.asking.fitting.files import fit_file, read_fit, write_fit
from iml_robot.asking.fitting.fitter import Fitter
from iml_robot.asking.fitting.stalls import trouble_began
from iml_robot.core.types import Source

DT = 0.05
ENV_ID = "iml_robot_envs:iml/Point-v0"
OPTIONS = {"level": 0, "split": "correction"}


class Timid:
    """A policy that finds goals in the east alone, and doubts more the farther they are."""

    fingerprint = "timid"

    def act(self, observation):
        return self.act_batch(observation[None])[0]

    def act_batch(self, observations):
        self.disagreement = np.abs(observations[:, 0]).astype(np.float32)
        way = np.where(observations[:, :1] > 0, 0.3, -0.3) * observations[:, :2]
        return np.clip(way, -1, 1).astype(np.float32)


class Pupil:
    rehearsal = None
    policy = Timid()


def recorded(takeovers=(), asked=(), steps=300, outcome="success"):
    """An episode with takeovers and asks at these slices."""
    sources = np.zeros(steps, np.int64)
    for where in takeovers:
        sources[where] = Source.OPERATOR
    steps_asked = np.zeros(steps, np.bool_)
    for where in asked:
        steps_asked[where] = True
    return dataclasses.replace(made_up_episode(sources, outcome=outcome), asked=steps_asked)


def drive(episode, delay_s=0.4):
    return drive_of(episode, Timid(), dt=DT, delay_s=delay_s)


def test_help_was_needed_two_seconds_before_a_takeover_less_the_delay():
    found = drive(recorded([slice(100, 140)]))
    assert np.flatnonzero(found.needed).tolist() == list(range(52, 92))
    unknown = np.flatnonzero(~found.counted)
    assert unknown.tolist() == list(range(92, 140))
    assert not found.failed


def test_help_was_needed_two_seconds_before_a_failure():
    found = drive(recorded(outcome="rolled_over"))
    assert np.flatnonzero(found.needed).tolist() == list(range(260, 300))
    assert found.failed


def test_a_failure_under_the_operators_hands_says_nothing_of_the_policy():
    found = drive(recorded([slice(200, 300)], outcome="rolled_over"))
    assert not found.failed
    assert not found.needed[200:].any()


def test_what_lies_near_an_ask_is_not_known():
    found = drive(recorded([slice(120, 150)], asked=[slice(100, 121)]))
    assert not found.needed.any()
    assert found.counted[:60].all()
    assert not found.counted[60:150].any()
    assert found.counted[170:].all()


def test_a_takeover_at_the_first_step_is_no_crash():
    assert not drive(recorded([slice(0, 300)])).counted.any()


def test_alone_the_truth_is_how_the_drive_ended():
    drives = drive_alone(Timid(), ENV_ID, [OPTIONS] * 12, range(12), DT)
    assert {one.failed for one in drives} == {True, False}
    for one in drives:
        assert one.counted[: one.trouble + 100].all()
        assert not one.counted[one.trouble + 100 :].any()
        assert len(one.observations) == len(one) == len(one.disagreements)
        hanging = len(one) - one.trouble
        assert one.needed.sum() == (min(40, one.trouble) + hanging if one.failed else 0)
    # This policy drives away from goals in the west until it leaves the map or its time.
    assert all(one.trouble <= len(one) for one in drives)


@pytest.mark.parametrize(
    ("outcome", "distances", "trouble"),
    [
        ("collision", [9.0] * 400, 400),
        ("time_limit", [20 - 0.05 * n for n in range(400)], 400),
        ("time_limit", [20 - 0.05 * n for n in range(200)] + [10.0] * 400, 190),
        # Whoever goes round something comes nearer again.
        ("time_limit", [9.0] * 200 + [12.0] * 200 + [5.0] * 60, 460),
    ],
)
def test_a_robot_that_ran_out_of_time_needed_help_since_it_came_no_nearer(
    outcome, distances, trouble
):
    assert trouble_began(outcome, len(distances), distances, DT) == trouble


def test_where_nobody_knows_the_goal_trouble_begins_at_the_end():
    assert trouble_began("time_limit", 300, [], DT) == 300


def test_a_robot_that_never_moves_needs_help_all_the_time():
    class Hanging(Timid):
        def act_batch(self, observations):
            return 0 * super().act_batch(observations)

    (one,) = drive_alone(Hanging(), ENV_ID, [OPTIONS], [0], DT)
    assert one.failed
    assert one.trouble == 0
    assert one.needed.all()


def evidence(count=40, sure=True):
    """Drives that fail where the first number grows towards the end."""
    rng = np.random.default_rng(2)
    drives = []
    for number in range(count):
        failed = number % 4 == 0
        seen = rng.normal(size=(200, 6)).astype(np.float32)
        needed = np.zeros(200, np.bool_)
        if failed:
            needed[-40:] = True
            seen[-40:] += 3 * sure
        drives.append(
            Drive(
                seen,
                np.zeros((200, 2), np.float32),
                np.full(200, 0.1, np.float32),
                needed,
                np.ones(200, np.bool_),
                failed,
                trouble=200,
            )
        )
    known = rng.normal(size=(500, 6)).astype(np.float32)
    return Evidence(drives, (), known)


def test_failures_that_can_be_seen_coming_are_asked_about():
    asker = Calibrated({}, DT)
    fitted = asker.fit(evidence(), None)
    one = evidence().alone
    inside = np.concatenate([asker.probabilities(fitted, d)[-40:] for d in one if d.failed])
    outside = np.concatenate([asker.probabilities(fitted, d) for d in one if not d.failed])
    assert np.median(inside) > 0.5
    assert np.median(outside) < 0.02
    assert float(fitted["threshold"]) == pytest.approx(0.2)


def test_without_anything_to_see_the_probability_is_how_often_it_happens():
    asker = Calibrated({}, DT)
    fitted = asker.fit(evidence(sure=False), None)
    said = np.concatenate(
        [asker.probabilities(fitted, d) for d in evidence(sure=False).alone]
    )
    # A quarter of the drives, a fifth of each.
    assert said.mean() == pytest.approx(0.05, abs=0.02)


def test_nothing_is_said_where_nothing_failed():
    harmless = evidence()
    good = [d for d in harmless.alone if not d.failed]
    assert Calibrated({}, DT).fit(Evidence(good, (), harmless.known), None) is None


def test_a_policy_that_always_needs_help_always_asks():
    lost = [
        dataclasses.replace(one, needed=np.ones(200, np.bool_), failed=True, trouble=0)
        for one in evidence().alone
    ]
    asker = Calibrated({}, DT)
    fitted = asker.fit(Evidence(lost, (), evidence().known), None)
    assert asker.probabilities(fitted, lost[0]).min() > 0.9


def test_a_fit_lies_beside_the_policy_and_is_made_once(tmp_path):
    path, asker = tmp_path / "0000.safetensors", Calibrated({}, DT, maps=6)
    fitter = Fitter(asker, ENV_ID, OPTIONS, dt=DT, seed=0)
    fitter.fit(Pupil(), (), path, path)
    first = fit_file(path).read_bytes()
    assert fit_file(path).name == "0000.asking.npz"
    fitter.fit(Pupil(), [recorded([slice(50, 90)])], path, path)
    assert fit_file(path).read_bytes() == first


def test_the_same_policy_gets_the_same_fit_in_any_process(tmp_path):
    found = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.safetensors"
        asker = Calibrated({}, DT, maps=6)
        Fitter(asker, ENV_ID, OPTIONS, dt=DT, seed=0).fit(Pupil(), (), path, path)
        found.append(read_fit(path))
    assert found[0].keys() == found[1].keys()
    for name in found[0]:
        np.testing.assert_array_equal(found[0][name], found[1][name])


def test_without_maps_the_sessions_takeovers_are_what_there_is(tmp_path):
    path, asker = tmp_path / "0000.safetensors", Calibrated({}, DT, maps=0)
    fitter = Fitter(asker, "no such environment", {}, dt=DT, seed=0)
    fitter.fit(Pupil(), (), path, path)
    assert read_fit(path) is None
    episodes = [recorded([slice(100, 140)], steps=250) for _ in range(4)]
    fitter.fit(Pupil(), episodes, path, path)
    assert read_fit(path) is not None


def test_what_was_known_before_stays_where_nothing_new_can_be_said(tmp_path):
    before, path = tmp_path / "0000.safetensors", tmp_path / "0001.safetensors"
    known = Calibrated({}, DT).fit(evidence(), None)
    write_fit(known, before)
    asker = Calibrated({}, DT, maps=0)
    Fitter(asker, ENV_ID, {}, dt=DT, seed=0).fit(Pupil(), (), path, before)
    np.testing.assert_array_equal(read_fit(path)["threshold"], known["threshold"])


def test_an_environment_that_fails_leaves_learning_alone(tmp_path, caplog):
    path = tmp_path / "0000.safetensors"
    fitter = Fitter(Calibrated({}, DT, maps=2), "nobody/Knows-v0", {}, dt=DT, seed=0)
    fitter.fit(Pupil(), (), path, path)
    assert read_fit(path) is None
    assert "nothing is asked by 0000.safetensors" in caplog.text
