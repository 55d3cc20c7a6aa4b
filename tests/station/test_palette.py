"""Colours that everybody can read, and states that do not lean on colour."""

import pytest

from iml_robot.core.types import Mode
from iml_robot.station.palette import BLACK, DARK, THEMES, WHITE, contrast, ink_on

LEAST = {"dark": 4.5, "light": 4.5, "contrast": 7.0}
"""Contrast of text by theme: WCAG 2.1, AA and AAA."""

themes = pytest.mark.parametrize("name", list(THEMES))


def test_contrast_agrees_with_known_values():
    # Black on white is 21 by definition; #767676 on white is the well-known grey of 4.54.
    assert contrast(BLACK, WHITE) == pytest.approx(21.0)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.005)


def test_ink_is_black_on_light_and_white_on_dark_colours():
    assert ink_on((240, 228, 66)) == BLACK
    assert ink_on((0, 60, 120)) == WHITE


@themes
def test_every_mode_has_a_style_with_its_own_word_shape_and_colour(name):
    modes = THEMES[name].modes
    assert set(modes) == set(Mode)
    for part in ("word", "shape", "colour"):
        assert len({getattr(style, part) for style in modes.values()}) == len(Mode)


@themes
def test_words_and_shapes_of_the_modes_are_the_same_in_every_theme(name):
    for mode, style in THEMES[name].modes.items():
        usual = DARK.modes[mode]
        assert (style.word, style.shape) == (usual.word, usual.shape)


@themes
@pytest.mark.parametrize("mode", list(Mode))
def test_words_in_the_banner_are_readable(name, mode):
    style = THEMES[name].modes[mode]
    assert contrast(style.ink, style.colour) >= LEAST[name]


@pytest.mark.parametrize("ground", ["background", "card"])
@pytest.mark.parametrize("ink", ["text", "quiet", "warning"])
@themes
def test_figures_are_readable(name, ink, ground):
    theme = THEMES[name]
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= LEAST[name]


@pytest.mark.parametrize("ground", ["background", "card"])
@pytest.mark.parametrize("shape", ["policy", "operator", "applied", "alarm"])
@themes
def test_shapes_stand_out(name, shape, ground):
    theme = THEMES[name]
    assert contrast(getattr(theme, shape), getattr(theme, ground)) >= 3.0


@themes
@pytest.mark.parametrize("mode", list(Mode))
def test_the_frame_stands_out_from_the_window(name, mode):
    # The stripes of the emergency stop bring a white of their own.
    style, ground = THEMES[name].modes[mode], THEMES[name].background
    edges = (style.colour, WHITE) if style.hatched else (style.colour,)
    assert max(contrast(edge, ground) for edge in edges) >= 3.0
