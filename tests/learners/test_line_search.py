"""How far a learner goes on the way to the weights that training found."""

import pytest

from iml_robot.learners.cloning.line_search import Found, best_step


def search(coped, *, before=10, enough=18):
    """Return what is found among policies that cope as told, and which were tried."""
    tried, told, parts = [], iter(coped), []

    def drive(share, beyond):
        tried.append((share, beyond))
        return next(told)

    found = best_step(drive, before=before, enough=enough, on_progress=parts.append)
    assert parts == sorted(parts)
    assert all(0 <= part <= 1 for part in parts)
    return found, tried


@pytest.mark.parametrize(
    ("coped", "found", "shares"),
    [
        # Enough at once: nothing else is tried.
        ((18,), Found(1.0, 18), [1.0]),
        # Farther is not better.
        ((14, 14), Found(1.0, 14), [1.0, 2.0]),
        ((14, 16, 15), Found(2.0, 16), [1.0, 2.0, 4.0]),
        ((14, 16, 17), Found(4.0, 17), [1.0, 2.0, 4.0]),
        ((14, 18), Found(2.0, 18), [1.0, 2.0]),
        # A part of the way is better than all of it; beyond that lies what was tried.
        ((9, 12), Found(0.5, 12), [1.0, 0.5]),
        ((9, 10, 11), Found(0.25, 11), [1.0, 0.5, 0.25]),
        # Nothing is better: the best is told, and whoever asked refuses it.
        ((9, 10, 8), Found(0.5, 10), [1.0, 0.5, 0.25]),
        ((0, 0, 0), Found(1.0, 0), [1.0, 0.5, 0.25]),
    ],
)
def test_the_longest_step_that_is_better_is_taken(coped, found, shares):
    best, tried = search(coped)
    assert best == found
    assert [share for share, _ in tried] == shares


def test_each_policy_is_told_what_it_has_to_beat():
    _, tried = search((14, 16, 17))
    assert [beyond for _, beyond in tried] == [10, 14, 16]
