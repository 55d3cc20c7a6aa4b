"""Colours of the window and how each state looks: word, shape and colour together.

The colours are those of Okabe and Ito (Color Universal Design, 2008), which people with
any common colour vision can tell apart. Text keeps a contrast of 4.5 to 1 (WCAG 2.1 AA).
"""

from __future__ import annotations

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

BACKGROUND: Colour = (20, 22, 28)
CARD: Colour = (32, 35, 44)
LINE: Colour = (74, 80, 94)
TEXT: Colour = (240, 242, 246)
QUIET: Colour = (176, 183, 196)


@dataclass(frozen=True, slots=True)
class ModeStyle:
    """How a state of the arbiter looks.

    Attributes:
        word: Its name in the banner.
        shape: Its shape: circle, square, triangle, bars, octagon, hexagon or diamond.
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


MODE_STYLES: dict[Mode, ModeStyle] = {
    Mode.AUTO: ModeStyle("AUTO", "circle", BLUE, WHITE, meaning="the policy drives"),
    Mode.ASKING: ModeStyle(
        "NEEDS YOU", "hexagon", (255, 132, 168), BLACK, meaning="the robot asks for help"
    ),
    Mode.HUMAN: ModeStyle("HUMAN", "square", ORANGE, BLACK, meaning="you drive"),
    Mode.RELEASING: ModeStyle(
        "HANDING BACK", "triangle", PURPLE, BLACK, meaning="policy drives soon"
    ),
    Mode.HOLD: ModeStyle("HOLD", "bars", YELLOW, BLACK, meaning="input lost, robot waits"),
    Mode.ESTOP: ModeStyle(
        "E-STOP", "octagon", STOP_RED, WHITE, hatched=True, meaning="stopped until reset"
    ),
    Mode.PAUSED: ModeStyle(
        "PAUSED", "diamond", (196, 202, 212), BLACK, meaning="time stands still"
    ),
}


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
