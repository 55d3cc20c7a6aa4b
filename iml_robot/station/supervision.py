"""The view of a supervised session: the drive window, with its figures kept up to date."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from iml_robot.core.types import EpisodeInfo, Mode, Source, Step
from iml_robot.data.recorder import Recording
from iml_robot.station.hints import NOT_RECORDING
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.sounds.signals import signal_for
from iml_robot.station.status import SessionStatus
from iml_robot.station.window import DriveWindow

SHARE_EPISODES = 10
"""So many episodes, the running one included, make the takeover rate."""
_DISK_LOOK_STEPS = 100
"""Steps after which the room on the disk is looked at again: 5 s at 20 Hz."""


class Recorded(Protocol):
    """Who keeps the steps, as far as the window tells of it."""

    @property
    def state(self) -> Recording:
        """What becomes of the steps that are driven now."""
        ...

    @property
    def frames(self) -> int:
        """Steps of the open episode so far."""
        ...


class SupervisionView:
    """Shows every step in the drive window, counts what the operator does, and sounds.

    Args:
        window: The window.
        pacer: The pacer of the loop, for its late ticks.
        recorder: Says what becomes of the steps.
        notice: What else the operator should know; "" for nothing.
        feed: Fills in what only the session knows, before each picture: the policy, its
            doubt, the asking threshold, learning and verdict.
        folder: Where the session is written, for the room that is left; None: that is not
            shown.
    """

    def __init__(
        self,
        window: DriveWindow,
        pacer: RealTimePacer,
        recorder: Recorded,
        *,
        notice: Callable[[], str] = lambda: "",
        feed: Callable[[SessionStatus], None] = lambda status: None,
        folder: Path | None = None,
    ) -> None:
        self._window = window
        self._recorder = recorder
        self._notice = notice
        self._feed = feed
        self._folder = folder
        self._pacer = pacer
        self._driving = False
        self._mode: Mode | None = None
        self._shares: deque[list[int]] = deque(maxlen=SHARE_EPISODES)
        self._begun: EpisodeInfo | None = None

    def begin(self, start: EpisodeInfo) -> None:
        """Draw the new map once, which takes longer than later pictures."""
        status = self._window.status
        status.step = start.begins_at
        status.policy_version = start.policy_version
        status.phase = start.phase
        status.frames = 0
        self._driving, self._mode = False, None
        # What is taken up again some seconds earlier is the same drive, not another one.
        if start.continues is None or not self._shares:
            self._shares.append([0, 0])
        self._look_at_disk()
        self._window.prepare()
        self._window.sounds.open()
        self._window.sounds.play(self._signal_of(start))
        self._begun = start

    def show(self, step: Step, info: Mapping[str, Any]) -> None:
        """Update the figures, draw the step, and let changes be heard."""
        status = self._window.status
        mode, source = step.decision.mode, step.decision.source
        status.recording, status.frames = self._recorder.state, self._recorder.frames
        if mode is not Mode.PAUSED:
            human = source in (Source.OPERATOR, Source.BLEND)
            status.step += 1
            status.human_controlled_s += status.control_dt_s * human
            self._count(status, human=human)
        driving = source is Source.OPERATOR
        status.takeovers += driving and not self._driving
        self._driving = driving
        failed = status.recording is Recording.FAILED
        status.notice = NOT_RECORDING if failed else self._notice()
        status.late_ticks = self._pacer.late_ticks
        status.loop_rate_hz = self._pacer.rate_hz or None
        if status.step % _DISK_LOOK_STEPS == 0:
            self._look_at_disk()
        self._feed(status)
        self._window.sounds.play(signal_for(self._mode, mode))
        self._mode = mode
        self._window.show(step, info)

    def _count(self, status: SessionStatus, *, human: bool) -> None:
        """Note who drove a step, for the share of the last episodes."""
        if not self._shares:
            self._shares.append([0, 0])
        self._shares[-1][0] += human
        self._shares[-1][1] += 1
        driven, steps = (sum(part) for part in zip(*self._shares, strict=True))
        status.human_share = driven / steps
        status.share_episodes = len(self._shares)

    def _signal_of(self, start: EpisodeInfo) -> str:
        """Return the signal for the begin of an episode, "" for the first one."""
        before = self._begun
        if start.continues is not None:
            return "rewind"
        if before is None:
            return ""
        return "learned" if start.policy_version > before.policy_version else "saved"

    def _look_at_disk(self) -> None:
        if self._folder is None:
            return
        try:
            free: float | None = float(shutil.disk_usage(self._folder).free)
        except OSError:
            # A disk that went away is told by the recorder, which cannot write either.
            free = None
        self._window.status.disk_free_bytes = free
