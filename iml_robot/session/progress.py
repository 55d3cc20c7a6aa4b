"""What a session says while it goes on."""

from __future__ import annotations

from typing import Protocol

from iml_robot.session.results import EpisodeRow


class Progress(Protocol):
    """Says what is going on, to a terminal or a window."""

    def before_episode(self, number: int, total: int) -> bool:
        """Announce an episode; False ends the session."""

    def training(self, fraction: float) -> None:
        """Show how far the update is."""

    def episode(self, row: EpisodeRow, number: int, total: int) -> None:
        """Show how an episode went."""
