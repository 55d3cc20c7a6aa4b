"""Policy files: what comes back, and what is refused."""

import hashlib
import json
import pickle
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.policies.ensemble import files
from iml_robot.policies.ensemble.files import (
    Rehearsal,
    load_policy,
    new_policy,
    save_policy,
)
from iml_robot.policies.ensemble.network import Spaces

LAYOUT = {"state": {"start": 0, "names": ["a", "b"], "range": [0.1, 1e-7]}}
SPACES = Spaces(4, 2, LAYOUT)
OPTIONS = {"members": 2, "hidden": 3}


@pytest.fixture
def policy():
    rng = np.random.default_rng(0)
    sample = Rehearsal(
        rng.normal(size=(3, 4)).astype(np.float32), np.full((3, 2), 0.5, np.float32)
    )
    made = new_policy("mlp", SPACES, 1, OPTIONS)
    return replace(made, rehearsal=sample, lineage={"demonstrations": 3})


@pytest.fixture
def path(policy, tmp_path):
    save_policy(policy, tmp_path / "policy.safetensors")
    return tmp_path / "policy.safetensors"


def refusal(path, *, error=ArtifactError, spaces=None):
    """The message of the refusal, which must be one line that names the file."""
    with pytest.raises(error) as caught:
        load_policy(path, spaces)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert message == message.rstrip(".")
    return message


