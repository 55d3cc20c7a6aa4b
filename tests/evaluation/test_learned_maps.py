"""No policy is judged on maps that it says itself it learned from."""

from dataclasses import replace

import pytest
from commands import call_here

from iml_robot.core.types import EpisodeInfo
from iml_robot.policies.ensemble.files import new_policy, save_policy
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.policies.exchange.learned_maps import learned_among, learned_maps
from iml_robot.robots.environment import make_env

pytestmark = pytest.mark.slow

POINT = "iml_robot_envs:iml/Point-v0"


def episode(number, options, *, env=POINT):
    return EpisodeInfo(number, "practice", env, 100 + number, options)


def test_maps_are_listed_once_for_each_kind_and_added_to_those_before():
    rows = learned_maps(
        [episode(n, {"level": 1, "split": "train", "index": n % 3}) for n in range(5)]
    )
    assert rows == [
        {"env": POINT, "options": {"level": 1, "split": "train"}, "indices": [0, 1, 2]}
    ]
    more = [episode(0, {"level": 1, "split": "train", "index": 7}), episode(1, {})]
    assert learned_maps(more, rows) == [
        {"env": POINT, "options": {"level": 1, "split": "train"}, "indices": [0, 1, 2, 7]},
        # Without splits the seed is the map.
        {"env": POINT, "options": {}, "indices": [101]},
    ]


def test_a_map_whose_number_nobody_noted_can_be_any():
    rows = learned_maps([episode(0, {"split": "test"})])
    assert rows[0]["indices"] is None
    rows = learned_maps([episode(0, {"split": "test", "index": 3})], rows)
    assert rows[0]["indices"] is None
    assert "did not note" in learned_among({"maps": rows}, POINT, {"split": "test"}, 5)


@pytest.mark.parametrize(
    ("env", "options", "maps", "learned"),
    [
        ("iml/Point-v0", {"level": 0, "split": "test"}, 50, True),
        (POINT, {"split": "test"}, 50, True),
        (POINT, {"level": 0, "split": "test"}, 7, False),
        (POINT, {"level": 1, "split": "test"}, 50, False),
        (POINT, {"level": 0, "split": "train"}, 50, False),
        ("iml/RoverRocks-v0", {"level": 0, "split": "test"}, 50, False),
    ],
)
def test_maps_are_the_same_if_all_that_is_told_of_both_agrees(env, options, maps, learned):
    rows = learned_maps([episode(0, {"level": 0, "split": "test", "index": 7})])
    assert bool(learned_among({"maps": rows}, env, options, maps)) is learned


def saved(tmp_path, lineage):
    path = tmp_path / "p.safetensors"
    policy = new_policy("mlp", spaces_of(make_env(POINT)), 0)
    save_policy(replace(policy, lineage=lineage), path)
    return path


@pytest.mark.parametrize(
    ("lineage", "words"),
    [
        (
            {"maps": learned_maps([episode(0, {"split": "test", "index": 7})])},
            "entry 'familiar', 1 of these maps: 7",
        ),
        ({"maps": [3]}, "damaged: the lineage does not list maps"),
        ({"maps": 3}, "damaged: the lineage does not list maps"),
    ],
)
def test_4_a_policy_that_learned_from_the_suite_is_refused(lineage, words, tmp_path):
    path = saved(tmp_path, lineage)
    result = call_here("evaluate", path, "--suite", "point-smoke")
    assert (result.returncode, result.stdout) == (4, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_whoever_allows_training_maps_may_look_at_them(tmp_path):
    rows = learned_maps([episode(0, {"split": "test", "index": 1})])
    path = saved(tmp_path, {"maps": rows})
    result = call_here("evaluate", path, "--suite", "point-smoke", "--episodes", 2,
        "--set", "allow_training_maps=true",
    )  # fmt: skip
    assert result.returncode == 0
