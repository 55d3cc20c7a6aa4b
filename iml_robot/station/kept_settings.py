"""The settings of the person at the window, as every screen reads and changes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iml_robot.core.station_settings import StationSettings, save_station_settings
from iml_robot.station.palette import THEMES, Theme


class KeptSettings:
    """Holds the settings; a change counts at the next picture.

    Args:
        settings: What holds now.
        path: The file that changes are written to; None: they are forgotten at the end.

    Attributes:
        now: What holds now.
        path: The file.
    """

    def __init__(
        self, settings: StationSettings | None = None, path: Path | None = None
    ) -> None:
        self.now = settings or StationSettings()
        self.path = path

    @property
    def theme(self) -> Theme:
        """The colours."""
        return THEMES[self.now.display.theme]

    @property
    def scale(self) -> float:
        """Size of letters and lines."""
        return self.now.display.scale

    def change(self, section: str, values: Mapping[str, Any]) -> None:
        """Change some values of a section and write the file.

        Args:
            section: Name of the section, for example "display".
            values: New values by key.

        Raises:
            InfrastructureError: If the file cannot be written. The change holds all the
                same, until the end of the program.
            pydantic.ValidationError: If a value is not allowed; nothing changes.
        """
        tree = self.now.model_dump(mode="python")
        tree[section] |= values
        self.now = StationSettings.model_validate(tree)
        if self.path is not None:
            save_station_settings(self.now, self.path)
