"""How good a simulated person is at supervising and steering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from iml_robot.core.registry import did_you_mean


@dataclass(frozen=True)
class Traits:
    """What tells one simulated person from another.

    Attributes:
        reaction_median_s: Median of the log-normal reaction time [s].
        reaction_spread: Standard deviation of its logarithm.
        miss_probability: Chance that a person does not see an event at all.
        false_alarms_per_min: Takeovers without reason, on average.
        risk_threshold: Risk above which a person wants to take over.
        stall_s: Time without progress after which a person takes over [s].
        least_takeover_s: Shortest takeover [s].
        release_s: Time for which the policy must look safe before it drives again [s].
        release_lag_s: Time that passes then until the hands are off [s].
        action_noise: Standard deviation of the slowly varying steering error.
        answer_median_s: Median of the log-normal time in which a robot that asks for help
            gets an answer [s]; it spreads as the reaction time does.
        refusal_probability: Chance that the answer is to go on without help.
        rewind_probability: Chance that a failure or a standstill is taken back, where that
            is possible.
        wrong_probability: Chance that a takeover is steered with a lasting error.
        levels: Positions that the controls have on each side, as keys do; 0 for a stick,
            which has all.

    Raises:
        ValueError: If a value is out of range.
    """

    reaction_median_s: float = 0.35
    reaction_spread: float = 0.5
    miss_probability: float = 0.1
    false_alarms_per_min: float = 1.0
    risk_threshold: float = 0.5
    stall_s: float = 2.5
    least_takeover_s: float = 1.0
    release_s: float = 0.5
    release_lag_s: float = 0.1
    action_noise: float = 0.1
    answer_median_s: float = 1.0
    refusal_probability: float = 0.1
    rewind_probability: float = 1.0
    wrong_probability: float = 0.0
    levels: int = 0

    def __post_init__(self) -> None:
        """Check all values."""
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"the trait {part.name} is a number, got {value!r}")
            if not 0 <= value < float("inf"):
                raise ValueError(f"the trait {part.name} must be 0 or more, got {value}")
        if self.levels != int(self.levels):
            raise ValueError(f"the trait levels is a whole number, got {self.levels}")
        for part in fields(self):
            name = part.name
            if name.endswith("_probability") and getattr(self, name) > 1:
                raise ValueError(f"{name} is a chance up to 1, got {getattr(self, name)}")


PRESETS = {
    "ideal": Traits(
        reaction_median_s=0.0,
        miss_probability=0.0,
        false_alarms_per_min=0.0,
        release_lag_s=0.0,
        action_noise=0.0,
        answer_median_s=0.0,
        refusal_probability=0.0,
    ),
    "typical": Traits(),
    "poor": Traits(
        reaction_median_s=0.8,
        miss_probability=0.3,
        false_alarms_per_min=4.0,
        release_lag_s=0.4,
        action_noise=0.25,
        answer_median_s=2.0,
        refusal_probability=0.3,
        wrong_probability=0.05,
        levels=1,
    ),
}
"""Reaction times as in take-over studies of attentive operators (median 0.35 s, 95 % below
0.8 s); chances of misses, false alarms and errors span what studies of learning from
imperfect people vary."""


def traits_of(preset: str, changes: Mapping[str, float]) -> Traits:
    """Return the traits of a preset, some of them changed.

    Raises:
        ValueError: If the preset, a trait or a value is none that is allowed.
    """
    if not isinstance(preset, str) or preset not in PRESETS:
        raise ValueError(f"unknown preset {preset!r}{did_you_mean(str(preset), PRESETS)}")
    if not isinstance(changes, Mapping):
        raise ValueError(
            f"traits are given by name, as in {{miss_probability: 0.2}}, got {changes!r}"
        )
    known = [part.name for part in fields(Traits)]
    for name in changes:
        if name not in known:
            raise ValueError(f"unknown trait {name!r}{did_you_mean(str(name), known)}")
    return replace(PRESETS[preset], **changes)  # type: ignore[arg-type]
