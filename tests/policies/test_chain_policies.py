"""Policies that weigh chains of arcs: geometry, terms and what they learn."""

import numpy as np
import pytest
import torch
from driving_states import DRIVING_STATES

from iml_robot.policies import POLICIES
from iml_robot.policies.chains.colours import contrast, usual_shares
from iml_robot.policies.chains.geometry import Arc, Grid, lay_chains
from iml_robot.policies.ensemble.network import Spaces

STATES = [*DRIVING_STATES, "wheel_left", "wheel_right"]
ROWS, COLUMNS, CELL_M = 24, 31, 0.3
CELLS = ROWS * COLUMNS
SCAN = {
    "start": 0,
    "shape": [ROWS, COLUMNS],
    "x_m": [-0.9, 6.0],
    "y_m": [-4.5, 4.5],
    "colours": ["brown", "white"],
}
LAYOUT = {"scan": SCAN, "state": {"start": 3 * CELLS, "names": STATES}}
SPACES = Spaces(3 * CELLS + len(STATES), 2, LAYOUT)
X = (-0.9 + CELL_M * np.arange(ROWS))[:, None]
Y = (-4.5 + CELL_M * np.arange(COLUMNS))[None]
KINDS = ["hill_paths", "post_paths"]


def observation(*, heights=None, white=None, **state):
    """A level brown place with the goal 8 m straight ahead, changed as given."""
    row = np.zeros(SPACES.observation_size, np.float32)
    shown = np.zeros((ROWS, COLUMNS)) if white is None else white
    if heights is not None:
        row[:CELLS] = heights.ravel()
    row[CELLS : 2 * CELLS] = 1 - shown.ravel()
    row[2 * CELLS : 3 * CELLS] = shown.ravel()
    values = {"goal_forward": 1.0, "goal_distance": 0.4, "speed": 0.8, **state}
    for name, value in values.items():
        row[3 * CELLS + STATES.index(name)] = value
    return torch.from_numpy(row)[None]


def made_for_brown(kind, **options):
    """A network whose first data showed nothing but brown."""
    network = POLICIES.build(kind, SPACES, 3, options=options)
    network.fit_normaliser(observation())
    return network


def drive(network, inputs):
    """The action (2,) without gradients."""
    with torch.inference_mode():
        return network(inputs)[0][0].numpy()


def teach(network, inputs, labels, *, steps=60, rate=1e-2):
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        network.loss(inputs, labels).mean().backward()
        optimiser.step()


def test_chains_share_the_points_of_their_first_arcs():
    arcs = (Arc((-0.5, 0.0, 0.5), 4), Arc((-1.0, 0.0, 1.0), 3), Arc((0.0, 0.2), 2))
    chains = lay_chains(arcs, 0.3)
    assert chains.passed.shape == (18, 9)
    assert len(chains.x) == 3 * 4 + 9 * 3 + 18 * 2
    x, y = chains.x[chains.passed], chains.y[chains.passed]
    steps = np.hypot(np.diff(x, axis=1, prepend=0), np.diff(y, axis=1, prepend=0))
    np.testing.assert_allclose(steps, 0.3)
    bends = 1.5 * 0.3 * chains.turns @ [4, 3, 2]
    np.testing.assert_allclose(chains.heading[chains.passed[:, -1]], bends)
    # The first points are those of the first arcs, distance by distance.
    np.testing.assert_array_equal(chains.passed[::6, :4], np.arange(12).reshape(4, 3).T)


def test_the_nearest_cell_of_a_cell_is_itself_and_the_edge_stands_for_beyond():
    grid = Grid(SCAN)
    x, y = np.broadcast_arrays(X, Y)
    np.testing.assert_array_equal(grid.nearest(x.ravel(), y.ravel()), np.arange(CELLS))
    assert grid.nearest(np.array([99.0]), np.array([-99.0]))[0] == (ROWS - 1) * COLUMNS


def test_of_known_colours_counts_the_difference_and_a_new_one_counts_as_itself():
    differences = contrast(torch.tensor([0.75, 0.25, 0.0]))
    weights = torch.tensor([2.0, -1.0, 5.0])
    worth = differences @ weights
    usual = 0.75 * 2.0 - 0.25
    torch.testing.assert_close(worth, torch.tensor([2.0 - usual, -1.0 - usual, 5.0]))


