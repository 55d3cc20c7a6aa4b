"""Plays signals and keeps their captions; quiet where there is nothing to play on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pygame

from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.sounds.signals import SIGNALS
from iml_robot.station.sounds.tones import RATE_HZ, melody

LOGGER = logging.getLogger(__name__)

CAPTION_S = 2.5
"""How long a caption can be read [s]: five words at 120 a minute."""
_BUFFER = 512
"""Samples that the mixer holds: 23 ms, less than half a control period."""


class Sounds:
    """Says in tones what happened; loudness and captions are as the person likes them.

    Args:
        kept: What the person likes.
        clock: Monotonic time [s]; tests pass their own.

    Attributes:
        audible: Whether there is something to play on.
    """

    def __init__(
        self, kept: KeptSettings, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.audible = False
        self._kept, self._clock = kept, clock
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        self._tried = False
        self._caption, self._until_s = "", 0.0

    @property
    def caption(self) -> str:
        """What the last sound said, for as long as it takes to read; else ""."""
        if not self._kept.now.feedback.captions or self._clock() >= self._until_s:
            return ""
        return self._caption

    def open(self) -> None:
        """Make the sounds, if they are wanted and there is a device; takes some 50 ms.

        A machine without one is tried once only, and stays quiet.
        """
        if self._tried or not self._kept.now.feedback.sounds:
            return
        self._tried = True
        try:
            pygame.mixer.init(RATE_HZ, -16, 1, _BUFFER, allowedchanges=0)
            self._sounds = {
                name: pygame.mixer.Sound(buffer=melody(signal.notes).tobytes())
                for name, signal in SIGNALS.items()
            }
            self.audible = True
        except (pygame.error, NotImplementedError) as error:
            LOGGER.info("there are no sounds: %s", error)

    def play(self, name: str) -> None:
        """Play a signal and begin its caption; nothing for an empty name.

        Args:
            name: One of `SIGNALS`.
        """
        if not name:
            return
        signal = SIGNALS[name]
        self._caption, self._until_s = signal.caption, self._clock() + CAPTION_S
        wanted = self._kept.now.feedback
        sound = self._sounds.get(name)
        if sound is None or not wanted.sounds or pygame.mixer.get_init() is None:
            return
        if signal.urgent:
            pygame.mixer.stop()
        sound.set_volume(wanted.volume)
        sound.play()

    def close(self) -> None:
        """Let go of the device; harmless when it never was there."""
        self._sounds.clear()
        if self.audible:
            pygame.mixer.quit()
        self.audible, self._tried = False, False
