"""Fixtures of the storage tests."""

import numpy as np
import pytest

from iml_robot.data.store import SessionStore


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def store(tmp_path):
    with SessionStore.create(tmp_path / "session.db") as opened:
        yield opened
