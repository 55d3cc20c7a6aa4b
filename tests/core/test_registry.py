"""Plugins are found by file name and loaded when used."""

import sys
import textwrap

import pytest

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean, option_names


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A package with two plugins and one subpackage, and its registry."""
    folder = tmp_path / "some_plugins"
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(
        "from iml_robot.core.registry import Registry\n"
        "SHAPES = Registry('shape', 'some_plugins')\n"
    )
    (folder / "circle.py").write_text(
        textwrap.dedent(
            """
            from some_plugins import SHAPES
            @SHAPES.register("circle")
            class Circle:
                def __init__(self, scale, *, radius_m=1.0):
                    if radius_m <= 0:
                        raise ValueError(f"radius_m must be positive, got {radius_m}")
                    self.size = scale * radius_m
            """
        )
    )
    (folder / "broken.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    import some_plugins

    yield some_plugins.SHAPES
    for name in [n for n in sys.modules if n.startswith("some_plugins")]:
        del sys.modules[name]


def test_plugins_are_listed_without_being_imported(plugins):
    assert plugins.names() == ["broken", "circle"]
    assert "some_plugins.circle" not in sys.modules


def test_a_plugin_gets_arguments_of_the_program_and_options_of_the_user(plugins):
    assert plugins.build("circle", 2.0, options={"radius_m": 3.0}).size == 6.0
    assert plugins.build("circle", 2.0).size == 2.0


def test_an_unknown_plugin_is_refused_with_a_suggestion(plugins):
    message = (
        r"no shape is called 'circel'; did you mean 'circle'\? \(known: broken, circle\)"
    )
    with pytest.raises(UsageError, match=message):
        plugins.build("circel")


def test_an_unknown_option_is_refused_with_a_suggestion(plugins):
    message = r"shape 'circle' has no option 'radius'; did you mean 'radius_m'\?"
    with pytest.raises(UsageError, match=message):
        plugins.build("circle", 1.0, options={"radius": 1})


def test_an_option_that_the_plugin_refuses_is_a_mistake_of_the_user(plugins):
    with pytest.raises(
        UsageError, match="shape 'circle': radius_m must be positive, got -1"
    ):
        plugins.build("circle", 1.0, options={"radius_m": -1})


def test_a_plugin_from_outside_is_given_by_its_path(plugins):
    built = plugins.build("fractions:Fraction", 3)
    assert built == 3


@pytest.mark.parametrize("path", ["no_such_module:X", "fractions:NoSuchClass"])
def test_a_path_that_leads_nowhere_is_refused(plugins, path):
    with pytest.raises(UsageError, match=f"cannot load shape '{path}'"):
        plugins.get(path)


def test_suggestions_are_given_only_where_something_is_close():
    known = ["takeover", "blend"]
    close = "; did you mean 'takeover'? (known: blend, takeover)"
    assert did_you_mean("takover", known) == close
    assert did_you_mean("xyz", known) == " (known: blend, takeover)"


def test_options_are_the_keyword_only_arguments():
    def plugin(first, second=2, *rest, third, fourth=4, **more):
        """Do nothing."""

    assert option_names(plugin) == ["third", "fourth"]


class Shape:
    def __init__(self, scale, *, colour="red", size_m=1.0):
        """Take what every shape takes."""


class Round(Shape):
    def __init__(self, scale, *, radius_m=1.0, **usual):
        """Take one option more."""
        super().__init__(scale, **usual)


class Disc(Round):
    """Takes what round shapes take."""


class Ring(Disc):
    def __init__(self, scale, *, width_m=0.1, colour="blue", **usual):
        """Take another option and change a default."""
        super().__init__(scale, colour=colour, **usual)


class Dot(Ring):
    def __init__(self, scale, *, colour="black"):
        """Take one option and hand on no others."""
        super().__init__(scale, colour=colour)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        (Shape, ["colour", "size_m"]),
        (Round, ["radius_m", "colour", "size_m"]),
        (Disc, ["radius_m", "colour", "size_m"]),
        (Ring, ["width_m", "colour", "radius_m", "size_m"]),
        (Dot, ["colour"]),
    ],
)
def test_options_that_a_class_hands_on_to_the_one_above_it_are_its_options(shape, options):
    assert option_names(shape) == options


def test_a_refusal_names_options_that_are_handed_on_too(plugins, tmp_path):
    (tmp_path / "some_plugins" / "ellipse.py").write_text(
        textwrap.dedent(
            """
            from some_plugins import SHAPES
            from some_plugins.circle import Circle
            @SHAPES.register("ellipse")
            class Ellipse(Circle):
                def __init__(self, scale, *, ratio=2.0, **usual):
                    super().__init__(scale, **usual)
                    self.size *= ratio
            """
        )
    )
    options = {"ratio": 3.0, "radius_m": 0.5}
    assert plugins.build("ellipse", 2.0, options=options).size == 3.0
    with pytest.raises(UsageError, match=r"\(known: radius_m, ratio\)"):
        plugins.build("ellipse", 2.0, options={"rdius": 1.0})
