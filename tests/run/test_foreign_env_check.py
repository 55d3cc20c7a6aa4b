"""`iml-robot check` finds out early what would stop a session in its first second."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Box

from iml_robot.cli import main
from iml_robot.cli.environment_check import check_environment
from iml_robot.core.config import load_config
from iml_robot.core.errors import UsageError
from iml_robot.core.resources import shipped_names
from iml_robot.robots.action_names import named
from iml_robot.robots.environment import extra, make_env


class Shy(gym.Env):
    """Draws itself as text only."""

    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012
    observation_space = Box(-1, 1, (3,))
    action_space = Box(-1, 1, (3,))


gym.register("Shy-v0", entry_point=Shy)


def checked(folder, text, name="trial.yaml"):
    file = folder / name
    file.write_text(text)
    check_environment(load_config(file))


HUMAN = "operator: {name: human}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("env: {id: Shy-v0}\n" + HUMAN, "render mode 'rgb_array': it has ansi"),
        ("env: {id: Pendulum-v1}\n", r"offers no pilot .* operator: human"),
        ("env: {id: CartPole-v1}\n" + HUMAN, r"set env.actions, for example to \{LEFT"),
        ("env: {id: CartPole-v1, actions: {LEFT: 2}}\n" + HUMAN, "no action 2"),
        ("env: {id: CartPole-v1, actions: {Left: 0}}\n" + HUMAN, "no key is called 'Left'"),
        (
            "env: {id: Pendulum-v1, actions: {LEFT: 0}}\n" + HUMAN,
            "are steered and not numbered; set operator.axes",
        ),
        ("env: {id: Pendulum-v1, names: [a, b]}\n" + HUMAN, "has 2 names .* has 1 parts"),
        ("env: {id: Pendulum-v1, neutral: 0}\n" + HUMAN, "leave '.neutral=' away"),
        (
            "env: {id: 'iml_robot_envs:iml/Point-v0', neutral: 0}\n",
            "for numbered actions, and those of .* are steered",
        ),
        ("env: {id: Nothing-v0}\n", "cannot make the environment 'Nothing-v0'"),
    ],
)
def test_what_does_not_fit_is_said_in_words(tmp_path, text, words):
    with pytest.raises(UsageError, match=words):
        checked(tmp_path, text)


@pytest.mark.parametrize("name", shipped_names("configs"))
def test_every_shipped_configuration_fits_its_environment(name):
    check_environment(load_config(name))


def test_the_command_refuses_with_one_line_and_the_exit_code_of_wrong_usage(
    tmp_path, capsys
):
    file = tmp_path / "shy.yaml"
    file.write_text("env: {id: Shy-v0}\noperator: {name: human}\n")
    assert main(["check", str(file)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "add that mode, or run with --operator simulated" in line


def test_names_of_the_configuration_are_those_that_everybody_sees():
    env = named(make_env("MountainCar-v0?neutral=1"), ["back", "nothing", "ahead"])
    assert extra(env, "action_names") == ("back", "nothing", "ahead")
    env.reset(seed=0)
    assert env.step(np.float32([0, 0, 0]))[0] in env.observation_space
    assert named(env, ()) is env
