"""Themes: the colours of the window, and how each state looks.

The colours of the dark theme are those of Okabe and Ito (Color Universal Design, 2008),
which people with any common colour vision can tell apart; the others are made from them.
Text has a contrast of 4.5 to 1 to what it stands on, in the theme "contrast" 7 to 1, and
shapes have 3 to 1 (WCAG 2.1, AA and AAA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iml_robot.core.types import Mode

Colour = tuple[int, int, int]

ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
YELLOW: Colour = (240, 228, 66)
BLUE: Colour = (0, 114, 178)
VERMILION: Colour = (213, 94, 0)
PURPLE: Colour = (204, 121, 167)

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
# White on vermilion reaches 3.9 only; this is vermilion, darkened until it reaches 7.
STOP_RED: Colour = (158, 40, 0)


@dataclass(frozen=True, slots=True)
class ModeStyle:
    """How a state of the arbiter looks.

    Attributes:
        word: Its name in the banner.
        shape: Its shape: circle, square, triangle, bars, octagon, hexagon, cross or
            diamond.
        colour: Its colour, for banner, frame and the applied path.
        ink: Colour of text and shape on `colour`.
        hatched: Whether `colour` is crossed by stripes.
        meaning: One line for the help page.
    """

    word: str
    shape: str
    colour: Colour
    ink: Colour
    hatched: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a window by what they are for.

    Attributes:
        background: Behind everything.
        card: Behind what belongs together.
        line: Borders.
        text: What is read.
        quiet: What is read second.
        policy: What the policy wants, and progress.
        operator: What the person wants.
        applied: What the robot does.
        warning: What needs a look.
        alarm: What is wrong; the sign of recording.
        modes: States of the arbiter.
    """

    background: Colour
    card: Colour
    line: Colour
    text: Colour
    quiet: Colour
    policy: Colour
    operator: Colour
    applied: Colour
    warning: Colour
    alarm: Colour
    modes: Mapping[Mode, ModeStyle]


_FORMS: Mapping[Mode, tuple[str, str, str]] = {
    Mode.AUTO: ("AUTO", "circle", "the policy drives"),
    Mode.ASKING: ("NEEDS YOU", "hexagon", "the robot asks for help"),
    Mode.HUMAN: ("HUMAN", "square", "you drive"),
    Mode.RELEASING: ("HANDING BACK", "triangle", "policy drives soon"),
    Mode.HOLD: ("HOLD", "bars", "input lost, robot waits"),
    Mode.ESTOP: ("E-STOP", "octagon", "stopped until reset"),
    Mode.DISARMED: ("DISARMED", "cross", "stop was reset, robot waits"),
    Mode.PAUSED: ("PAUSED", "diamond", "time stands still"),
}
"""Word, shape and meaning of each state, the same in every theme."""


def _modes(inks: Mapping[Mode, tuple[Colour, Colour]]) -> Mapping[Mode, ModeStyle]:
    """Return the styles of all states from their colours and the inks on them."""
    return {
        mode: ModeStyle(word, shape, *inks[mode], mode is Mode.ESTOP, meaning)
        for mode, (word, shape, meaning) in _FORMS.items()
    }


DARK = Theme(
    background=(20, 22, 28),
    card=(32, 35, 44),
    line=(74, 80, 94),
    text=(240, 242, 246),
    quiet=(176, 183, 196),
    policy=SKY,
    operator=ORANGE,
    applied=WHITE,
    warning=YELLOW,
    alarm=VERMILION,
    modes=_modes(
        {
            Mode.AUTO: (BLUE, WHITE),
            Mode.ASKING: ((255, 132, 168), BLACK),
            Mode.HUMAN: (ORANGE, BLACK),
            Mode.RELEASING: (PURPLE, BLACK),
            Mode.HOLD: (YELLOW, BLACK),
            Mode.ESTOP: (STOP_RED, WHITE),
            Mode.DISARMED: (GREEN, BLACK),
            Mode.PAUSED: ((196, 202, 212), BLACK),
        }
    ),
)

LIGHT = Theme(
    background=(238, 240, 244),
    card=(252, 252, 254),
    line=(140, 146, 158),
    text=(18, 20, 26),
    quiet=(78, 84, 96),
    policy=(0, 100, 160),
    operator=(160, 76, 0),
    applied=BLACK,
    warning=(116, 84, 0),
    alarm=STOP_RED,
    modes=_modes(
        {
            Mode.AUTO: ((0, 100, 160), WHITE),
            Mode.ASKING: ((168, 28, 92), WHITE),
            Mode.HUMAN: ((160, 76, 0), WHITE),
            Mode.RELEASING: ((122, 58, 110), WHITE),
            Mode.HOLD: ((112, 84, 0), WHITE),
            Mode.ESTOP: (STOP_RED, WHITE),
            Mode.DISARMED: ((0, 98, 70), WHITE),
            Mode.PAUSED: ((84, 90, 102), WHITE),
        }
    ),
)

CONTRAST = Theme(
    background=BLACK,
    card=(18, 18, 18),
    line=(190, 196, 206),
    text=WHITE,
    quiet=(222, 226, 232),
    policy=SKY,
    operator=(240, 170, 20),
    applied=WHITE,
    warning=YELLOW,
    alarm=(255, 130, 80),
    modes=_modes(
        {
            Mode.AUTO: (SKY, BLACK),
            Mode.ASKING: ((255, 150, 180), BLACK),
            Mode.HUMAN: ((240, 170, 20), BLACK),
            Mode.RELEASING: ((228, 165, 205), BLACK),
            Mode.HOLD: (YELLOW, BLACK),
            Mode.ESTOP: (STOP_RED, WHITE),
            Mode.DISARMED: ((90, 215, 165), BLACK),
            Mode.PAUSED: ((205, 210, 220), BLACK),
        }
    ),
)

THEMES: Mapping[str, Theme] = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}
"""All themes by their names in the settings."""


def ink_on(colour: Colour) -> Colour:
    """Return black or white, whichever is read better on a colour."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def contrast(first: Colour, second: Colour) -> float:
    """Return the contrast of two colours by WCAG 2.1, from 1 (none) to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (part / 255 for part in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
