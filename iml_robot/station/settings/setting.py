"""One value that left and right change; no pixels in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iml_robot.core.station_settings import StationSettings
from iml_robot.station.menus.menu import Item


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of the settings that has some steps.

    Attributes:
        section: Its section, for example "display".
        key: Its key there; a dot leads into a group, as in "curve.expo".
        label: What it is called.
        note: One line about it.
        values: What it can be: numbers in rising order, or names.
        words: What the values are called; others are written as they are.
        form: How a number is written, in the notation of `format`.
    """

    section: str
    key: str
    label: str
    note: str
    values: tuple[Any, ...]
    words: Mapping[Any, str] | None = None
    form: str = ""

    @property
    def name(self) -> str:
        """Its name among all settings."""
        return f"{self.section}.{self.key}"

    def value(self, settings: StationSettings) -> Any:
        """Return what holds now."""
        value: Any = getattr(settings, self.section)
        for part in self.key.split("."):
            value = getattr(value, part)
        return value

    def item(self, settings: StationSettings) -> Item:
        """Return its line in a menu."""
        word = self.word(self.value(settings))
        return Item(self.name, self.label, word, self.note, adjustable=True)

    def word(self, value: Any) -> str:
        """Return what a value is called."""
        if self.words is not None and value in self.words:
            return self.words[value]
        if isinstance(value, bool):
            return "on" if value else "off"
        return format(value, self.form)

    def stepped(self, settings: StationSettings, steps: int) -> dict[str, Any]:
        """Return the change that goes some steps on, as `KeptSettings.change` takes it.

        Numbers stop at their ends; names go round.

        Args:
            settings: What holds now.
            steps: 1 for the next value, -1 for the one before.
        """
        now = self.value(settings)
        if _number(self.values[0]):
            beyond = [v for v in self.values if (v - now) * steps > 1e-9]
            following = beyond or [self.values[-1 if steps > 0 else 0]]
            value = following[0 if steps > 0 else -1]
        else:
            place = self.values.index(now) if now in self.values else -steps
            value = self.values[(place + steps) % len(self.values)]
        return self._change(settings, value)

    def _change(self, settings: StationSettings, value: Any) -> dict[str, Any]:
        group, _, key = self.key.rpartition(".")
        if not group:
            return {key: value}
        held = getattr(getattr(settings, self.section), group).model_dump()
        return {group: {**held, key: value}}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
