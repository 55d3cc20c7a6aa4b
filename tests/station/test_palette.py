"""Colours that everybody can read, and states that do not lean on colour."""

import pytest

from iml_robot.core.types import Mode
from iml_robot.station.palette import (
    BACKGROUND,
    BLACK,
    CARD,
    MODE_STYLES,
    QUIET,
    TEXT,
    WHITE,
    YELLOW,
    contrast,
)


def test_contrast_agrees_with_known_values():
    # Black on white is 21 by definition; #767676 on white is the well-known grey of 4.54.
    assert contrast(BLACK, WHITE) == pytest.approx(21.0)
    assert contrast((0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.005)


def test_every_mode_has_a_style_with_its_own_word_shape_and_colour():
    assert set(MODE_STYLES) == set(Mode)
    for part in ("word", "shape", "colour"):
        assert len({getattr(style, part) for style in MODE_STYLES.values()}) == len(Mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_words_in_the_banner_are_readable(mode):
    style = MODE_STYLES[mode]
    assert contrast(style.ink, style.colour) >= 4.5


@pytest.mark.parametrize("ink", [TEXT, QUIET, YELLOW])
@pytest.mark.parametrize("ground", [BACKGROUND, CARD])
def test_figures_in_the_panel_are_readable(ink, ground):
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("mode", list(Mode))
def test_the_frame_stands_out_from_the_dark_window(mode):
    # Graphics need 3 to 1; the stripes of the emergency stop bring their own white.
    style = MODE_STYLES[mode]
    edge = WHITE if style.hatched else style.colour
    assert contrast(edge, BACKGROUND) >= 3.0
