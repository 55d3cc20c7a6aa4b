"""How often each frame is drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import Frames

DRAWS = 6000

kinds_of_groups = st.lists(
    st.lists(st.integers(1, 40), min_size=0, max_size=5), min_size=1, max_size=3
).filter(any)


def frames(sizes, *, kind=0):
    """One group of each size; an observation tells its kind and group."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    observations = np.stack([np.full(len(groups), kind), groups], axis=1)
    return Frames(observations.astype(np.float32), np.zeros((len(groups), 1)), groups)


def mixture(kinds, shares, *, members=1, seed=0):
    rng = np.random.default_rng(seed)
    return Mixture(kinds, shares, members=members, rng=rng)


def drawn_shares(drawn):
    """Share of each (kind, group) in a drawn batch."""
    tags, counts = np.unique(drawn, axis=0, return_counts=True)
    return {
        tuple(tag.astype(int)): n / len(drawn) for tag, n in zip(tags, counts, strict=True)
    }


@settings(max_examples=40, deadline=None)
@given(kinds_of_groups, st.lists(st.floats(0.05, 1), min_size=3, max_size=3))
def test_every_group_of_a_kind_gets_the_same_mass_whatever_its_length(sizes, shares):
    kinds = [frames(group_sizes, kind=k) for k, group_sizes in enumerate(sizes)]
    used = shares[: len(kinds)]
    observations, _, _ = mixture(kinds, used).draw(DRAWS)
    seen = drawn_shares(observations)
    total = sum(share for share, groups in zip(used, sizes, strict=True) if groups)
    for kind, groups in enumerate(sizes):
        for group in range(len(groups)):
            expected = used[kind] / total / len(groups)
            # 5 standard deviations of a binomial share, and one draw.
            margin = 5 * np.sqrt(expected * (1 - expected) / DRAWS) + 1 / DRAWS
            assert abs(seen.get((kind, group), 0.0) - expected) < margin


def test_frames_of_a_group_are_drawn_alike():
    kind = Frames(np.arange(10.0)[:, None], np.zeros((10, 1)), np.zeros(10, np.int64))
    observations, _, _ = mixture([kind], [1.0]).draw(DRAWS)
    counts = np.bincount(observations[:, 0].astype(int), minlength=10)
    assert np.abs(counts / DRAWS - 0.1).max() < 5 * np.sqrt(0.09 / DRAWS)


def test_a_kind_without_a_share_is_never_drawn():
    kinds = [frames([3], kind=0), frames([300], kind=1)]
    observations, _, _ = mixture(kinds, [1.0, 0.0]).draw(500)
    assert not observations[:, 0].any()


def test_an_empty_kind_leaves_its_share_to_the_others():
    kinds = [frames([2, 2], kind=0), frames([], kind=1), frames([4], kind=2)]
    observations, _, _ = mixture(kinds, [0.3, 0.6, 0.1]).draw(DRAWS)
    assert (observations[:, 0] == 0).mean() == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("shares", [(1.0, 1.0), (0.0, 0.0)])
def test_no_frames_at_all_are_an_error(shares):
    sizes = [] if shares[0] else [4]
    with pytest.raises(ValueError, match="no frames"):
        mixture([frames(sizes), frames(sizes)], shares)


def test_labels_and_weights_belong_to_their_observations():
    kind = frames([5, 1, 7, 2])
    labelled = Frames(kind.observations, kind.observations * 10, kind.groups)
    observations, labels, weights = mixture([labelled], [1.0], members=6).draw(300)
    np.testing.assert_array_equal(labels, observations * 10)
    assert weights.shape == (6, 300)
    for group in range(4):
        in_group = weights[:, observations[:, 1] == group]
        assert (in_group == in_group[:, :1]).all(), "a member sees a group or does not"


def test_members_see_different_groups_but_all_of_them_a_little():
    _, _, weights = mixture([frames([1] * 400)], [1.0], members=5).draw(DRAWS)
    assert weights.min() == 0.5
    # Half of it is constant, half Poisson with mean 1: variance 1/4.
    assert weights.mean() == pytest.approx(1.0, abs=0.05)
    assert weights.var() == pytest.approx(0.25, abs=0.05)
    assert not (weights == weights[:1]).all()


def test_the_same_stream_draws_the_same():
    first, second = (mixture([frames([3, 9])], [1.0], members=2, seed=4) for _ in range(2))
    for one, other in zip(first.draw(50), second.draw(50), strict=True):
        np.testing.assert_array_equal(one, other)
