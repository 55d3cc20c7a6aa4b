"""How people err: what makes an answer something else than the better segment."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from iml_robot.rewards.evidence import Source


@dataclass(frozen=True)
class Noise:
    """How much each kind of feedback says about the weights.

    Defaults: section 5.4 of the study of preference learning, where they come from tens of
    thousands of answers of people.

    Attributes:
        sharpness: How sharply answers tell better from worse; 1 is the unit of the weights.
        tie_width: Differences of log odds below which "about equal" is likely.
        lapse: Share of answers that are given without looking, in [0, 1).
        side_bias: Log odds for the left where both are equal.
        demonstration: Sharpness of demonstrations.
        correction: Sharpness of corrections.
        alarm: Sharpness of takeovers.
        rating: Sharpness of good and bad presses.
        alarm_threshold: Reward of a second at which a takeover is as likely as none.
        much_width: Differences of log odds above which "much better" is likely, above
            `tie_width`; None: nothing is made of it.

    Raises:
        ValueError: If a number is out of range.
    """

    sharpness: float = 1.0
    tie_width: float = 0.25
    lapse: float = 0.1
    side_bias: float = 0.0
    demonstration: float = 0.5
    correction: float = 0.5
    alarm: float = 0.3
    rating: float = 0.3
    alarm_threshold: float = 0.0
    much_width: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name, value in asdict(self).items():
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, got {value}")
        for name in ("tie_width", *_SHARPNESS.values(), "demonstration", "alarm"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.lapse < 1:
            raise ValueError(f"lapse must be in [0, 1), got {self.lapse}")
        if self.much_width is not None and self.much_width <= self.tie_width:
            raise ValueError(
                f"much_width must be above tie_width {self.tie_width}, "
                f"got {self.much_width}"
            )

    def sharpness_of(self, source: Source) -> float:
        """Return how sharply comparisons of a source tell better from worse."""
        value: float = getattr(self, _SHARPNESS[source])
        return value


_SHARPNESS: dict[Source, str] = {
    "question": "sharpness",
    "rating": "rating",
    "correction": "correction",
}
