"""Streams by name: the same name the same numbers, another name other ones."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from iml_robot.core.seeding import named_seed, named_stream


@given(
    st.integers(0, 2**40),
    st.lists(st.one_of(st.integers(0, 99), st.text("ab/", max_size=3))),
)
def test_a_seed_depends_on_its_name_alone_and_fits_32_bits(root, names):
    seed = named_seed(root, *names)
    assert seed == named_seed(root, *names)
    assert 0 <= seed < 2**32


def test_streams_of_different_names_are_different():
    names = [(), ("episode",), ("episode", 1), ("episode", 2), ("map", 1)]
    draws = [named_stream(0, *name).random() for name in names] + [named_stream(1).random()]
    assert all(a != b for a, b in itertools.combinations(draws, 2))


def test_seeds_stay_the_same_from_version_to_version():
    # Little-endian first four bytes of SHA-256, from `printf 0/episode/7 | sha256sum`.
    assert named_seed(0, "episode", 7) == int.from_bytes(
        bytes.fromhex("0d4f21b2"), "little"
    )
