"""What can be set, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot.station.settings.setting import Setting

_SWITCH = (False, True)
_TENTHS = tuple(round(0.1 * k, 1) for k in range(11))
_HUNDREDTHS = tuple(round(0.02 * k, 2) for k in range(16))


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Settings that belong together.

    Attributes:
        key: Name of the page.
        title: Its heading.
        note: One line about it.
        settings: What can be set.
    """

    key: str
    title: str
    note: str
    settings: tuple[Setting, ...]


DISPLAY = SettingsPage(
    "display",
    "Display",
    "Colours, size of letters, what of the world is shown.",
    (
        Setting(
            "display",
            "theme",
            "Colours",
            "High contrast has 7 to 1 between letters and what is behind them.",
            ("dark", "light", "contrast"),
            {"contrast": "high contrast"},
        ),
        Setting(
            "display",
            "scale",
            "Size of letters",
            "Size of letters and lines in every screen.",
            (1.0, 1.25, 1.5, 1.75, 2.0),
            form=".0%",
        ),
        Setting(
            "display",
            "view",
            "World",
            "What is shown while the robot drives.",
            ("both", "map", "first_person"),
            {"both": "map and camera", "map": "map", "first_person": "camera"},
        ),
        Setting(
            "display",
            "calm",
            "Calm pictures",
            "On: nothing moves that need not.",
            _SWITCH,
        ),
    ),
)

FEEDBACK = SettingsPage(
    "feedback",
    "Sounds and rumble",
    "What can be heard and felt.",
    (
        Setting("feedback", "sounds", "Sounds", "Tones for each change of state.", _SWITCH),
        Setting(
            "feedback", "volume", "Volume", "Loudness of the tones.", _TENTHS, form=".0%"
        ),
        Setting(
            "feedback",
            "captions",
            "Captions",
            "Each sound is also said in words.",
            _SWITCH,
        ),
        Setting(
            "feedback",
            "rumble",
            "Rumble",
            "The pad shakes when the robot needs you.",
            _SWITCH,
        ),
    ),
)

CONTROLS = SettingsPage(
    "controls",
    "Controls",
    "Keys, buttons, sticks and their curves.",
    (
        Setting(
            "controls",
            "hands",
            "Hands",
            "One hand alone reaches everything from where it drives.",
            ("both", "left", "right"),
            {"both": "both hands", "left": "left hand", "right": "right hand"},
        ),
        Setting(
            "controls",
            "stick_mode",
            "Sticks of a drone",
            "Modes 1 to 4 as transmitters have them; 2 is the usual one.",
            (1, 2, 3, 4),
            {mode: f"mode {mode}" for mode in (1, 2, 3, 4)},
        ),
        Setting(
            "controls",
            "grip",
            "Dead-man control",
            "Held while you drive, or pressed once and once again.",
            ("hold", "toggle"),
            {"hold": "hold", "toggle": "press once"},
        ),
    ),
)

CURVE = SettingsPage(
    "curve",
    "Curve of the sticks",
    "From the travel of a stick to a command.",
    (
        Setting(
            "controls",
            "curve.dead_zone",
            "Dead zone",
            "Travel around the centre that counts as rest.",
            _HUNDREDTHS,
            form=".0%",
        ),
        Setting(
            "controls",
            "curve.saturation",
            "Full before the end",
            "Travel at the end that counts as full: worn sticks do not reach it.",
            _HUNDREDTHS,
            form=".0%",
        ),
        Setting(
            "controls",
            "curve.expo",
            "Fine in the middle",
            "Share of the cubic curve, which makes small corrections finer.",
            _TENTHS,
            form=".0%",
        ),
        Setting(
            "controls",
            "curve.most",
            "Greatest command",
            "What a stick at its end commands.",
            _TENTHS[1:],
            form=".0%",
        ),
    ),
)

WORKLOAD = SettingsPage(
    "workload",
    "Breaks and questions",
    "How the station looks after you.",
    (
        Setting(
            "workload", "breaks", "Suggest breaks", "Nobody watches well for long.", _SWITCH
        ),
        Setting(
            "workload",
            "break_after_min",
            "Break after",
            "Minutes of watching before a break is suggested.",
            (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0),
            form=".0f",
            words={
                m: f"{m:.0f} min" for m in (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0)
            },
        ),
        Setting(
            "workload",
            "presence",
            "Ask: are you there?",
            "Who has done nothing for long is asked to press a key.",
            _SWITCH,
        ),
        Setting(
            "workload",
            "ask_load",
            "Ask about the workload",
            "Six questions at the end of a session; they can be skipped.",
            _SWITCH,
        ),
        Setting(
            "workload",
            "review",
            "Look at episodes again",
            "Some seconds after each episode; can be skipped.",
            _SWITCH,
        ),
    ),
)
