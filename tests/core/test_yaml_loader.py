"""The YAML loader says where a file is wrong, and refuses what is not plain data."""

import math
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iml_robot.core.errors import ConfigError
from iml_robot.core.yaml_loader import load_yaml, parse_value, parse_yaml, yaml_text

# What YAML gives a meaning to, and characters that it must escape.
NASTY = "aé0:#-'\"\n\t\r {}[]&*!|>%@`,?~\\\x85\u2028\ufeff\U0001f642"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(NASTY, max_size=20),
    st.sampled_from(["1e-3", "yes", "off", "0x1F", "012", "~", "null", ".5", "=", "<<"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc1e-", max_size=4), inner)
    ),
    max_leaves=12,
)


def refusal(text):
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, source="f.yaml")
    return str(caught.value)


@given(st.dictionaries(st.text("abcdef", min_size=1), VALUES, min_size=1))
def test_what_is_written_is_read_back(values):
    assert parse_yaml(yaml_text(values), source="f").values == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("-2E+2", -200.0),
        (".5", 0.5),
        ("7.", 7.0),
        ("012", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("+3", 3),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("2020-01-01", "2020-01-01"),
        ("'1e-3'", "1e-3"),
        ("~", None),
        ("", None),
        ("!!str 1", "1"),
        ("iml_robot_envs:iml/Point-v0", "iml_robot_envs:iml/Point-v0"),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    read = parse_value(text, source="f")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["a: .nan", "a: [1, -.inf]", "a: 1e999", "a: " + "9" * 50])
def test_numbers_that_are_not_finite_are_refused(text):
    assert "finite number" in refusal(text)


def test_duplicate_keys_are_refused_with_both_lines():
    message = refusal("a: 1\nb:\n  c: 2\n  d: 3\n  c: 4\n")
    assert message.startswith("f.yaml:5:3: b.c: the key is given twice (first in line 3)")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: 1\n\tb: 2\n", "f.yaml:2:1: a tab cannot indent"),
        ("- 1\n- 2\n", "f.yaml:1:1: the top of the file must be a mapping"),
        ("just text", "f.yaml:1:1: the top of the file must be a mapping"),
        ("", "f.yaml:1:1: the file is empty"),
        ("# only a comment\n", "f.yaml:1:1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here"),
        ("a: [1, 2\n", "f.yaml:2:1: "),
        ("a: b: c\n", "f.yaml:1:5: "),
        ("1: 2\n", "f.yaml:1:1: a key must be text, got 1"),
        ("a: {[1]: 2}\n", "f.yaml:1:5: a: a key must be text, got a list"),
        (
            "a: !!python/object/apply:os.system ['true']\n",
            "f.yaml:1:4: a: the tag !!python",
        ),
        ("a: !thing 3\n", "f.yaml:1:4: a: the tag !thing is not allowed"),
        ("a: !!bool yes\n", "f.yaml:1:4: a: the tag !!bool is not allowed"),
        ("a: !!set {x, y}\n", "f.yaml:1:4: a: the tag !!set is not allowed"),
        ("a: *missing\n", "f.yaml:1:4: found undefined alias"),
        ("a: 1\nb: \x00\n", "f.yaml:2:1: the character #x0000 is not allowed"),
    ],
)
def test_unacceptable_documents_are_refused_with_their_position(text, start):
    message = refusal(text)
    assert message.startswith(start)
    assert "\n" not in message


def test_aliases_repeat_a_value():
    assert parse_yaml("a: &x {b: 1}\nc: *x\n", source="f").values["c"] == {"b": 1}


def test_an_alias_bomb_is_refused_in_less_than_a_second():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    # Time of this process: others may have the processor meanwhile.
    start = time.process_time()
    assert "too large" in refusal("\n".join(lines))
    assert time.process_time() - start < 1.0


def test_an_alias_to_its_own_list_is_refused():
    assert "too large" in refusal("a: &x [*x]\n")


def test_deep_nesting_is_refused_before_it_exhausts_the_stack():
    assert "too large" in refusal("a: " + "[" * 100_000)


def test_files_over_one_mebibyte_are_refused_unread(tmp_path):
    file = tmp_path / "big.yaml"
    file.write_bytes(b"a: 1\n" + b"#" * (1 << 20))
    with pytest.raises(ConfigError, match="larger than 1048576 bytes"):
        load_yaml(file)


def test_files_in_another_encoding_are_refused_with_the_line(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: grün\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.yaml:2:1: not UTF-8"):
        load_yaml(file)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: [2]\r\n")
    assert load_yaml(file).values == {"a": 1, "b": [2]}


def test_a_folder_is_refused_as_a_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the file: is a directory"):
        load_yaml(tmp_path)


def test_every_key_and_element_has_its_position():
    text = "a: 1\nb:\n  - c: 2\n  - 3\n"
    found = {k: str(p) for k, p in parse_yaml(text, source="f").positions.items() if k}
    assert found == {
        ("a",): "f:1:1",
        ("b",): "f:2:1",
        ("b", 0): "f:3:5",
        ("b", 0, "c"): "f:3:5",
        ("b", 1): "f:4:5",
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain_data_of_other_yaml_writers_reads_the_same(number):
    text = yaml.safe_dump({"x": number})
    read = parse_yaml(text, source="f").values["x"]
    assert math.isclose(read, number, rel_tol=0, abs_tol=0)
