"""The signs of trouble."""

import numpy as np
import pytest

from iml_robot.asking.signs.products import dots, main_directions
from iml_robot.asking.signs.reference import make_reference
from iml_robot.asking.signs.signs import Signs, SignStream

RAYS = {
    "rays": {"start": 0, "shape": [3, 36], "range_m": 10.0},
    "state": {
        "start": 108,
        "names": [
            "goal_forward",
            "goal_left",
            "goal_distance",
            "speed_forward",
            "speed_left",
        ],
        "mirror_negative": ["goal_left", "speed_left"],
    },
    "action": {"names": ["forward", "left"], "mirror_negative": ["left"]},
}
SCAN = {
    "scan": {"start": 0, "shape": [24, 31], "x_m": [-0.9, 6.0], "y_m": [-4.5, 4.5]},
    "state": {
        "start": 744,
        "names": ["goal_distance", "roll"],
        "mirror_negative": ["roll"],
    },
}
SIZES = {"rays": 113, "scan": 746, "nothing": 7}
LAYOUTS = {"rays": RAYS, "scan": SCAN, "nothing": {}}


@pytest.fixture(params=list(LAYOUTS))
def scene(request):
    rng = np.random.default_rng(4)
    size = SIZES[request.param]
    known = rng.normal(size=(300, size)).astype(np.float32)
    signs = Signs(LAYOUTS[request.param], 0.05, make_reference(known))
    drive = (
        rng.normal(size=(90, size)).astype(np.float32),
        rng.uniform(-1, 1, (90, 2)).astype(np.float32),
        rng.uniform(0, 1, 90).astype(np.float32),
    )
    return signs, drive


def test_signs_of_steps_as_they_come_are_those_of_the_whole_drive(scene):
    signs, drive = scene
    stream = SignStream(signs)
    pairs = zip(*drive, strict=True)
    steps = np.stack([stream.push(seen, wanted, float(d)) for seen, wanted, d in pairs])
    np.testing.assert_allclose(steps, signs.of(*drive), atol=1e-9)


def test_signs_depend_on_nothing_that_comes_later(scene):
    signs, (seen, wanted, doubts) = scene
    whole = signs.of(seen, wanted, doubts)
    np.testing.assert_allclose(signs.of(seen[:50], wanted[:50], doubts[:50]), whole[:50])


def test_a_world_in_the_mirror_gives_the_same_signs():
    rng = np.random.default_rng(5)
    seen = rng.normal(size=(60, 113)).astype(np.float32)
    rays = np.abs(seen[:, :108]).reshape(-1, 3, 36)
    seen[:, :108] = rays.reshape(-1, 108)
    wanted = rng.uniform(-1, 1, (60, 2)).astype(np.float32)
    doubts = np.full(60, 0.1, np.float32)
    mirrored = seen.copy()
    # Ray k looks 10 k degrees to the left; its image looks as far to the right.
    mirrored[:, :108] = rays[:, :, -np.arange(36) % 36].reshape(-1, 108)
    mirrored[:, [109, 112]] *= -1
    signs = Signs(RAYS, 0.05, None)
    np.testing.assert_allclose(
        signs.of(mirrored, wanted * [1, -1], doubts), signs.of(seen, wanted, doubts)
    )


def test_what_was_never_seen_is_newer_than_what_was():
    rng = np.random.default_rng(6)
    known = rng.normal(size=(500, 20)).astype(np.float32)
    reference = make_reference(known)
    _, near, _ = reference.look(known[:50] + 0.01)
    _, far, _ = reference.look(known[:50] + 4)
    assert far.min() > near.max()


def test_too_few_known_observations_say_nothing():
    assert make_reference(np.zeros((3, 5), np.float32)) is None
    broken = np.full((200, 5), np.nan, np.float32)
    assert make_reference(broken) is None


def test_main_directions_are_those_of_a_singular_value_decomposition():
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(200, 30)) * np.geomspace(10, 0.1, 30)
    found = main_directions(rows, 4)
    _, _, wanted = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(np.abs((found * wanted[:4]).sum(1)), 1, atol=1e-6)


def test_dots_are_products_of_rows():
    rng = np.random.default_rng(8)
    first, second = rng.normal(size=(4, 6)), rng.normal(size=(3, 6))
    np.testing.assert_allclose(dots(first, second), first @ second.T)


def test_a_disagreement_that_is_no_number_spoils_only_its_own_signs(scene):
    signs, (seen, wanted, doubts) = scene
    doubts = doubts.copy()
    doubts[:] = np.nan
    found = signs.of(seen, wanted, doubts)
    spoilt = ~np.isfinite(found).all(axis=0)
    assert 0 < spoilt.sum() <= 3
