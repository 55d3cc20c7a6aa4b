"""Policies written as ONNX answer as they did, and graphs of others drive here too."""

import hashlib
import json
import logging

import numpy as np
import pytest
import torch
from commands import call_here
from evaluation_rig import read

from iml_robot.core.errors import ArtifactError
from iml_robot.evaluation.drivers import find_source
from iml_robot.policies.ensemble.files import load_policy, new_policy, save_policy
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.policies.ensemble.taste import SPEED_FACTORS, Taste
from iml_robot.policies.exchange.onnx_graph import Origin, as_onnx
from iml_robot.robots.environment import make_env

pytestmark = pytest.mark.slow

WHY = "needs the extra: pip install 'iml-robot[onnx]'"
onnx = pytest.importorskip("onnx", reason=WHY)
onnxruntime = pytest.importorskip("onnxruntime", reason=WHY)
pytest.importorskip("onnxscript", reason=WHY)

POINT = "iml_robot_envs:iml/Point-v0"
ROVER = "iml_robot_envs:iml/RoverRocks-v0"


@pytest.fixture(autouse=True)
def _quiet_tracing():
    """Keep pytest from collecting the hundred thousand lines with which torch traces."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def answers(content, seen):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["action"], {"observation": seen})[0]


def network_answers(policy, seen):
    with torch.inference_mode():
        return policy.network(torch.from_numpy(seen))[0].numpy()


def drawn(rows, columns, seed=1):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


@pytest.fixture(scope="module")
def point(tmp_path_factory):
    """Return the file of a network whose input scales are not 1, and its ONNX file."""
    folder = tmp_path_factory.mktemp("onnx")
    layout = make_env(POINT).get_wrapper_attr("observation_layout")
    policy = new_policy("mlp", Spaces(6, 2, layout), 0)
    policy.network.fit_normaliser(torch.from_numpy(3 + 5 * drawn(100, 6)))
    # So large that the answers reach the bounds, where they must be clipped.
    with torch.no_grad():
        policy.network.last.weight.mul_(30)
    path, graph = folder / "point.safetensors", folder / "point.onnx"
    save_policy(policy, path)
    made = as_onnx(load_policy(path), Origin(hashlib.sha256(path.read_bytes()).hexdigest()))
    graph.write_bytes(made.content)
    return path, graph


@pytest.mark.parametrize("rows", [1, 25, 1000])
def test_a_graph_answers_as_the_network_for_any_number_of_observations(point, rows):
    path, graph = point
    seen = drawn(rows, 6, seed=rows)
    wanted = network_answers(load_policy(path), seen)
    found = answers(graph.read_bytes(), seen)
    assert found.shape == (rows, 2)
    assert np.abs(found - wanted).max() <= 1e-5
    assert np.abs(found).max() <= 1.0


def test_a_graph_says_what_it_was_made_from_and_for_and_nothing_of_this_machine(point):
    path, graph = point
    model = onnx.load(graph)
    told = json.loads({p.key: p.value for p in model.metadata_props}["iml_robot"])
    assert told["source_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["observation_size"], told["action_size"]) == (6, 2)
    assert (told["action_low"], told["action_high"]) == ([-1.0, -1.0], [1.0, 1.0])
    assert told["layout"] == json.loads(json.dumps(load_policy(path).network.spaces.layout))
    assert b".py" not in graph.read_bytes()


@pytest.mark.slow
def test_evaluating_the_graph_gives_what_evaluating_the_policy_gives(point, tmp_path):
    found = []
    for number, path in enumerate(point):
        report = tmp_path / f"{number}.json"
        result = call_here("evaluate", path, "--suite", "point-smoke", "--episodes", 30,
            "--json", report,
        )  # fmt: skip
        assert (result.returncode, result.stderr) == (0, "")
        found.append(read(report))
    assert found[1]["policy"]["format"] == "onnx"
    assert found[1]["policy"]["sha256"] == hashlib.sha256(point[1].read_bytes()).hexdigest()
    ours, theirs = ([e["outcome"] for e in f["evaluations"][0]["episodes"]] for f in found)
    assert ours == theirs


def test_actions_can_have_the_bounds_of_the_environment(tmp_path):
    # The pendulum takes torques from -2 to 2 N m.
    spaces = Spaces(3, 1)
    policy = new_policy("mlp", spaces, 0)
    policy.network.fit_normaliser(torch.from_numpy(drawn(50, 3)))
    path, graph = tmp_path / "p.safetensors", tmp_path / "p.onnx"
    save_policy(policy, path)
    result = call_here(
        "export", path, "--to", "onnx", "--out", graph, "--env", "Pendulum-v1"
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "compared on 1000 observations" in result.stdout
    seen = drawn(20, 3)
    wanted = network_answers(policy, seen)
    assert answers(graph.read_bytes(), seen) == pytest.approx(2 * wanted, abs=2e-5)
    # Read back, they are from -1 to 1 again, as everywhere in this program.
    loaded = find_source(str(graph)).load("Pendulum-v1")
    assert loaded.act_batch(seen) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.learning
@pytest.mark.slow
def test_a_structured_network_is_written_too():
    env = make_env(ROVER)
    starts = [
        env.reset(seed=k, options={"level": 2, "split": "train", "index": k})[0]
        for k in range(4)
    ]
    policy = new_policy("trajectory", spaces_of(env), 0, {"members": 2})
    env.close()
    found = answers(as_onnx(policy, Origin("")).content, np.stack(starts))
    wanted = network_answers(policy, np.stack(starts))
    assert found == pytest.approx(wanted, abs=1e-5)


class Tasting(EnsembleNetwork):
    """Goes as fast along x as its taste likes."""

    def __init__(self, spaces, seed):
        super().__init__(spaces, members=1)
        self.taste = Taste(["fast"], 1)

    def forward(self, observations):
        speed = observations[:, :1]
        if self.taste is not None and not self.taste.neutral:
            tried = speed[..., None] * torch.tensor(SPEED_FACTORS)
            speed = self.taste(tried[..., None])[1] * speed
        return torch.cat([speed, 0 * speed], -1), observations[:, 0]

    def loss(self, observations, actions):
        raise NotImplementedError


@pytest.mark.parametrize("liked", [0.0, 3.0])
@pytest.mark.slow
def test_what_a_person_likes_is_in_the_graph(liked):
    policy = new_policy(f"{__name__}:Tasting", Spaces(6, 2), 0)
    policy.network.taste.foresight.fill_(1.0)
    policy.network.taste.want({"fast": liked})
    seen = np.abs(drawn(20, 6)) / 4
    found = answers(as_onnx(policy, Origin("")).content, seen)
    assert found == pytest.approx(np.clip(network_answers(policy, seen), -1, 1), abs=1e-5)
    assert (found[:, 0] > seen[:, 0] + 1e-6).any() == (liked > 0)


class Counting(EnsembleNetwork):
    """A network that no graph can hold: what it does depends on a number it asks for."""

    def __init__(self, spaces, seed):
        super().__init__(spaces, members=1)

    def forward(self, observations):
        if float(observations.sum()) > 0:
            return observations[:, :2], observations[:, 0]
        return -observations[:, :2], observations[:, 0]

    def loss(self, observations, actions):
        raise NotImplementedError


def test_a_network_that_no_graph_can_hold_is_refused_clearly():
    policy = new_policy(f"{__name__}:Counting", Spaces(6, 2), 0)
    with pytest.raises(ArtifactError, match="cannot be written as ONNX"):
        as_onnx(policy, Origin(""))


def foreign(path, *, rows, columns=6, output="out", metadata=None):
    """Write what another program could: the goal's direction, twice over and unclipped."""
    helper, numbers = onnx.helper, onnx.TensorProto.FLOAT
    weights = np.zeros((columns, 2), np.float32)
    weights[0, 0] = weights[1, 1] = 2.0
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["seen", "weights"], [output])],
        "foreign",
        [helper.make_tensor_value_info("seen", numbers, [rows, columns])],
        [helper.make_tensor_value_info(output, numbers, [rows, 2])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    if metadata is not None:
        helper.set_model_props(model, {"iml_robot": metadata})
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("rows", ["n", 4, 1])
def test_graphs_of_other_programs_drive_at_whatever_batch_they_were_made_for(
    rows, tmp_path
):
    policy = find_source(str(foreign(tmp_path / "f.onnx", rows=rows))).load(POINT)
    seen = drawn(10, 6)
    wanted = np.clip(2 * seen[:, :2], -1, 1)
    assert policy.act_batch(seen) == pytest.approx(wanted)
    assert policy.act(seen[3]) == pytest.approx(wanted[3])


def test_nonsense_stays_nonsense(tmp_path):
    policy = find_source(str(foreign(tmp_path / "f.onnx", rows="n"))).load(POINT)
    seen = drawn(3, 6)
    seen[1, 0] = np.nan
    assert np.isfinite(policy.act_batch(seen)).all(axis=1).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "damaged"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(b"\x80\x04\x95 a pickle"), "damaged"),
        (lambda path: foreign(path, rows="n", columns=7), "observations of size 7"),
        (
            lambda path: foreign(path, rows="n", metadata='{"format": "iml_robot.onnx/9"}'),
            "'iml_robot.onnx/9' is not known",
        ),
        (lambda path: foreign(path, rows="n", metadata="["), "metadata"),
        (
            lambda path: foreign(
                path, rows="n",
                metadata='{"format": "iml_robot.onnx/1", "action_low": [1, 1],'
                ' "action_high": [1, 1]}',
            ),
            "bounds",
        ),
    ],
)  # fmt: skip
def test_4_graphs_that_are_damaged_or_do_not_fit_are_refused(damage, words, tmp_path):
    path = foreign(tmp_path / "f.onnx", rows="n")
    damage(path)
    result = call_here("evaluate", path, "--suite", "point-smoke")
    assert (result.returncode, result.stdout) == (4, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rover_rocks", "--to", "onnx", "--out", "p.pt"), "end with .onnx"),
        (("rover_rock", "--to", "onnx", "--out", "p.onnx"), "did you mean 'rover_rocks'"),
        (("rover_rocks", "--to", "onnx", "--out", "/nowhere/p.onnx"), "no folder"),
        (("rover_rocks", "--to", "torch", "--out", "p.onnx"), "onnx"),
    ],
)
def test_2_wrong_exports_are_refused_at_once(arguments, words, tmp_path):
    result = call_here("export", *arguments)
    assert result.returncode == 2
    assert words in result.stderr
