"""A Ray cluster drives the same maps to the same bit, and its losses cost little."""

from functools import partial
from pathlib import Path

import pytest
from commands import call_here
from point_drivers import die_once

from iml_robot.core.errors import ArtifactError, InfrastructureError
from iml_robot.evaluation.drivers import FileSource, find_source
from iml_robot.evaluation.measuring import Measurement, measure
from iml_robot.evaluation.suites import load_suite
from iml_robot.evaluation.workers import Work, Workers
from iml_robot.policies.ensemble.files import new_policy, save_policy
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.robots.environment import make_env

pytest.importorskip("ray", reason="needs the extra: pip install 'iml-robot[ray]'")
# What Ray leaves open in this process is closed when it ends.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
]

POINT = "iml_robot_envs:iml/Point-v0"


@pytest.fixture(scope="module")
def cluster():
    from iml_robot.evaluation.cluster import Cluster

    with pytest.MonkeyPatch.context() as patch:
        # Where the drivers of these tests lie, as for a user's own modules.
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        found = Cluster("local", 2)
        yield found
        found.close()


def measured(source, crew, maps=60):
    suite = load_suite("point-smoke", [f"entries.0.maps={maps}"])
    found = Measurement(suite, source)
    measure(found, crew, on_progress=lambda fraction: None)
    return found


def traces(measurement):
    return [record.trace for record in measurement.all_records()]


def test_any_spread_gives_the_same_results_to_the_bit(cluster, tmp_path):
    path = tmp_path / "point.safetensors"
    save_policy(new_policy("mlp", spaces_of(make_env(POINT)), 0), path)
    source = find_source(str(path))
    spread = measured(source, cluster)
    assert cluster.size == 2
    here = Workers(1)
    assert traces(spread) == traces(measured(source, here))
    here.close()
    assert [r.index for r in spread.all_records()] == list(range(60))


def test_a_policy_file_travels_with_the_work(cluster, tmp_path):
    path = tmp_path / "point.safetensors"
    save_policy(new_policy("mlp", spaces_of(make_env(POINT)), 0), path)
    carried = cluster.carried(FileSource("mine", path, "abc"))
    path.unlink()
    assert (carried.name, carried.sha256) == ("mine", "abc")
    assert carried.load(POINT).act_batch(make_env(POINT).reset(seed=0)[0][None]).shape == (
        1,
        2,
    )


def test_what_the_others_drove_is_kept_when_a_process_dies_twice(cluster):
    suite = load_suite("point-smoke", ["entries.0.maps=200"])
    found = Measurement(suite, find_source("point_drivers:deadly"))
    with pytest.raises(InfrastructureError, match="process died"):
        measure(found, cluster, on_progress=lambda fraction: None)
    # Whole parts of 25 maps, all but those with a start in the far east.
    assert 0 < found.driven < 200
    assert found.driven % 25 == 0


def test_a_piece_whose_process_died_is_driven_again(cluster, tmp_path):
    fractions = []
    piece = Work(partial(die_once, tmp_path / "sign"), 3)
    found = cluster.finished([piece], on_progress=fractions.append, retries=1)
    assert list(found) == [(0, "done")]
    assert fractions[-1] == 1.0


def test_what_is_wrong_with_a_policy_is_said_as_without_a_cluster(cluster):
    with pytest.raises(ArtifactError, match=r"\(25, 1, 1\)"):
        measured(find_source("point_drivers:narrow"), cluster)


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("127.0.0.1:1", 5, "nobody answers there"),
        ("ray://127.0.0.1:1", 5, "ray start --head"),
        ("somewhere", 2, "give host:port"),
        ("host:many", 2, "give host:port"),
    ],
)
def test_clusters_that_cannot_be_joined_are_told_at_once(address, code, words):
    result = call_here("evaluate", "point_drivers:idle", "--suite", "point-smoke",
        "--ray", address,
    )  # fmt: skip
    assert result.returncode == code
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
