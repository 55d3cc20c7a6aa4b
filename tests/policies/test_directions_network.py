"""The directions policy's corridors and commands against formulas."""

import numpy as np
import pytest
import torch

from iml_robot.core.errors import UsageError
from iml_robot.policies import POLICIES
from iml_robot.policies.directions import (
    HALF_WIDTHS_M,
    HAND_ERROR,
    LARGEST_ERROR,
    LEAD,
    LEAST_ERROR,
    LOOK_M,
    NEAR_M,
)
from iml_robot.policies.ensemble.network import Spaces

RAYS, RANGE_M = 36, 10.0
STATES = [
    "goal_forward", "goal_left", "goal_distance", "speed_forward", "speed_left",
    "speed_up", "roll", "pitch", "yaw_rate", "height",
]  # fmt: skip
LAYOUT = {
    "rays": {"start": 0, "shape": [1, RAYS], "range_m": RANGE_M},
    "state": {"start": RAYS, "names": STATES},
}
SPACES = Spaces(RAYS + len(STATES), 4, LAYOUT)


def seen(ranges=None, **state):
    """What a drone at rest in the open sees, with things at some rays [m]."""
    row = np.ones(SPACES.observation_size, np.float32)
    for ray, distance in (ranges or {}).items():
        row[ray % RAYS] = distance / RANGE_M
    values = {"goal_forward": 1.0, "goal_distance": 1.0, "height": 0.4, **state}
    for name in STATES:
        row[RAYS + STATES.index(name)] = values.get(name, 0.0)
    return torch.from_numpy(row)[None]


def network(seed=0):
    return POLICIES.build("directions", SPACES, seed)


def ways(observation):
    """How far each corridor leads in each direction, from the features, (K, widths)."""
    features = network()._corridors(observation)[0]
    return LOOK_M * (1 - features[:, : len(HALF_WIDTHS_M)])


def test_in_the_open_every_corridor_leads_as_far_as_one_looks():
    assert (ways(seen()) == LOOK_M).all()


def test_a_thing_ahead_blocks_a_corridor_at_its_distance():
    assert ways(seen({0: 4.0}))[0].tolist() == pytest.approx([4.0] * 3, abs=1e-5)


def test_a_thing_beside_blocks_only_corridors_that_are_wide_enough():
    """At 2 m and 20 degrees it lies 0.68 m beside the way, 0.14 m of which are slack."""
    free = ways(seen({2: 2.0}))[0]
    beside = 2 * np.sin(np.radians(20)) - 0.07 * 2
    for half_width, way in zip(HALF_WIDTHS_M, free.tolist(), strict=True):
        expected = 2 * np.cos(np.radians(20)) if beside < half_width else LOOK_M
        assert way == pytest.approx(expected, abs=1e-4)


def test_what_is_behind_or_beyond_the_goal_blocks_nothing_ahead():
    assert (ways(seen({18: 1.0}))[0] == LOOK_M).all()
    assert (ways(seen({0: 6.0}, goal_distance=0.2))[0] == LOOK_M).all()


def test_near_things_are_seen_from_where_the_robot_will_be():
    """At 3 m/s and 0.3 s a trunk 4 m ahead is 3.1 m away when a command has an effect."""
    moving = ways(seen({0: 4.0}, speed_forward=1.0))
    assert moving[0, 0].item() == pytest.approx(3.1, abs=1e-4)


def test_the_second_half_of_the_features_tells_near_distances_apart():
    features = network()._corridors(seen({0: 1.0}))[0, 0]
    assert features[len(HALF_WIDTHS_M)].item() == pytest.approx(1 - 1.0 / NEAR_M, abs=1e-5)


# With a velocity straight ahead left and right would be the same to the network.
@pytest.mark.parametrize("velocity", [(0.0, 0.2), (0.5, -0.3)])
def test_a_label_that_is_learned_comes_back_whatever_the_velocity(velocity):
    made = network()
    inputs = seen(speed_forward=velocity[0], speed_left=velocity[1])
    wanted = np.array([0.6 * np.cos(np.radians(40)), 0.6 * np.sin(np.radians(40))])
    flight = wanted + LEAD * (wanted - np.array(velocity))
    label = torch.tensor([[*flight, 0.2, 0.4]], dtype=torch.float32)
    optimiser = torch.optim.Adam(made.parameters(), lr=2e-2)
    for _ in range(150):
        optimiser.zero_grad()
        made.loss(inputs, label).mean().backward()
        optimiser.step()
    with torch.inference_mode():
        action, _ = made(inputs)
    # Within a ray: 10 degrees of a command of 1.
    np.testing.assert_allclose(action.numpy(), label.numpy(), atol=0.19)


@pytest.mark.parametrize("speed", [0.05, 0.3, 1.0])
def test_the_slower_a_command_the_less_it_says_about_the_direction(speed):
    made = network()
    velocity = torch.tensor([[0.0, speed]])
    share = made._likelihood(velocity, torch.tensor([speed])).exp()[0]
    assert float(share.sum()) == pytest.approx(1.0, abs=1e-5)
    assert int(share.argmax()) == 9  # 90 degrees to the left, 10 degrees apart.
    # Of a normal distribution: what is one standard deviation beside has exp(-1/2).
    error = np.hypot(min(HAND_ERROR / speed, LARGEST_ERROR), LEAST_ERROR)
    beside = np.exp(-0.5 * (np.radians(30) / error) ** 2)
    assert float(share[12] / share[9]) == pytest.approx(beside, rel=1e-3)


def test_wrong_directions_do_not_win_where_labels_scatter():
    """Two sharp labels ahead in ten must not beat eight that scatter to the left."""
    made = network()
    inputs = seen(speed_left=0.2).repeat(10, 1)
    rng = np.random.default_rng(0)
    angles = np.radians([0, 0, *(90 + 25 * rng.standard_normal(8))])
    wanted = 0.4 * np.stack([np.cos(angles), np.sin(angles)], 1)
    flight = wanted + LEAD * (wanted - np.array([0.0, 0.2]))
    rest = np.zeros((10, 2))
    labels = torch.tensor(np.concatenate([flight, rest], 1), dtype=torch.float32)
    optimiser = torch.optim.Adam(made.parameters(), lr=2e-2)
    for _ in range(150):
        optimiser.zero_grad()
        made.loss(inputs, labels).mean().backward()
        optimiser.step()
    with torch.inference_mode():
        action, _ = made(inputs[:1])
    flown = (action[0, :2].numpy() + LEAD * np.array([0.0, 0.2])) / (1 + LEAD)
    assert np.degrees(np.arctan2(flown[1], flown[0])) == pytest.approx(90, abs=30)


def test_other_robots_are_refused_with_the_policy_to_use():
    with pytest.raises(UsageError, match="use policy mlp"):
        POLICIES.build("directions", Spaces(5, 2, {}), 0)
