"""A device without hardware: does again what a person did."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from iml_robot.core.errors import UsageError
from iml_robot.devices import DEVICES
from iml_robot.devices.input.bindings import check_layout
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.reading import DeviceReading
from iml_robot.devices.input.recording import ALONE, Around, read_recording

logger = logging.getLogger(__name__)


@DEVICES.register("playback")
class Playback:
    """Plays a recording back, one step a reading.

    With the same seed, policy and configuration as when it was recorded, the robot
    executes the same actions to the last bit, also where steps were late: the time that
    they took then is what counts. Where an episode goes on for longer than its recording,
    nobody is there any more.

    Args:
        pump: Source of the time.
        file: The recording, as the operator's option `record` writes it.
        layout: "rover" or "drone".

    Attributes:
        listens: False: it needs no window and no events.

    Raises:
        UsageError: If there is no such file, it is damaged, or it steers another kind of
            robot.
    """

    listens = False

    def __init__(self, pump: EventPump, *, file: str = "", layout: str = "rover") -> None:
        if not file:
            raise UsageError(
                "the device 'playback' needs a recording, got none; set "
                "operator.device_options.playback.file"
            )
        self._pump = pump
        self._recording = read_recording(Path(file))
        if self._recording.layout != check_layout(layout):
            raise UsageError(
                f"{file}: steers a {self._recording.layout}, and this robot is steered as "
                f"a {layout}; play it back on the kind of robot that it was recorded on"
            )
        self._block = -1
        self._tick = 0

    @property
    def name(self) -> str:
        """Name for display."""
        return "playback"

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to let go of."""

    def reset(self) -> None:
        """Go on with the steps after the next reset that was recorded."""
        self._block += 1
        self._tick = 0

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control did for the person who was recorded."""
        return list(self._recording.bindings)

    @property
    def around(self) -> Around:
        """What the next step depended on when it was recorded, beside the device."""
        blocks = self._recording.around
        steps = blocks[self._block] if 0 <= self._block < len(blocks) else []
        return steps[self._tick] if self._tick < len(steps) else ALONE

    def read(self) -> DeviceReading:
        """Return the next step; before the first reset nobody touches anything."""
        if self._block < 0:
            return DeviceReading(self.name, time_s=self._pump.time_s)
        blocks = self._recording.blocks
        steps = blocks[self._block] if self._block < len(blocks) else []
        tick, self._tick = self._tick, self._tick + 1
        if tick < len(steps):
            return replace(steps[tick], time_s=self._pump.time_s)
        if tick == len(steps):
            logger.info("the recording of episode %d has ended", self._block + 1)
        lost = tick == len(steps) > 0
        return DeviceReading(
            self.name, connected=False, lost=lost, time_s=self._pump.time_s
        )
