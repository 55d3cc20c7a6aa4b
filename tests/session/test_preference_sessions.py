"""Questions in the breaks of a session, and about a session that is over."""

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.cli import main
from iml_robot.core.config import RunConfig
from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Answer, Purpose, Reply, WeightEdit, Wish
from iml_robot.data.store import SessionStore
from iml_robot.questioning import QUESTIONERS
from iml_robot.rewards.model import RewardModel
from iml_robot.robots.environment import make_env
from iml_robot.robots.replays import Replays
from iml_robot.session.preferences.building import build_preferences
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.question_break import QuestionBreak
from iml_robot.session.preferences.reward_learning import RewardLearning

pytestmark = pytest.mark.slow

POINT = "iml_robot_envs:iml/Point-v0"
ASKING = ("--set", "preferences={questions: 4, segment_s: 1.0}", "--set", "evaluation=[]")


def command(*arguments):
    """Return the exit code of iml-robot with these arguments."""
    try:
        return main([*map(str, arguments)])
    except SystemExit as leaving:
        return leaving.code


def drive(folder, episodes, *more):
    arguments = ("run", "point", "--operator", "simulated", "--episodes", episodes, "--out")
    assert command(*arguments, folder, *ASKING, *more) in (0, None)
    return folder


def replies_in(folder):
    """Return what a session's record says was asked and answered."""
    with SessionStore.read(folder / "session.db") as store:
        events = store.events()
    return [event.detail for event in events if event.kind == "reply"]


