"""What a run found out, as plain figures; reports are made from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

# Success at which a policy is said to have mastered its terrain.
MASTERED = 0.95


@dataclass(frozen=True, slots=True)
class Count:
    """Successes of a policy alone on a number of maps.

    Attributes:
        successes: How many maps it mastered.
        maps: How many it drove.

    Raises:
        ValueError: If there are no maps, or more successes than maps.
    """

    successes: int
    maps: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.maps or self.maps == 0:
            raise ValueError(
                f"successes must be from 0 to the number of maps, which must be at least "
                f"1; got {self.successes} of {self.maps}"
            )

    @property
    def rate(self) -> float:
        """Share of successes in [0, 1]."""
        return self.successes / self.maps

    def interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return the exact interval of the success probability.

        Args:
            level: Probability with which the interval holds the truth, at least.

        Source: Clopper and Pearson (1934), by the quantiles of the beta distribution.
        """
        from scipy.stats import beta

        tail, k, n = (1 - level) / 2, self.successes, self.maps
        low = 0.0 if k == 0 else float(beta.ppf(tail, k, n - k + 1))
        high = 1.0 if k == n else float(beta.ppf(1 - tail, k + 1, n - k))
        return low, high


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """Success on one set of maps before and after the corrections.

    Attributes:
        name: Name of the evaluation, for example "unfamiliar".
        before: The initial policy; None: not measured.
        after: The last policy; None: not measured.
    """

    name: str
    before: Count | None = None
    after: Count | None = None


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """What happened in one episode.

    Attributes:
        episode_id: Number of the episode in its session.
        outcome: How it ended.
        takeovers: How often the operator took over.
        human_controlled_s: Time with any operator part in the executed action [s].
        duration_s: Simulated length of the episode [s].
        policy_version: Number of the policy that drove.
        rewound_s: How much of its end was taken back [s].
        update_s: Time that the learner took after the episode [s]; None: no update.
        wait_s: Time that the operator waited for the episode [s]; None: not known.
        success: Success of the policy after its update, where it was measured.
        figures: What the learner said about the update.
        decisions: What was decided about policies afterwards, and what went wrong.
    """

    episode_id: int
    outcome: str
    takeovers: int
    human_controlled_s: float
    duration_s: float
    policy_version: int = 0
    rewound_s: float = 0.0
    update_s: float | None = None
    wait_s: float | None = None
    success: Count | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    decisions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a report says.

    Attributes:
        name: Name of the configuration.
        env_id: The environment.
        operator: Name of the operator.
        learner: Name of the learner.
        seed: Root of every random stream.
        evaluations: Before and after; the first is the headline.
        episodes: What happened, in order.
        wall_s: How long the run took [s].
        notes: Whole sentences for the report, for example that rows were lost.
    """

    name: str
    env_id: str
    operator: str
    learner: str
    seed: int
    evaluations: tuple[EvaluationResult, ...] = ()
    episodes: tuple[EpisodeRow, ...] = ()
    wall_s: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> EvaluationResult | None:
        """The evaluation that the run is about."""
        return self.evaluations[0] if self.evaluations else None

    @property
    def human_controlled_s(self) -> float:
        """Time with any operator part in the executed action, in all episodes [s]."""
        return float(sum(row.human_controlled_s for row in self.episodes))

    @property
    def rewound_s(self) -> float:
        """Time that was driven and taken back, in all episodes [s]."""
        return float(sum(row.rewound_s for row in self.episodes))

    @property
    def takeovers(self) -> int:
        """Number of takeovers in all episodes."""
        return sum(row.takeovers for row in self.episodes)

    @property
    def cumulative_human_s(self) -> list[float]:
        """Human-controlled seconds up to the end of each episode [s]."""
        return list(accumulate(row.human_controlled_s for row in self.episodes))

    def hcs_at_95(self) -> float | None:
        """Return the human-controlled seconds after which 95 % success was first measured.

        Measurements are those before the first episode, after an update, and at the end;
        None means that none of them reached 95 %.
        """
        headline = self.headline
        measured: list[tuple[float, Count | None]] = [
            (seconds, row.success)
            for seconds, row in zip(self.cumulative_human_s, self.episodes, strict=True)
        ]
        if headline is not None:
            measured.insert(0, (0.0, headline.before))
            measured.append((self.human_controlled_s, headline.after))
        mastered = (s for s, count in measured if count and count.rate >= MASTERED)
        return next(mastered, None)

    def wait_percentiles(self) -> dict[str, float | None]:
        """Return the median, the 95th percentile and the longest wait [s]."""
        waits = [row.wait_s for row in self.episodes if row.wait_s is not None]
        if not waits:
            return {"p50": None, "p95": None, "max": None}
        p50, p95, longest = (float(p) for p in np.percentile(waits, [50, 95, 100]))
        return {"p50": p50, "p95": p95, "max": longest}
