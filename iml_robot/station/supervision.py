"""The view of a supervised session: the drive window, with its figures kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iml_robot.core.types import EpisodeInfo, Mode, Source, Step
from iml_robot.station.hints import NOT_RECORDING
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.window import DriveWindow


class SupervisionView:
    """Shows every step in the drive window and counts what the operator does.

    Args:
        window: The window.
        pacer: The pacer of the loop, for its late ticks.
        is_recording: Whether the steps reach the session file.
        notice: What else the operator should know; "" for nothing.
    """

    def __init__(
        self,
        window: DriveWindow,
        pacer: RealTimePacer,
        is_recording: Callable[[], bool],
        *,
        notice: Callable[[], str] = lambda: "",
    ) -> None:
        self._window = window
        self._is_recording = is_recording
        self._notice = notice
        self._pacer = pacer
        self._driving = False

    def begin(self, start: EpisodeInfo) -> None:
        """Draw the new map once, which takes longer than later pictures."""
        status = self._window.status
        status.step = start.begins_at
        status.policy_version = start.policy_version
        status.phase = start.phase
        self._driving = False
        self._window.prepare()

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Update the figures and draw the step."""
        status = self._window.status
        source = step.decision.source
        if step.decision.mode is not Mode.PAUSED:
            status.step += 1
            if source in (Source.OPERATOR, Source.BLEND):
                status.human_controlled_s += status.control_dt_s
        driving = source is Source.OPERATOR
        status.takeovers += driving and not self._driving
        self._driving = driving
        status.recording = self._is_recording()
        status.notice = self._notice() if status.recording else NOT_RECORDING
        status.late_ticks = self._pacer.late_ticks
        status.loop_rate_hz = self._pacer.rate_hz or None
        self._window.show(step, info)