def test_shares_of_colours_add_up_to_one_also_beside_ground_without_any():
    planes = torch.zeros(2, 3, 10)
    planes[0, 0, :6] = planes[1, 1, :2] = 1
    torch.testing.assert_close(usual_shares(planes), torch.tensor([0.75, 0.25, 0.0]))
    assert not usual_shares(torch.zeros(2, 3, 10)).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_colour_that_no_demonstration_showed_changes_nothing(kind):
    """Also after training, and though the known colour is missing where the new one is."""
    network = made_for_brown(kind)
    ends = np.broadcast_to((X > 4) | (np.abs(Y) > 3), (ROWS, COLUMNS))
    inputs = torch.cat(
        [
            observation(goal_left=left, goal_forward=np.sqrt(1 - left**2), goal_distance=d)
            for left in (-0.6, 0.0, 0.6)
            for d in (0.05, 0.1, 0.4)
        ]
    )
    inputs[::2, CELLS : 2 * CELLS] *= torch.from_numpy(1.0 - ends.ravel()).float()
    labels = torch.tensor([[0.7, 0.5], [0.9, 0.0], [-0.5, 0.0]]).repeat(3, 1)
    teach(network, inputs, labels)
    white = np.zeros((ROWS, COLUMNS), np.float32)
    white[:, 14:] = 1
    for speed in (0.8, 0.0):
        before = drive(network, observation(speed=speed, wheel_left=0.9))
        after = drive(network, observation(white=white, speed=speed, wheel_left=0.9))
        np.testing.assert_allclose(after, before, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_labels_teach_to_go_round_a_new_colour_on_either_side(kind):
    network = made_for_brown(kind)
    white = np.zeros((ROWS, COLUMNS), np.float32)
    white[4:14, 12:] = 1
    inputs = observation(white=white)
    assert abs(drive(network, inputs)[1]) < 0.2
    teach(network, inputs, torch.tensor([[0.7, -0.5]]), steps=30)
    assert drive(network, inputs)[1] < -0.25
    assert drive(network, observation(white=white[:, ::-1].copy()))[1] > 0.25


def test_a_step_of_learning_moves_a_new_colour_further_than_a_known_one():
    network = made_for_brown("hill_paths")
    with torch.no_grad():
        network.weights.fill_(1.0)
    brown, white = network._unit_costs()[0, -6:].detach().view(3, 2).T
    flat, climbing, turning = (white / brown).tolist()
    assert flat == climbing == network.new_colours > 1
    assert turning == 1


@pytest.mark.parametrize("place", [(2.0, 0.3), (1.87, -0.21), (3.05, 1.44)])
def test_axes_of_posts_are_found_between_the_cells(place):
    away = np.hypot(X - place[0], Y - place[1])
    heights = 0.8 * np.clip((0.3 - away) / 0.2 + 0.25, 0, 1)
    network = made_for_brown("post_paths")
    x, y = network._axes(torch.from_numpy(heights).float()[None])
    off = torch.hypot(x - place[0], y - place[1])
    assert float(off.min()) < 0.12
    assert int((off < 5).sum()) == 1


def test_ground_counts_by_how_much_it_rises_along_a_path():
    network = made_for_brown("hill_paths")
    names = list(network.ground_terms)
    for heights, steep in ((0.3 * X + 0 * Y, True), (-0.3 * X + 0 * Y, False)):
        ground, _ = network._ground(torch.from_numpy(heights).float()[None])
        ahead = (network.point_cos > 0.99) & (network.point_x < 4)
        climb = ground[names.index("climb"), ahead, 0]
        assert len(climb) > 0
        assert bool((climb > 1.4).all()) == steep
        assert bool((climb == 0).all()) != steep
    across, _ = network._ground(torch.from_numpy(0.3 * Y + 0 * X).float()[None])
    straight = network.point_sin.abs() < 1e-6
    assert float(across[:, straight, 0].abs().max()) < 1e-5


def test_a_driver_who_drives_on_or_backs_up_is_not_cloned_as_one_who_stands():
    network = made_for_brown("post_paths")
    inputs = observation(speed=0.0).repeat(4, 1)
    labels = torch.tensor([[-0.5, 0.0], [-0.5, 0.0], [-0.5, 0.0], [0.8, 0.0]])
    teach(network, inputs, labels, steps=200)
    assert drive(network, inputs)[0] == pytest.approx(-0.5, abs=0.05)
    teach(network, inputs[:1], torch.tensor([[0.8, 0.0]]), steps=200)
    assert drive(network, inputs)[0] == pytest.approx(0.8, abs=0.1)


def test_the_answer_of_a_ground_to_commands_is_learned():
    """On white the driver adds 0.8 of the yaw rate that is too much."""
    network = made_for_brown("post_paths")
    white = np.ones((ROWS, COLUMNS), np.float32)
    rates = np.linspace(-0.5, 0.5, 11)
    inputs = torch.cat([observation(white=white, yaw_rate=rate) for rate in rates])
    labels = torch.tensor(np.stack([0.7 + 0 * rates, -0.8 * rates], 1)).float()
    teach(network, inputs, labels, steps=300)
    turned = [float(drive(network, row[None])[1]) for row in inputs]
    slope = np.polyfit(rates, turned, 1)[0]
    assert slope == pytest.approx(-0.8, abs=0.2)
    brown = [float(drive(network, observation(yaw_rate=rate))[1]) for rate in rates]
    assert np.polyfit(rates, brown, 1)[0] > slope + 0.3


def test_a_scan_without_colours_is_refused():
    scan = {key: value for key, value in SCAN.items() if key != "colours"}
    plain = Spaces(CELLS + len(STATES), 2, {"scan": scan, "state": LAYOUT["state"]})
    with pytest.raises(Exception, match="heights and colours"):
        POLICIES.build("post_paths", plain, 0)
