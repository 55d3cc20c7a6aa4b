"""One episode: the whole loop on one screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from iml_robot.adaptation.none import NoAdaptation
from iml_robot.asking.never import Never
from iml_robot.core.interfaces import (
    Adaptation,
    Arbiter,
    Asker,
    Operator,
    Pacer,
    Policy,
    Recorder,
    View,
)
from iml_robot.core.types import Episode, EpisodeInfo, FloatArray, Mode, Step
from iml_robot.robots.reward_features import features_of
from iml_robot.session.guards import (
    ENV_FAULT,
    Followed,
    Guard,
    WatchedEnv,
    begun,
    flat,
)
from iml_robot.session.rewinding import NoRewinding
from iml_robot.session.watchdog import HungError, Unwatched


@dataclass(frozen=True)
class Loop:
    """Everything that takes part in driving an episode.

    Attributes:
        env: Gymnasium environment; actions in [-1, 1].
        operator: Who supervises.
        arbiter: Whose action the robot executes.
        recorder: Keeps every step.
        view: Shows every step.
        pacer: Sets the speed.
        asker: Decides when the robot asks for help.
        adaptation: Lets corrections count at once.
        rewinding: Begins episodes, anew or some seconds before a failure.
        watch: Interrupts a policy or an environment that never comes back.
    """

    env: Any
    operator: Operator
    arbiter: Arbiter
    recorder: Recorder
    view: View
    pacer: Pacer
    asker: Asker = field(default_factory=Never)
    adaptation: Adaptation = field(default_factory=NoAdaptation)
    rewinding: NoRewinding = field(default_factory=NoRewinding)
    watch: Unwatched = field(default_factory=Unwatched)

    def drive(self, policy: Policy, start: EpisodeInfo) -> Episode:
        """Drive one episode to its end and return it.

        Args:
            policy: Drives while nobody takes over.
            start: Number, seed and options of the episode.
        """
        observation, info = self._begin(start)
        guard = Guard(policy, self.asker, self.env, self.watch)
        step: Step | None = None
        now, outcome = Followed(observation, info=info), ""
        elapsed_s = self.pacer.restart()
        while not outcome:
            seen = now.observation
            wanted = guard.wanted(seen)
            ask = guard.ask(seen, wanted, step)
            if guard.outcome:
                outcome = guard.outcome
                break
            late = self.pacer.late()
            can_rewind = self.rewinding.possible
            told = {**now.info, "asking": ask.asking, "can_rewind": can_rewind}
            signal = self.operator.advise(seen, wanted, told)
            decision = self.arbiter.decide(
                wanted, signal, elapsed_s=elapsed_s, asking=ask.asking, policy_late=late
            )
            moves = decision.mode is not Mode.PAUSED
            if moves:
                now = guard.follow(decision.executed, seen)
                outcome = now.outcome
                if outcome == ENV_FAULT:
                    break
            reward = now.reward if moves else 0.0
            step = Step(seen, wanted, signal, decision, reward, ask, features_of(now.info))
            if moves:
                self._keep(step)
            self.view.show(step, now.info)
            outcome = outcome or decision.end_episode or self.rewinding.asked(signal)
            elapsed_s = self.pacer.wait()
        self.rewinding.offer(self, step, now.info, outcome)
        return self._finished(now, outcome)

    def take_up(self, episode: Episode, step: int) -> str:
        """Go back to a step of an ended episode, which the next one then continues.

        Returns:
            Why that cannot be done; "" if it is done.
        """
        env = WatchedEnv(self.env, self.watch)
        try:
            return self.rewinding.take_up(env, episode, step)
        except HungError as error:
            return str(error)

    def _begin(self, start: EpisodeInfo) -> tuple[FloatArray, dict[str, Any]]:
        """Prepare everybody for an episode; return what the robot sees first."""
        first, info = begun(lambda: self.rewinding.begin(self.env, start), self.watch)
        observation = flat(first)
        # Who goes back shall not react by the same chances as before.
        seed = start.seed + start.begins_at
        self.operator.reset(seed=seed)
        self.asker.reset(seed=seed)
        self.arbiter.reset()
        self.recorder.begin(start)
        self.view.begin(start)
        self.rewinding.settle(self, observation, info)
        return observation, info

    def _keep(self, step: Step) -> None:
        """Let everybody know what the robot did who has to."""
        self.recorder.add(step)
        self.adaptation.add(step)
        self.rewinding.keep(step.decision.executed)

    def _finished(self, last: Followed, outcome: str) -> Episode:
        """Close the episode and return it."""
        episode = self.recorder.finish(
            last.observation,
            outcome=outcome,
            terminated=last.terminated,
            rewound_to=self.rewinding.rewound_to,
        )
        return replace(episode, prelude=self.rewinding.prelude)
