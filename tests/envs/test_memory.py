"""64 robots need less than a gigabyte."""

import pytest
from driving_range import IDS

from iml_robot_envs.benchmark_memory import memory_mb

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", IDS)
def test_64_robots_on_maps_of_their_own_need_less_than_a_gigabyte(name):
    assert 0 < memory_mb(name, 64) < 1000
