"""What the pause menu tells, and what can be chosen in it."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot.station.menus.menu import Item
from iml_robot.station.pause.choices import PauseChoice

RESTART, LEAVE, BACK = "restart", "leave", "back"
"""Keys of the lines that lead to another page of the menu, and back."""
USUAL_REWIND_S = 3.0
"""What the menu speaks of where nothing can be rewound [s]."""


@dataclass(frozen=True, slots=True)
class PauseFacts:
    """What the session knows when the robot stands still.

    Attributes:
        reason: Why there is a pause; "" if the operator wanted it.
        episode: Number of the episode, from 1.
        episodes: How many are planned; None: open-ended.
        rewind_s: How far a rewind goes back [s]; 0: nothing can be rewound.
        rewind_refused: Why nothing can be rewound; "" if it can.
        version: Number of the policy that drives.
        take_back_refused: Why the policy cannot be taken back; "" if it can.
        taking_back: Whether that is asked for already.
        recorded_s: How much of the episode is recorded [s].
        settings_refused: Why the settings cannot be opened; "" if they can.
    """

    reason: str = ""
    episode: int = 1
    episodes: int | None = None
    rewind_s: float = 0.0
    rewind_refused: str = ""
    version: int = 0
    take_back_refused: str = ""
    taking_back: bool = False
    recorded_s: float = 0.0
    settings_refused: str = ""

    @property
    def headline(self) -> str:
        """One line about where the session stands."""
        of = "" if self.episodes is None else f" of {self.episodes}"
        line = f"episode {self.episode}{of}, {self.recorded_s:.0f} s recorded"
        return f"{line}: {self.reason}" if self.reason else line


def main_page(facts: PauseFacts) -> list[Item]:
    """Return the lines of the first page."""
    undone = "yes, from the next episode" if facts.taking_back else ""
    return [
        _item(
            PauseChoice.RESUME,
            "Go on",
            note="Let go of the controls first: where they move, the robot holds.",
        ),
        _item(
            PauseChoice.REWIND,
            f"Rewind {facts.rewind_s or USUAL_REWIND_S:g} s and drive",
            note="What came after is taken back, and you drive from there.",
            refused=facts.rewind_refused,
        ),
        Item(RESTART, "Restart the episode", note="The same map from its beginning."),
        _item(
            PauseChoice.END_EPISODE,
            "End the episode",
            note="What was recorded counts; the next episode follows.",
        ),
        _item(
            PauseChoice.TAKE_BACK,
            f"Take back policy {facts.version}",
            value=undone,
            note="The policy before it drives from the next episode on.",
            refused=facts.take_back_refused,
        ),
        _item(
            PauseChoice.SETTINGS,
            "Settings",
            note="Letters, colours, sounds, keys and sticks.",
            refused=facts.settings_refused,
        ),
        Item(LEAVE, "End the session", note="What was learned stays."),
    ]


def restart_page(facts: PauseFacts) -> list[Item]:
    """Return the lines of the page that asks what becomes of the record."""
    return [
        _item(
            PauseChoice.RESTART_KEEPING,
            "Restart, keep what was recorded",
            note=f"The {facts.recorded_s:.0f} s so far are learned from like any others.",
        ),
        _item(
            PauseChoice.RESTART_DISCARDING,
            "Restart, discard what was recorded",
            note="It stays in the file, marked; nothing is learned from it.",
        ),
        Item(BACK, "Back", note="Nothing changes."),
    ]


def leave_page(facts: PauseFacts) -> list[Item]:
    """Return the lines of the page that asks whether the session really ends."""
    return [
        # The harmless line comes first: a second press in a hurry must not end anything.
        Item(BACK, "Back", note="Nothing changes."),
        _item(
            PauseChoice.END_SESSION,
            "Yes, end the session",
            note=f"Episode {facts.episode} ends here and counts; the report is written.",
        ),
    ]


def _item(
    choice: PauseChoice, label: str, *, value: str = "", note: str = "", refused: str = ""
) -> Item:
    return Item(choice.value, label, value, note, refused=refused)
