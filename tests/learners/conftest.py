"""What the tests of learners share: one thread for torch, and simulators to fork."""

import pytest
import torch
from point_corrections import ENV_ID

from iml_robot.robots.replays import Replays


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """These networks are too small to share out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def replays():
    simulators = Replays(ENV_ID)
    yield simulators
    simulators.close()