def last_reward(folder):
    return RewardModel.load(max((folder / "rewards").iterdir()))


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session of four episodes with four questions in each break."""
    return drive(tmp_path_factory.mktemp("asked") / "session", 4)


def test_each_break_asks_no_more_than_it_may_and_keeps_every_answer(session):
    told = replies_in(session)
    assert 4 < len(told) <= 16
    assert [reply["question"] for reply in told] == list(range(len(told)))
    assert {reply["annotator"] for reply in told} == {"human_like"}
    assert all(reply["left"] != reply["right"] for reply in told)


def test_each_break_leaves_the_reward_that_it_learned(session):
    first, *_, last = (RewardModel.load(p) for p in sorted((session / "rewards").iterdir()))
    assert last.version > first.version
    assert np.linalg.det(last.posterior.covariance) < np.linalg.det(
        first.posterior.covariance
    )


def test_the_report_says_what_the_answers_changed(session):
    report = (session / "report.md").read_text()
    assert "answered (" in report
    assert "weights: " in report


def test_a_session_that_is_taken_up_again_goes_on_asking_as_if_it_had_not_stopped(
    session, tmp_path
):
    stopped = drive(tmp_path / "stopped", 2)
    assert command("run", "--resume", stopped, "--episodes", 4) in (0, None)
    assert replies_in(stopped) == replies_in(session)
    one, other = last_reward(stopped), last_reward(session)
    assert np.allclose(one.posterior.mean, other.posterior.mean, atol=1e-9)


def test_labelling_goes_on_with_the_numbers_and_takes_edits(session, tmp_path, capsys):
    before = replies_in(session)
    arguments = ("label", session, "--annotator", "oracle", "--questions", 3)
    assert command(*arguments, "--edit", "progress=2.5") in (0, None)
    added = replies_in(session)[len(before) :]
    assert 0 < len(added) <= 3
    assert {reply["annotator"] for reply in added} == {"oracle"}
    assert added[0]["question"] == len(before)
    assert last_reward(session).weights["progress"] == pytest.approx(2.5, abs=1.0)
    assert "progress" in capsys.readouterr().out
    assert command("label", session, "--questions", 0, "--edit", "progress=") in (0, None)
    assert last_reward(session).weights["progress"] < 2.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--edit", "progres=1"), "did you mean 'progress'"),
        (("--edit", "progress=nan"), "finite"),
        (("--edit", "progress"), "feature=weight"),
        (("--annotator", "nobody"), "no annotator is called 'nobody'"),
    ],
)
def test_wrong_words_are_refused_with_one_line(session, arguments, message, capsys):
    known = len(replies_in(session))
    words = (
        arguments if "--annotator" in arguments else ("--annotator", "oracle", *arguments)
    )
    assert command("label", session, *words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
    assert len(replies_in(session)) == known


def test_an_environment_without_features_cannot_be_asked_about(tmp_path):
    config = RunConfig.model_validate({"env": {"id": "Pendulum-v1"}, "preferences": 3})
    with (
        SessionStore.create(tmp_path / "new.db") as store,
        pytest.raises(UsageError, match=r"Pendulum-v1 has no reward features.*questions"),
    ):
        build_preferences(config, make_env("Pendulum-v1"), folder=tmp_path, store=store)


class Scripted:
    """Answers as it was told; "undo" and "leave" are wishes, None is nobody."""

    name = "scripted"
    progress = ""

    def __init__(self, *says):
        self.says, self.asked, self.announced = list(says), [], []

    def answer(self, question):
        self.asked.append(question)
        self.announced.append(self.progress)
        said = self.says.pop(0)
        return (
            Reply(question, said, annotator="scripted")
            if isinstance(said, Answer)
            else said
        )


@pytest.fixture
def asking(session, tmp_path):
    """A break about the recorded episodes, and what learns from it, with a new journal."""
    env = make_env(POINT)
    features = env.get_wrapper_attr("reward_features")
    with (
        SessionStore.read(session / "session.db") as read,
        SessionStore.create(tmp_path / "new.db") as store,
    ):
        learning = RewardLearning(features, Journal(store), Replays(POINT), dt=0.05, seed=0)
        questioner = QUESTIONERS.build("random", learning.scale, options={"seed": 3})
        yield (
            QuestionBreak(learning, questioner, segment_s=1.0, dt=0.05),
            learning,
            (read.episodes()),
            store,
        )


def test_an_answer_that_is_taken_back_does_not_count(asking):
    holding, learning, episodes, store = asking
    scripted = Scripted(Answer.LEFT, Wish.UNDO, Answer.RIGHT, Answer.EQUAL)
    result = holding.hold(episodes, scripted, most=2)
    assert [r.answer for r in learning.replies] == [Answer.RIGHT, Answer.EQUAL]
    first, _, again, _ = scripted.asked
    assert again == first
    numbers = [f"question {number} of 2 at most" for number in (1, 2, 1, 2)]
    assert scripted.announced == numbers
    assert +result.answers == {Answer.RIGHT: 1, Answer.EQUAL: 1}
    store.flush()
    kept = Journal(store).replies(episodes)
    assert [reply.answer for reply in kept] == [Answer.RIGHT, Answer.EQUAL]


def test_who_leaves_has_answered_nothing_more(asking):
    holding, learning, episodes, _ = asking
    result = holding.hold(episodes, Scripted(Answer.LEFT, Wish.LEAVE), most=9)
    assert result.asked == len(learning.replies) == 1
    assert result.ended


def test_who_takes_an_answer_back_and_leaves_has_not_answered(asking):
    holding, learning, episodes, _ = asking
    holding.hold(episodes, Scripted(Answer.LEFT, Wish.UNDO, Wish.LEAVE), most=9)
    assert learning.replies == []
    assert np.array_equal(learning.model.posterior.mean, learning.shipped.mean)


def test_a_question_that_could_not_be_shown_is_no_answer_and_comes_no_more(asking):
    holding, learning, episodes, _ = asking
    scripted = Scripted(None, None, Answer.RIGHT)
    result = holding.hold(episodes, scripted, most=3)
    assert [r.answer for r in learning.replies] == [Answer.RIGHT]
    assert result.unshown == 2
    places = [{(s.episode_id, s.start) for s in (q.left, q.right)} for q in scripted.asked]
    assert len(set(map(frozenset, places))) == 3


def test_those_who_cannot_tell_move_no_weight_and_are_remembered(asking):
    holding, learning, episodes, _ = asking
    holding.hold(episodes, Scripted(Answer.CANT_TELL, Answer.SKIP), most=2)
    assert np.array_equal(learning.model.posterior.mean, learning.shipped.mean)
    assert len(learning.replies) == 2


def test_the_last_edit_of_a_weight_counts_and_can_be_taken_back(asking):
    _, learning, _, _ = asking
    learning.edit([WeightEdit("progress", 3.0)])
    learning.edit([WeightEdit("progress", -1.0)])
    assert learning.model.weights["progress"] == pytest.approx(-1.0, abs=0.3)
    assert learning.edits == (WeightEdit("progress", -1.0),)
    learning.edit([])
    assert learning.edits == ()
    assert np.allclose(learning.model.posterior.mean, learning.shipped.mean, atol=1e-6)


def test_an_edit_says_the_same_as_if_all_had_been_fitted_anew(asking):
    holding, learning, episodes, _ = asking
    scripted = Scripted(*[Answer.LEFT, Answer.EQUAL, Answer.RIGHT] * 3)
    learning.take_in(episodes)
    holding.hold(episodes, scripted, most=9)
    for edits in ([WeightEdit("progress", 3.0)], [WeightEdit("effort", sign=-1)], []):
        version = learning.model.version
        learning.edit(edits)
        assert learning.model.version == version + 1
        found = learning.learned
        learning.update()
        for one, other in (
            (found.model.posterior, learning.model.posterior),
            (found.unedited, learning.learned.unedited),
        ):
            assert np.array_equal(one.mean, other.mean)
            assert np.array_equal(one.covariance, other.covariance)
        assert found.conflicts == learning.learned.conflicts


def test_purposes_are_kept(session):
    known = {purpose.value for purpose in Purpose}
    assert {reply["purpose"] for reply in replies_in(session)} <= known


class Foreign(gym.Env):
    """Somebody's sledge: one feature breaks now and then, another never changes."""

    observation_space = gym.spaces.Box(-10, 10, (2,), np.float32)
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)
    control_dt = 0.05

    def __init__(self):
        told = {"meaning": "somebody's", "unit": "", "mean": 0, "std": 1, "weight": 0.5}
        self.reward_features = {
            "speed": told,
            "broken": told,
            "constant": {**told, "mean": 3, "std": 0},
        }

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._x, self._steps = float(self.np_random.uniform(-1, 1)), 0
        return np.array([self._x, 0.0], np.float32), {}

    def step(self, action):
        self._x += 0.05 * float(action[0])
        self._steps += 1
        # Two seconds of every six.
        broken = np.nan if self._steps % 120 < 40 else self._x
        features = np.array([abs(float(action[0])), broken, 3.0], np.float32)
        seen = np.array([self._x, float(action[0])], np.float32)
        info = {"features": features}
        return seen, 0.0, False, self._steps >= 240, info

    def make_pilot(self):
        return ForeignPilot()


