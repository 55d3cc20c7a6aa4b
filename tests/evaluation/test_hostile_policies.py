"""Damaged and hostile policy files are refused with exit code 4, and never run."""

import json
import pickle
import struct
import zipfile

import numpy as np
import pytest
from commands import call_here
from safetensors import safe_open
from safetensors.numpy import save_file

from iml_robot.policies.ensemble.files import new_policy, save_policy
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.robots.environment import make_env

pytestmark = pytest.mark.slow

POINT = "iml_robot_envs:iml/Point-v0"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Return the bytes of a policy file."""
    path = tmp_path_factory.mktemp("good") / "p.safetensors"
    save_policy(new_policy("mlp", spaces_of(make_env(POINT)), 0), path)
    return path.read_bytes()


def evaluated(path, *arguments):
    return call_here("evaluate", path, "--suite", "point-smoke", *arguments)


def assert_refused(result, *words):
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize("place", range(5))
def test_every_cut_and_every_flipped_bit_is_noticed(good, place, tmp_path):
    path = tmp_path / "p.safetensors"
    middle = int(np.linspace(8, len(good) - 1, 5)[place])
    path.write_bytes(good[:middle])
    assert_refused(evaluated(path), "damaged")
    flipped = bytearray(good)
    flipped[middle] ^= 1
    path.write_bytes(flipped)
    assert_refused(evaluated(path))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95 a pickle",
        # A header that claims to have 4 GiB.
        struct.pack("<Q", 2**32) + b"{}",
        b"PK\x03\x04 a zip",
    ],
)
def test_what_is_no_policy_but_is_called_one_is_refused(content, tmp_path):
    path = tmp_path / "p.safetensors"
    path.write_bytes(content)
    assert_refused(evaluated(path), "damaged")


def changed(good, path, *, format_=None, value=None):
    """Write the policy with another format or a weight that is no number."""
    path.write_bytes(good)
    with safe_open(path, framework="numpy") as file:
        header = json.loads(file.metadata()["iml_robot"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if format_ is not None:
        header["format"] = format_
    if value is not None:
        tensors["network.last.bias"][:] = value
    save_file(tensors, path, {"iml_robot": json.dumps(header, sort_keys=True)})
    return path


def test_a_newer_schema_is_told_by_its_name(good, tmp_path):
    path = changed(good, tmp_path / "p.safetensors", format_="iml_robot.policy/9")
    assert_refused(evaluated(path), "'iml_robot.policy/9' is not known")


def test_changed_weights_do_not_match_the_hash(good, tmp_path):
    path = changed(good, tmp_path / "p.safetensors", value=np.nan)
    assert_refused(evaluated(path), "hash")


class Canary:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def archive(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def test_a_bomb_is_not_unpacked(tmp_path):
    # A gigabyte of zeros in one megabyte.
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("data", "w", force_zip64=True) as member,
    ):
        for _ in range(1024):
            member.write(bytes(2**20))
    assert path.stat().st_size < 2 * 2**20
    assert_refused(evaluated(path), "--trust-pickle")
    assert_refused(evaluated(path, "--trust-pickle"), "would unpack to 1024 MiB")


def test_names_that_lead_out_of_an_archive_write_nothing(tmp_path):
    path = archive(
        tmp_path / "slip.zip", ("data", "{}"), ("../slipped", "x"), ("/slipped", "x")
    )
    assert_refused(evaluated(path, "--trust-pickle"), "no agent")
    assert [p.name for p in tmp_path.parent.rglob("slipped")] == []


@pytest.mark.parametrize("trust", [(), ("--trust-pickle",)])
@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\xff" * 18])
def test_a_broken_archive_is_refused(content, trust, tmp_path):
    path = tmp_path / "p.zip"
    path.write_bytes(content)
    assert_refused(evaluated(path, *trust), "not read")


def test_an_archive_whose_members_are_cut_is_refused(tmp_path):
    path = archive(tmp_path / "p.zip", ("data", json.dumps({"a": "b" * 9000})))
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(content)
    assert_refused(evaluated(path, "--trust-pickle"), "damaged")


def test_a_pickle_in_an_untrusted_agent_is_not_run(tmp_path):
    canary = tmp_path / "canary"
    data = json.dumps({"policy_class": {":serialized:": "", "__module__": "a.b"}})
    payload = pickle.dumps(Canary(canary))
    path = archive(tmp_path / "p.zip", ("data", data), ("policy.pth", payload))
    assert_refused(evaluated(path), "--trust-pickle")
    assert_refused(evaluated(path, "--trust-pickle"), "agents of a.b")
    assert not canary.exists()
