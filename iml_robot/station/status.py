"""The figures of a running session that neither a step nor the environment knows."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot.data.recorder import Recording


@dataclass(slots=True)
class SessionStatus:
    """What the session tells the window; the session changes it, the window reads it.

    The return of an episode is missing on purpose: who sees it corrects towards it.

    Attributes:
        episode: Number of the running episode, from 1.
        episodes: How many episodes are planned; None if open-ended.
        phase: "practice" (operator supervises) or "demonstration" (operator drives).
        step: Control steps of the episode so far.
        step_limit: Steps after which the episode is cut; None if there is no limit.
        control_dt_s: Control period [s].
        policy_version: Number of the policy that drives.
        policy_name: What it is called; "" for its number alone.
        policy_hash: The SHA-256 of its file, as many digits as are known.
        ask_threshold: Where the robot asks for help, in the unit of `Ask.p_help` or,
            where that is not known, of `doubt`; None: it never asks, or nobody knows.
        doubt: How much the policy disagrees with itself about this action, as a standard
            deviation of actions in [-1, 1]; None: it does not tell.
        successes: Finished episodes that reached the goal.
        takeovers: Takeovers in the session so far.
        human_controlled_s: Human-controlled time in the session so far [s].
        human_share: Share of the steps of the last episodes that the operator drove;
            None before there is one.
        share_episodes: How many episodes `human_share` is about.
        recording: What becomes of the steps that are driven now.
        frames: Steps of the episode that the recorder has so far.
        disk_free_bytes: Room where the session is written; None: nobody knows.
        loop_rate_hz: Measured control rate [Hz]; None to let the window measure it.
        late_ticks: Control steps that could not begin in time.
        learning: How far the learning beside the driving is, in [0, 1]; None: nobody
            learns.
        verdict: What became of the last candidate, for example "policy 3 accepted: copes
            with 41 of 44 moments"; "" before the first.
        notice: A line for the operator, for example about an error; "" for none.
    """

    episode: int = 1
    episodes: int | None = None
    phase: str = "practice"
    step: int = 0
    step_limit: int | None = None
    control_dt_s: float = 0.05
    policy_version: int = 0
    policy_name: str = ""
    policy_hash: str = ""
    ask_threshold: float | None = None
    doubt: float | None = None
    successes: int = 0
    takeovers: int = 0
    human_controlled_s: float = 0.0
    human_share: float | None = None
    share_episodes: int = 0
    recording: Recording = Recording.OFF
    frames: int = 0
    disk_free_bytes: float | None = None
    loop_rate_hz: float | None = None
    late_ticks: int = 0
    learning: float | None = None
    verdict: str = ""
    notice: str = ""
