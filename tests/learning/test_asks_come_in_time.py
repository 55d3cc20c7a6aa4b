"""The shipped forest policy knows, on maps it was not fitted to, when it needs help."""

import numpy as np
import pytest

from iml_robot.asking.calibrated import Calibrated
from iml_robot.asking.fitting.evidence import Evidence, drive_alone
from iml_robot.asking.risk.threshold import asked_steps, unasked
from iml_robot.core.resources import find_policy
from iml_robot.policies.ensemble.files import load_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy

ENV_ID, DT = "iml_robot_envs:iml/DroneForest-v0", 0.05
MAPS = 40

pytestmark = pytest.mark.learning


def drives(policy, split):
    options = [{"level": 2, "split": split, "index": n} for n in range(MAPS)]
    return drive_alone(policy, ENV_ID, options, list(range(MAPS)), DT)


def calibration_error(said, true):
    places = np.minimum((said * 15).astype(int), 14)
    bins = [places == k for k in range(15)]
    return sum(abs(said[b].mean() - true[b].mean()) * b.mean() for b in bins if b.any())


def test_probabilities_mean_what_they_say_and_failures_are_asked_about():
    file = load_policy(find_policy("drone_forest"))
    policy = EnsemblePolicy(file.network)
    asker = Calibrated(file.network.spaces.layout, DT)
    known = Evidence(drives(policy, "correction"), (), file.rehearsal.observations)
    fitted = asker.fit(known, None)
    asker.use(fitted, ())
    held_out = drives(policy, "test")
    said = [asker.probabilities(fitted, drive) for drive in held_out]
    counted = np.concatenate([drive.counted for drive in held_out])
    needed = np.concatenate([drive.needed for drive in held_out])[counted]
    assert calibration_error(np.concatenate(said)[counted], needed) <= 0.05
    failed = [(s, d.trouble) for s, d in zip(said, held_out, strict=True) if d.failed]
    # Enough failures that asking nothing would not pass.
    assert len(failed) >= 8
    missed = [unasked(asked_steps(s, asker.threshold, DT, 6.0), t, DT) for s, t in failed]
    assert sum(missed) / MAPS <= 0.05
    fine = [s for s, drive in zip(said, held_out, strict=True) if not drive.failed]
    asked = np.concatenate([asked_steps(s, asker.threshold, DT, 6.0) for s in fine])
    assert asked.mean() < 0.1
