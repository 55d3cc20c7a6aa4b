"""The rules that hold for every sequence of questions."""

from collections import Counter

import numpy as np
import pytest
from asked_questions import (
    NOISE,
    PERIOD_S,
    SCALE,
    build,
    episode,
    episodes,
    key,
    session,
    sure,
    told,
    wide,
)

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Purpose, Reply
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.pool import Pool
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior

EVERY = pytest.mark.parametrize("name", QUESTIONERS.names())


def purposes(asked):
    return Counter(question.purpose for question in asked)


@EVERY
def test_questions_are_numbered_and_compare_two_parts_of_one_stage(name):
    stages = {}
    for one in episodes():
        for start in range(0, 400, 40):
            stages[one.info.episode_id, start] = start / 400
    asked = session(build(name))
    assert [question.question_id for question in asked] == list(range(100))
    for question in asked:
        left, right = key(question.left), key(question.right)
        assert left != right
        assert abs(stages[left[:2]] - stages[right[:2]]) <= 0.15 + 1e-9


@EVERY
def test_a_segment_is_shown_in_three_questions_at_most(name):
    few = Pool.of_episodes(episodes(4), PERIOD_S)
    asked = session(build(name), count=200, offered=few)
    uses = Counter(key(s) for q in asked for s in (q.left, q.right))
    assert max(uses.values()) <= 3
    # There are 40 segments, which are 60 questions; then there is nothing left to ask.
    assert 40 <= len(asked) <= 60


@EVERY
def test_a_pair_comes_again_only_as_a_repeat(name):
    asked = [q for q in session(build(name), count=60) if q.repeats is None]
    pairs = [frozenset((key(q.left), key(q.right))) for q in asked]
    assert len(set(pairs)) == len(pairs)


@EVERY
def test_questions_depend_on_the_seed_and_what_was_heard_alone(name):
    first = session(build(name, seed=4), count=40)
    assert told(session(build(name, seed=4), count=40)) == told(first)
    resumed = build(name, seed=4)
    for question in first[:25]:
        resumed.hear(Reply(question, Answer.LEFT))
    assert told(session(resumed, count=15)) == told(first[25:])
    assert told(session(build(name, seed=5), count=40)) != told(first)


@EVERY
def test_a_question_stands_until_it_is_answered(name):
    questioner = build(name)
    session(questioner, count=5)
    first, second = (questioner.propose(wide(), NOISE) for _ in range(2))
    assert told([first]) == told([second])


@EVERY
def test_another_reply_to_a_question_counts_as_one(name):
    once, twice = build(name), build(name)
    asked = session(once, count=10)
    for question in asked:
        twice.hear(Reply(question, Answer.RIGHT))
        twice.hear(Reply(question, Answer.LEFT))
    twice.offer(Pool.of_episodes(episodes(), PERIOD_S))
    first, second = (one.propose(wide(), NOISE) for one in (once, twice))
    assert told([first]) == told([second])


def test_fixed_shares_are_random_mirrored_and_clear():
    known = Posterior(
        wide().names, np.array([3.0, -2.0, -1.0, 0.5]), np.diag([0.5, 0.5, 0.5, 0.5])
    )
    seen = purposes(session(build(), count=200, posterior=known))
    shares = {Purpose.RANDOM: 40, Purpose.MIRRORED: 20, Purpose.GOLD: 10}
    # Where two are due, one comes a question later.
    for purpose, count in shares.items():
        assert count - 1 <= seen[purpose] <= count
    assert seen[Purpose.INFORMATIVE] == 200 - sum(seen[p] for p in shares)


def test_mirrored_repeats_swap_the_sides_of_a_question_ten_or_more_before():
    asked = session(build(), count=200)
    repeats = [q for q in asked if q.purpose is Purpose.MIRRORED]
    assert len(repeats) == 20
    assert len({q.repeats for q in repeats}) == 20
    for question in repeats:
        first = asked[question.repeats]
        assert (question.left, question.right) == (first.right, first.left)
        # Ten others lie between the two.
        assert question.question_id - question.repeats > 10
        assert first.repeats is None


def test_questions_without_an_answer_are_not_repeated():
    open_ = {Answer.SKIP, Answer.CANT_TELL}
    answers = [Answer.SKIP, Answer.LEFT, Answer.CANT_TELL, Answer.EQUAL]
    asked = session(build(), count=150, said=lambda q: answers[q.question_id % 4])
    repeats = [q for q in asked if q.repeats is not None]
    assert repeats
    assert all(answers[q.repeats % 4] not in open_ for q in repeats)


