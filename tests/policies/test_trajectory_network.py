"""The trajectory policy's geometry and losses against formulas."""

import numpy as np
import pytest
import torch
from driving_states import DRIVING_STATES as STATES
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_robot.policies import POLICIES
from iml_robot.policies.candidates.paths import cells_under_paths, path_groups
from iml_robot.policies.ensemble.network import Spaces

ROWS, COLUMNS = 13, 17
SCAN = {"start": 0, "shape": [ROWS, COLUMNS], "x_m": [-1.0, 5.0], "y_m": [-4.0, 4.0]}
CELL_M = 0.5
SIZE = ROWS * COLUMNS
LAYOUT = {"scan": SCAN, "state": {"start": SIZE, "names": STATES}}
SPACES = Spaces(SIZE + len(STATES), 2, LAYOUT)
GROUP_SIZES = [2, 3, 3, 3, 4]
"""Points of a path of 15 that each group holds."""


def observation(*, heights=None, **state):
    """A level place with the goal 8 m straight ahead, changed as given."""
    values = {"goal_forward": 1.0, "goal_distance": 0.4, **state}
    row = np.zeros(SPACES.observation_size, np.float32)
    if heights is not None:
        row[:SIZE] = heights.reshape(-1)
    for name, value in values.items():
        row[SIZE + STATES.index(name)] = value
    return torch.from_numpy(row)[None]


def network(seed=0, **options):
    return POLICIES.build("trajectory", SPACES, seed, options=options)


def drive(made, inputs):
    """Action (1, 2) and disagreement (1,) without gradients."""
    with torch.inference_mode():
        return made(inputs)


paths = st.lists(
    st.tuples(st.floats(-0.9, 4.9), st.floats(-3.9, 3.9)), min_size=15, max_size=15
).map(np.array)