class ForeignPilot:
    """Slides to the middle; is alarmed all the time, so that it takes over."""

    def reset(self, *, seed):
        pass

    def act(self, observation):
        return np.clip(-observation[:1], -1, 1).astype(np.float32)

    def risk(self, observation, action):
        return 1.0


def test_features_that_are_no_numbers_or_constant_are_left_out_and_never_spread(
    tmp_path, capfd
):
    gym.register("Foreign-v0", Foreign)
    config = tmp_path / "foreign.yaml"
    config.write_text("env: {id: Foreign-v0}\nlearner: {name: hg_dagger, updates: 5}\n")
    asking = ("--set", "preferences={questions: 3, segment_s: 1.0, questioner: random}")
    arguments = ("run", config, "--operator", "simulated", "--episodes", 2)
    folder = tmp_path / "session"
    assert command(*arguments, *asking, "--out", folder) in (0, None), (
        capfd.readouterr().err
    )
    told = replies_in(folder)
    assert told
    with SessionStore.read(folder / "session.db") as store:
        known = {e.info.episode_id: e.features for e in store.episodes()}
    assert any(np.isnan(features).any() for features in known.values())
    for reply in told:
        for side in (reply["left"], reply["right"]):
            shown = known[side["episode"]][side["start"] : side["start"] + side["steps"]]
            assert np.isfinite(shown).all()
    weights = last_reward(folder).posterior
    assert np.isfinite(weights.mean).all()
    assert np.isfinite(weights.covariance).all()
    report = (folder / "report.md").read_text()
    assert "broken is no number at 80 of 240 steps" in report
    # Nothing can be learned of what never differs.
    assert weights.mean[2] == pytest.approx(0.5)


AGAINST = "{name: oracle, weights: {progress: -1.0}}"
REWARDED = (
    "--set", f"preferences={{questions: 4, segment_s: 1.0, annotator: {AGAINST}}}",
    "--set", "evaluation=[]",
    "--set", "learner={name: preference_sac, practice_steps: 300, updates: 5, "
    "settings: {anew_steps: 20, hidden: [16, 16], warm_up: 50}}",
)  # fmt: skip


def decisions_in(folder):
    """Return which policies were accepted or refused, in order."""
    with SessionStore.read(folder / "session.db") as store:
        events = store.events()
    told = [e for e in events if e.kind in ("policy_accepted", "policy_refused")]
    return [(e.kind, e.detail["reason"], e.detail["refused"]) for e in told]


def test_whoever_is_asked_decides_whether_a_rewarded_policy_drives(tmp_path):
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    words = ("run", "point", "--operator", "simulated", *REWARDED)
    assert command(*words, "--episodes", 2, "--out", straight) in (0, None)
    told = replies_in(straight)
    compared = [reply for reply in told if reply["purpose"] == "policies"]
    assert 2 <= len(compared) <= 4
    assert len(told) - len(compared) <= 4
    decisions = decisions_in(straight)
    # Whoever likes to go away from goals prefers the policy that has learned nothing.
    kind, reason, refused = decisions[0]
    assert (kind, refused) == ("policy_refused", "0001-refused.safetensors")
    assert "of 2 pairs shown to people, 0 speak for it, 2 for the one before" in reason
    assert (
        f"policy 0 stays, its successor refused: {reason}"
        in (straight / "report.md").read_text()
    )
    assert command(*words, "--episodes", 1, "--out", stopped) in (0, None)
    assert command("run", "--resume", stopped, "--episodes", 2) in (0, None)
    assert replies_in(stopped) == told
    assert decisions_in(stopped) == decisions