def test_doubtful_answers_are_repeated_first():
    questioner = build()
    asked = session(questioner, count=18)
    doubtful = [q for q in asked if q.repeats is None][:6]
    questioner.ask_again(doubtful)
    repeats = [q for q in session(questioner, count=30) if q.repeats is not None]
    assert repeats[0].purpose is Purpose.SURPRISING
    for question in repeats:
        first = {q.question_id: q for q in doubtful}.get(question.repeats)
        assert (first is None) == (question.purpose is Purpose.MIRRORED)
        if first is not None:
            assert (question.left, question.right) == (first.right, first.left)


def test_gold_questions_are_clear_to_everybody():
    known = Posterior(wide().names, np.array([3.0, -2.0, -1.0, 0.5]), 0.01 * np.eye(4))
    asked = session(build(gold=0.2, least_bits=0.0), count=100, posterior=known)
    gold = [q for q in asked if q.purpose is Purpose.GOLD]
    assert len(gold) in (19, 20)
    for question in gold:
        difference = question.left.mean - question.right.mean
        assert abs(difference @ known.mean) > 2.8
        assert abs(difference @ known.mean) > 2.8 * 0.1 * np.linalg.norm(difference)


def test_nothing_is_clear_while_nothing_is_known():
    nothing = Posterior(wide().names, np.zeros(4), np.eye(4))
    seen = purposes(session(build(), count=100, posterior=nothing))
    assert seen[Purpose.GOLD] == 0


@pytest.mark.parametrize("name", ["information", "disagreement"])
def test_blind_answers_make_all_chosen_questions_random(name):
    blind = Noise(lapse=0.26)
    seen = purposes(session(build(name), count=100, noise=blind))
    assert seen[Purpose.INFORMATIVE] == 0
    assert seen[Purpose.RANDOM] >= 80
    attentive = Noise(lapse=0.24)
    seen = purposes(session(build(name), count=100, noise=attentive))
    assert seen[Purpose.RANDOM] in (19, 20)


def test_most_pairs_are_new_and_some_corrected_or_older():
    pool = Pool.of_episodes(episodes(40), PERIOD_S)
    newest = set(range(30, 40))
    kinds = Counter()
    for seed in range(30):
        for question in session(build("random", seed=seed), count=10, offered=pool):
            ids = {question.left.episode_id, question.right.episode_id}
            kinds["new" if ids <= newest else "other"] += 1
    # 70 % are new alone; of the 15 % with corrections a sixteenth are so too.
    assert kinds["new"] / kinds.total() == pytest.approx(0.71, abs=0.06)


def test_segments_that_were_corrected_have_their_share():
    pool = Pool.of_episodes(episodes(40), PERIOD_S)
    marked = {key(s) for s, c in zip(pool.segments, pool.corrected, strict=True) if c}
    assert all(start in (80, 120) for _, start, _ in marked)
    seen = []
    for seed in range(30):
        for question in session(build("random", seed=seed), count=10, offered=pool):
            seen.append(bool({key(question.left), key(question.right)} & marked))
    plain = 1 - (1 - 2 / 40) ** 2
    assert np.mean(seen) == pytest.approx(0.15 + 0.85 * plain, abs=0.06)


def test_partners_come_from_the_same_map_where_there_are_some():
    runs = [episode(i, index=i % 2) for i in range(8)]
    asked = session(build("random"), count=60, offered=Pool.of_episodes(runs, PERIOD_S))
    same = [q.left.episode_id % 2 == q.right.episode_id % 2 for q in asked]
    # Half of them would be by chance.
    assert np.mean(same) > 0.8


def test_it_stops_where_no_question_tells_two_hundredths_of_a_bit():
    assert session(build(), posterior=sure()) == []
    assert len(session(build(least_bits=0.0), posterior=sure(), count=5)) == 5
    assert len(session(build("random"), posterior=sure(), count=5)) == 5


@EVERY
def test_without_two_segments_there_is_nothing_to_ask(name):
    for runs in ([], [episode(0, steps=40)], [episode(0, features=0)]):
        pool = Pool.of_episodes(runs, PERIOD_S)
        assert session(build(name), offered=pool) == []


@EVERY
def test_sides_are_random(name):
    left = [q.left.episode_id < q.right.episode_id for q in session(build(name), count=150)]
    assert 0.35 < np.mean(left) < 0.65


@pytest.mark.parametrize(
    "options", [{"random": 0.9, "mirrored": 0.2}, {"gold": -0.1}, {"candidates": 0}]
)
def test_impossible_options_are_refused(options):
    with pytest.raises(UsageError):
        QUESTIONERS.build("information", SCALE, options=options)
