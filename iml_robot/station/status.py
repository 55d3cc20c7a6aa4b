"""The figures of a running session that neither a step nor the environment knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class SessionStatus:
    """What the session tells the window; the session changes it, the window reads it.

    Attributes:
        episode: Number of the running episode, from 1.
        episodes: How many episodes are planned; None if open-ended.
        phase: "practice" (operator supervises) or "demonstration" (operator drives).
        step: Control steps of the episode so far.
        step_limit: Steps after which the episode is cut; None if there is no limit.
        control_dt_s: Control period [s].
        policy_version: Number of the policy that drives.
        successes: Finished episodes that reached the goal.
        takeovers: Takeovers in the session so far.
        human_controlled_s: Human-controlled time in the session so far [s].
        recording: Whether the steps are being written to the session file.
        loop_rate_hz: Measured control rate [Hz]; None to let the window measure it.
        late_ticks: Control steps that could not begin in time.
        notice: A line for the operator, for example about an error; "" for none.
    """

    episode: int = 1
    episodes: int | None = None
    phase: str = "practice"
    step: int = 0
    step_limit: int | None = None
    control_dt_s: float = 0.05
    policy_version: int = 0
    successes: int = 0
    takeovers: int = 0
    human_controlled_s: float = 0.0
    recording: bool = False
    loop_rate_hz: float | None = None
    late_ticks: int = 0
    notice: str = ""