def rewrite(path, *, header=None, tensors=None, removed=()):
    """Change a file and mend its hashes, as somebody would who wants to be believed."""
    with safe_open(path, framework="pt") as file:
        head = json.loads(file.metadata()["iml_robot"])
        kept = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    kept |= tensors or {}
    head |= header or {}
    for key in removed:
        head.pop(key, None)
        kept.pop(key, None)
    sha = hashlib.sha256()
    for name in sorted(kept):
        described = f"{name} {kept[name].dtype} {tuple(kept[name].shape)}\n"
        sha.update(described.encode())
        sha.update(kept[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    if "sha256" not in removed:
        head["sha256"] = sha.hexdigest()
    head.pop("header_sha256", None)
    text = json.dumps(head, sort_keys=True)
    if "header_sha256" not in removed:
        head["header_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_bytes(save(kept, {"iml_robot": json.dumps(head, sort_keys=True)}))


class Canary:
    """Betrays itself by a file if anybody unpickles it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_everything_in_the_file_comes_back(policy, path):
    loaded = load_policy(path, SPACES)
    assert (loaded.name, loaded.options) == ("mlp", OPTIONS)
    assert loaded.lineage == {"demonstrations": 3}
    assert loaded.network.spaces == SPACES
    expected = policy.rehearsal.observations.astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(loaded.rehearsal.observations, expected)
    np.testing.assert_array_equal(loaded.rehearsal.actions, policy.rehearsal.actions)


def test_what_was_loaded_is_saved_as_the_same_bytes(path, tmp_path):
    save_policy(load_policy(path), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_rewriting_a_file_unchanged_leaves_it_acceptable(path):
    """Else the refusals below might come from the rewriting."""
    rewrite(path)
    load_policy(path, SPACES)


def test_the_hash_is_another_as_soon_as_one_weight_is(policy, tmp_path):
    first = save_policy(policy, tmp_path / "first.safetensors")
    with torch.no_grad():
        weight = policy.network.last.weight
        weight[0, 0, 0] = torch.nextafter(weight[0, 0, 0], torch.tensor(9.0))
    assert save_policy(policy, tmp_path / "second.safetensors") != first


def test_demonstrations_too_large_for_half_precision_survive(policy, path):
    large = np.full((3, 4), 1e5, np.float32)
    save_policy(replace(policy, rehearsal=Rehearsal(large, large[:, :2])), path)
    np.testing.assert_array_equal(load_policy(path).rehearsal.observations, large)


def test_demonstrations_as_stored_are_those_that_come_back(policy, path):
    stored = policy.rehearsal.as_stored()
    loaded = load_policy(path).rehearsal
    np.testing.assert_array_equal(stored.observations, loaded.observations)
    np.testing.assert_array_equal(stored.actions, loaded.actions)


def test_files_without_a_hash_over_the_header_are_read(path):
    rewrite(path, removed=["header_sha256"])
    assert load_policy(path, SPACES).options == OPTIONS


def test_a_missing_file_is_a_mistake_of_the_user(tmp_path):
    assert "no such policy" in refusal(tmp_path / "none.safetensors", error=UsageError)
    assert "no such policy" in refusal(tmp_path, error=UsageError)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refusal(path)


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"\0")
    refusal(path)


def test_no_flipped_bit_makes_another_policy(policy, path):
    """Every bit in turn would take long; a fixed sample of them is enough."""
    content = path.read_bytes()
    rng = np.random.default_rng(3)
    original = load_policy(path)
    refused = 0
    places = rng.choice(len(content), 250, replace=False)
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            loaded = load_policy(path)
        except ArtifactError as error:
            refused += 1
            assert "\n" not in str(error)  # noqa: PT017
            continue
        # Only spaces and the name of the hash are not covered by a hash.
        assert loaded.options == original.options
        assert loaded.network.spaces == original.network.spaces
        for key, value in original.network.state_dict().items():
            assert torch.equal(loaded.network.state_dict()[key], value)
    assert refused > 0.9 * len(places)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_by_another_name_is_refused_and_not_unpickled(tmp_path, protocol):
    path, mark = tmp_path / "policy.safetensors", tmp_path / "unpickled"
    path.write_bytes(pickle.dumps(Canary(mark), protocol=protocol))
    assert "pickles" in refusal(path)
    assert not mark.exists()


def test_a_torch_file_by_another_name_is_refused_and_not_unpickled(tmp_path):
    path, mark = tmp_path / "policy.safetensors", tmp_path / "unpickled"
    for zipped in (True, False):
        torch.save(
            {"weights": torch.zeros(3), "canary": Canary(mark)},
            path,
            _use_new_zipfile_serialization=zipped,
        )
        assert "pickles" in refusal(path)
        assert not mark.exists()


def test_the_canary_sings_when_it_is_unpickled(tmp_path):
    pickle.loads(pickle.dumps(Canary(tmp_path / "unpickled"))).close()
    assert (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("name", ["evil:Net", "evil.part:Net", "os:system"])
def test_what_a_file_names_is_not_imported(path, name, tmp_path, monkeypatch):
    code = f"open({str(tmp_path / 'imported')!r}, 'w').close()\nNet = print\n"
    (tmp_path / "evil.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    rewrite(path, header={"policy": name})
    assert "outside this program" in refusal(path)
    assert not (tmp_path / "imported").exists()
    assert "evil" not in sys.modules


def test_a_network_from_outside_is_read_once_the_program_knows_it(path):
    rewrite(path, header={"policy": "iml_robot.policies.mlp:MlpNetwork"})
    assert load_policy(path).network.members == 2


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ({"format": "iml_robot.policy/2"}, "format 'iml_robot.policy/2'"),
        ({"format": None}, "format None"),
        ({"policy": "gone"}, "'gone'"),
        ({"policy": "../mlp"}, "'../mlp'"),
        ({"policy": 5}, "'policy'"),
        ({"options": []}, "'options'"),
        ({"options": {"no_option": 1}}, "no_option"),
        ({"options": {"members": 0}}, "members"),
        ({"options": {"members": 3, "hidden": 3}}, "size mismatch"),
        ({"options": {"members": "many"}}, "cannot be built"),
        ({"options": {"hidden": 0}}, "cannot be built"),
        ({"observation_size": 5}, ""),
        ({"observation_size": 0}, ""),
        ({"observation_size": True}, "'observation_size'"),
        ({"observation_size": 4.0}, "'observation_size'"),
        ({"action_size": 3}, ""),
        ({"layout": None}, "'layout'"),
        ({"policy": "trajectory", "options": {}}, "height scan"),
        (
            {"policy": "trajectory", "options": {}, "layout": {"scan": 1, "state": 2}},
            "built",
        ),
        ({"lineage": "unknown"}, "'lineage'"),
        ({"sha256": None}, ""),
    ],
)
def test_a_wrong_header_is_refused_though_its_hash_is_right(path, header, part):
    rewrite(path, header=header, removed=[k for k, v in header.items() if v is None])
    assert part in refusal(path)


@pytest.mark.parametrize(
    "key",
    ["format", "policy", "options", "observation_size", "action_size", "layout",
     "lineage", "sha256"],
)  # fmt: skip
def test_a_header_that_lacks_something_is_refused(path, key):
    rewrite(path, removed=[key])
    refusal(path)


@pytest.mark.parametrize("text", ["[]", "null", "7", '"text"', "{", "[" * 5000, "\\"])
def test_a_header_that_is_no_mapping_is_refused(path, text):
    path.write_bytes(save({"network.x": torch.zeros(1)}, {"iml_robot": text}))
    refusal(path)


def test_weights_of_another_program_are_refused(path):
    path.write_bytes(save({"weight": torch.zeros(3)}, {"format": "pt"}))
    assert "not a policy of this program" in refusal(path)
    path.write_bytes(save({"weight": torch.zeros(3)}))
    refusal(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["network.last.weight", "rehearsal.observations"])
def test_values_that_are_not_finite_are_refused(path, name, value):
    with safe_open(path, framework="pt") as file:
        tensor = file.get_tensor(name)
    tensor.view(-1)[-1] = value
    rewrite(path, tensors={name: tensor})
    assert "not finite" in refusal(path)


@pytest.mark.parametrize(
    ("tensors", "removed"),
    [
        ({"network.last.weight": torch.zeros(2, 3, 5)}, ()),
        ({"network.last.weight": torch.zeros(0)}, ()),
        ({"network.extra": torch.zeros(1)}, ()),
        ({}, ["network.last.weight"]),
        ({}, ["rehearsal.actions"]),
        ({}, ["rehearsal.observations"]),
        ({"rehearsal.actions": torch.zeros(4, 2)}, ()),
        ({"rehearsal.actions": torch.zeros(3, 5)}, ()),
        ({"rehearsal.observations": torch.zeros(3)}, ()),
        ({"rehearsal.observations": torch.tensor(1.0)}, ()),
        ({"network.last.weight": torch.zeros(2, 3, 2, dtype=torch.bfloat16)}, ()),
        ({"network.last.weight": torch.zeros(2, 3, 2, dtype=torch.complex64)}, ()),
    ],
)
def test_tensors_that_do_not_fit_are_refused(path, tensors, removed):
    rewrite(path, tensors=tensors, removed=removed)
    refusal(path)


def test_a_changed_weight_is_refused_where_its_hash_was_not_mended(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert "does not match its hash" in refusal(path)


def test_a_changed_layout_is_refused_where_its_hash_was_not_mended(path):
    content = path.read_bytes()
    assert content.count(b"0.1, 1e-07") == 1
    path.write_bytes(content.replace(b"0.1, 1e-07", b"0.2, 1e-07"))
    assert "header does not match its hash" in refusal(path)


@pytest.mark.parametrize(
    ("spaces", "part"),
    [
        (Spaces(5, 2, LAYOUT), "observations of size 4, but this environment has size 5"),
        (Spaces(4, 1, LAYOUT), "actions of size 2, but this environment has size 1"),
        (Spaces(4, 2), "another layout"),
        (
            Spaces(4, 2, {"state": {**LAYOUT["state"], "names": ["b", "a"]}}),
            "another layout",
        ),
    ],
)
def test_a_policy_for_another_environment_is_refused(path, spaces, part):
    assert part in refusal(path, spaces=spaces)


def test_a_layout_of_tuples_is_that_of_lists(path):
    state = {key: tuple(v) if key != "start" else v for key, v in LAYOUT["state"].items()}
    load_policy(path, Spaces(4, 2, {"state": state}))


def test_a_save_that_fails_leaves_the_old_file(policy, path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(files, "save", full)
    with pytest.raises(OSError, match="no space"):
        save_policy(policy, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_saving_leaves_nothing_else_in_the_folder(path):
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_network_suits_the_observation_where_nobody_chose_one():
    assert new_policy("auto", SPACES, 0).name == "mlp"
    with pytest.raises(UsageError, match="height scan"):
        new_policy("trajectory", SPACES, 0)