@settings(max_examples=40, deadline=None)
@given(paths)
def test_every_point_of_a_path_weighs_one_in_its_group(path):
    x, y = path.T
    used, under = cells_under_paths(x[None], y[None], SCAN, groups=path_groups(5))
    assert under.shape == (len(GROUP_SIZES), len(used), 1)
    assert (under >= 0).all()
    np.testing.assert_allclose(under.sum(axis=1)[:, 0], GROUP_SIZES, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(paths)
def test_the_weights_of_a_path_give_back_where_it_lies(path):
    """Bilinear weights reproduce any linear function, so also the coordinates."""
    x, y = path.T
    used, under = cells_under_paths(x[None], y[None], SCAN, groups=path_groups(5))
    rows, columns = np.divmod(used, COLUMNS)
    weights = under[:, :, 0]
    groups = np.split(np.arange(15), np.cumsum(GROUP_SIZES)[:-1])
    for weight, points in zip(weights, groups, strict=True):
        np.testing.assert_allclose(
            weight @ (rows * CELL_M - 1.0), x[points].sum(), atol=1e-3
        )
        mean_y = weight @ (columns * CELL_M - 4.0)
        np.testing.assert_allclose(mean_y, y[points].sum(), atol=1e-3)


def test_points_beyond_the_scan_count_for_its_edge():
    x, y = np.full((1, 15), 99.0), np.full((1, 15), -99.0)
    used, under = cells_under_paths(x, y, SCAN, groups=path_groups(5))
    heaviest = used[under.sum(axis=0)[:, 0].argmax()]
    assert divmod(int(heaviest), COLUMNS) == (ROWS - 1, 0)


def test_the_straight_path_runs_under_the_scan_ahead():
    straight = network()
    points = straight.path_points[straight.path_turns.abs().sum(1) < 1e-6][0].numpy()
    np.testing.assert_allclose(points[:, 0], CELL_M * np.arange(1, 14), atol=1e-5)
    np.testing.assert_allclose(points[:, 1], 0.0, atol=1e-6)


def test_paths_have_the_length_of_their_steps_and_turn_as_they_say():
    made = network()
    points = torch.cat([torch.zeros(len(made.path_points), 1, 2), made.path_points], 1)
    steps = points.diff(dim=1).norm(dim=-1)
    torch.testing.assert_close(steps, torch.full_like(steps, CELL_M))
    # 1.5 m along the first arc, 10 steps along the second, 1.5 / m a full turn.
    first, second = made.path_turns.T
    bends = 1.5 * CELL_M * (3 * first + 10 * second)
    torch.testing.assert_close(made.end_headings, bends)


@settings(max_examples=40, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_a_label_is_explained_best_by_the_turn_next_to_it(speed, yaw):
    made = network()
    label = torch.tensor([[speed, yaw]], dtype=torch.float32)
    share = made._likelihood(label)[0].exp()
    turn = np.clip(yaw / max(abs(speed), 0.4), -1.5, 1.5)
    assert float(share.sum()) == pytest.approx(1.0, abs=1e-5)
    best = float(made.first_turns[share.argmax()])
    assert abs(best - turn) <= 1.5 / 18 + 1e-4
    # The middle of a normal distribution, and its width: 0.2 / speed and 0.1 together.
    if abs(turn) < 0.3 and abs(speed) > 0.8:
        turns = made.first_turns.numpy()
        middle = float((share.numpy() * turns).sum())
        width = float(np.sqrt((share.numpy() * (turns - middle) ** 2).sum()))
        assert middle == pytest.approx(turn, abs=0.02)
        assert width == pytest.approx(np.hypot(0.2 / abs(speed), 0.1), rel=0.05)


def test_backing_up_says_nothing_about_the_way_ahead():
    made = network()
    inputs = observation(goal_left=0.5)
    made.loss(inputs, torch.tensor([[-0.5, 0.3]])).mean().backward()
    assert made.path_weights.grad is None or not made.path_weights.grad.any()
    made.zero_grad()
    made.loss(inputs, torch.tensor([[0.5, 0.3]])).mean().backward()
    assert made.path_weights.grad.any()


def test_the_goal_draws_it_when_the_ground_is_level():
    made = network()
    ahead, _ = drive(made, observation())
    left, _ = drive(made, observation(goal_forward=0.5, goal_left=0.87))
    right, _ = drive(made, observation(goal_forward=0.5, goal_left=-0.87))
    assert float(ahead[0, 1]) == pytest.approx(0.0, abs=1e-4)
    assert float(left[0, 1]) > 0.1
    assert float(right[0, 1]) == pytest.approx(-float(left[0, 1]), abs=1e-4)


def test_ground_behind_the_goal_does_not_matter():
    heights = np.zeros((ROWS, COLUMNS))
    heights[10:] = 1.0
    made = network()
    near = {"goal_distance": 0.075}
    with_step, _ = drive(made, observation(heights=heights, **near))
    without, _ = drive(made, observation(**near))
    torch.testing.assert_close(with_step, without)
    far, _ = drive(made, observation(heights=heights))
    assert not torch.allclose(far, drive(made, observation())[0])


def test_after_corrections_it_steers_clear_of_a_rock_it_has_never_seen():
    """Taught with rocks about 2 m ahead, asked about a nearer one."""
    made = network()
    inputs, labels = [], []
    for column in range(6, 11):
        heights = np.zeros((ROWS, COLUMNS))
        heights[5:7, column : column + 2] = 0.4
        inputs.append(observation(heights=heights, speed=0.5))
        side = 1.0 if column + 0.5 < COLUMNS // 2 else -1.0
        labels.append([0.5, 0.5 * side])
    observations, actions = torch.cat(inputs), torch.tensor(labels)
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-2)
    for _ in range(80):
        optimiser.zero_grad()
        made.loss(observations, actions).mean().backward()
        optimiser.step()
    heights = np.zeros((ROWS, COLUMNS))
    heights[4:6, 8:10] = 0.4
    unseen = observation(heights=heights, speed=0.5)
    yaw = float(drive(made, unseen)[0][0, 1])
    assert yaw < -0.2
    assert abs(float(drive(made, observation(speed=0.5))[0][0, 1])) < 0.5 * abs(yaw)


def test_members_disagree_and_one_alone_does_not():
    inputs = observation(heights=np.random.default_rng(0).normal(size=(ROWS, COLUMNS)))
    assert float(drive(network(), inputs)[1]) > 0
    assert float(drive(network(members=1), inputs)[1]) == 0


COLOURED = {
    "scan": {**SCAN, "colours": ["brown", "white"]},
    "state": {"names": STATES},
}
COLOURED["state"]["start"] = 3 * SIZE


def coloured(white):
    """A brown place that is white where told, a bit rough, the goal straight ahead."""
    row = np.zeros(3 * SIZE + len(STATES), np.float32)
    rough = np.random.default_rng(0).normal(0, 0.03, (ROWS, COLUMNS))
    row[:SIZE] = (rough + rough[:, ::-1]).reshape(-1)
    row[SIZE : 2 * SIZE] = 1 - white.reshape(-1)
    row[2 * SIZE : 3 * SIZE] = white.reshape(-1)
    row[3 * SIZE + STATES.index("goal_forward")] = 1.0
    row[3 * SIZE + STATES.index("goal_distance")] = 0.4
    return torch.from_numpy(row)[None]


def test_a_colour_that_was_never_shown_changes_nothing():
    spaces = Spaces(3 * SIZE + len(STATES), 2, COLOURED)
    made = POLICIES.build("trajectory", spaces, 3)
    white = np.zeros((ROWS, COLUMNS), np.float32)
    before, _ = drive(made, coloured(white))
    white[3:, 5:12] = 1
    after, _ = drive(made, coloured(white))
    torch.testing.assert_close(before, after)


def test_a_few_labels_teach_to_go_round_a_colour():
    spaces = Spaces(3 * SIZE + len(STATES), 2, COLOURED)
    made = POLICIES.build("trajectory", spaces, 3)
    white = np.zeros((ROWS, COLUMNS), np.float32)
    white[4:8, 6:] = 1
    inputs, label = coloured(white), torch.tensor([[0.7, 0.5]])
    assert abs(float(drive(made, inputs)[0][0, 1])) < 0.2
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-2)
    for _ in range(100):
        optimiser.zero_grad()
        made.loss(inputs, label).mean().backward()
        optimiser.step()
    assert float(drive(made, inputs)[0][0, 1]) > 0.3
    # The label taught the colour and not just a turn: the mirror image is avoided on the
    # other side.
    mirrored = coloured(white[:, ::-1].copy())
    assert float(drive(made, mirrored)[0][0, 1]) < -0.3
