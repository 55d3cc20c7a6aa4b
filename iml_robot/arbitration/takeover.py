"""The operator takes over, gives back, and is never replaced by the policy unasked."""

from __future__ import annotations

import numpy as np

from iml_robot.arbitration import ARBITERS
from iml_robot.arbitration.rules import wording
from iml_robot.arbitration.rules.hands import RESET_HOLD_S, ROUNDING_S, Hands
from iml_robot.arbitration.rules.kinds import KIND_WORDS, Kind
from iml_robot.arbitration.rules.motion import SlewLimit, blend_weight, usable
from iml_robot.arbitration.rules.presence import Presence
from iml_robot.arbitration.rules.punctuality import Punctuality
from iml_robot.arbitration.rules.transitions import TRANSITIONS, Event, deciding_event
from iml_robot.core.types import (
    Decision,
    FloatArray,
    Link,
    Mode,
    OperatorSignal,
    Request,
    Source,
)

#: A loop that was silent for longer has stalled [s].
STALL_S = 0.5

#: Actions of the policy that are not usable, after which the episode ends.
POLICY_FAULTS = 3

#: Time for which the robot asks for help before it holds still [s].
ASK_S = 8.0

#: Share of the policy's action that is executed while it asks.
ASK_SPEED = np.float32(0.4)


_POLICY_DRIVES = (Mode.AUTO, Mode.ASKING, Mode.RELEASING)

#: From here input counts only after a rest of the hands.
_STANDS_STILL = (Mode.HOLD, Mode.DISARMED)


@ARBITERS.register("takeover")
class Takeover:
    """Decides at each step by a table of modes and events.

    Movement, grip or a request take over within the step. A takeover by movement ends
    when the hands rest, one by grip at the release, and every one by the give-back
    request; the action then fades from the operator's to the policy's. While a grip is
    held, a neutral action is a command to stand still.

    While the robot asks for help it drives on slowly; an operator who gives back refuses.
    If nobody answers it holds still.

    If the operator is lost while driving, the robot holds still, over the end of the
    episode if need be. From there only a request or fresh input of the operator goes on.
    After the reset of an emergency stop the robot is disarmed, without a time limit, until
    somebody grips or gives back; a mere movement starts nothing then.

    A policy that is late for its step does not drive in it, and one that always is holds
    still.

    Args:
        act_dim: Size of an action.
        neutral_s: Rest of the hands that ends a takeover by movement, and that comes
            before anything may go on after a hold [s].
        blend_s: Duration of the fading to the policy [s].
        slew_per_s: Greatest change of the applied action after a takeover [1/s].
        hold_s: Hold after which the episode ends as "operator_lost" [s].
        unwatched_s: Time without focus, or in which the loop stood still, after which the
            policy is paused [s].
        presence_s: Time without input while the policy drives, after which the operator
            is asked to give a sign; after 5 s without one the robot holds still [s]. 0:
            nobody is asked.
        hand_back: False for demonstrations: the operator drives from the first step,
            and the policy never does.

    Raises:
        ValueError: If a number makes no sense.
    """

    def __init__(
        self,
        act_dim: int,
        *,
        neutral_s: float = 0.5,
        blend_s: float = 0.3,
        slew_per_s: float = 4.0,
        hold_s: float = 5.0,
        unwatched_s: float = 2.0,
        presence_s: float = 0.0,
        hand_back: bool = True,
    ) -> None:
        if act_dim < 1:
            raise ValueError(f"act_dim must be at least 1, got {act_dim}")
        if not slew_per_s > 0:
            raise ValueError(f"slew_per_s must be above 0, got {slew_per_s}")
        self._act_dim = act_dim
        self._neutral_s = neutral_s
        self._blend_s = blend_s
        self._slew_per_s = slew_per_s
        self._hold_s = hold_s
        self._unwatched_s = unwatched_s
        self._hand_back = hand_back
        self._presence = Presence(presence_s)
        self._mode = self._resume = Mode.AUTO
        self._in_mode_s, self._lost, self._cause = 0.0, False, ""
        self.reset()

    @property
    def mode(self) -> Mode:
        """Who may move the robot."""
        return self._mode

    @property
    def late_actions(self) -> int:
        """How many actions of the policy were too late to be executed, in this episode."""
        return self._punctuality.late

    def reset(self) -> None:
        """Prepare for a new episode.

        An emergency stop stays latched, a disarmed robot disarmed, and a robot that waits
        for a lost operator waits on, however the episode has ended.
        """
        mode = self._resume if self._mode is Mode.PAUSED else self._mode
        waiting = mode is Mode.HOLD and self._lost
        if mode not in (Mode.ESTOP, Mode.DISARMED) and not waiting:
            mode = Mode.AUTO if self._hand_back else Mode.HUMAN
        self._mode = mode
        self._lost = waiting
        self._cause = self._cause if waiting else ""
        self._punctuality = Punctuality()
        self._kind = Kind.REQUEST
        self._resume = self._mode
        self._hands = Hands()
        self._slew = SlewLimit(self._slew_per_s)
        self._last: FloatArray | None = None
        self._released = np.zeros(self._act_dim, dtype=np.float32)
        self._in_mode_s = 0.0
        self._paused_at_s = 0.0
        self._policy_faults = 0
        self._pause_cause, self._stalled = "", False

    def decide(
        self,
        policy_action: FloatArray,
        signal: OperatorSignal,
        *,
        elapsed_s: float,
        asking: bool = False,
        policy_late: bool = False,
    ) -> Decision:
        """Return the action to execute.

        Args:
            policy_action: What the policy wants, shape (act_dim,). An action that is not
                finite or has another shape is never executed.
            signal: What the operator wants.
            elapsed_s: Time since the last call [s].
            asking: Whether the robot asks for help.
            policy_late: Whether the policy took too long for this step; its action is
                then not executed.
        """
        self._stalled = not elapsed_s <= STALL_S
        # After a stall nobody knows what the hands did, and no timer shall jump.
        time_s = 0.0 if self._stalled else max(elapsed_s, 0.0)
        command = usable(signal.action, self._act_dim)
        link = signal.link
        if link is Link.OK and command is None and self._needs_command(signal):
            link = Link.STALE
        if self._stalled:
            self._hands.restart()
        self._hands.look(signal, link, elapsed_s=time_s, neutral_s=self._neutral_s)
        self._in_mode_s += time_s
        self._keep_watch_in_pause(link)
        self._update_kind(signal)
        self._presence.look(signal, elapsed_s=time_s, watching=self._mode is Mode.AUTO)
        events = self._events(signal, link, can_drive=command is not None)
        if self._stalled and not elapsed_s <= self._unwatched_s:
            events.add(Event.UNWATCHED)
        refused = Event.GIVE_BACK in events
        events.add(Event.ASKED if asking and not refused else Event.WITHDRAWN)
        self._apply(deciding_event(self._mode, events), signal, link)
        wanted = self._judge_policy(policy_action, signal, link, late=policy_late)
        executed, source, authority = self._action(wanted, command, time_s)
        if self._mode is not Mode.PAUSED:
            self._last = executed
        return Decision(
            executed=executed,
            source=source,
            authority=authority,
            mode=self._mode,
            reason=self._reason(signal, link, late=policy_late),
            countdown_s=self._countdown_s(),
            end_episode=self._ending(signal),
        )

    def _events(self, signal: OperatorSignal, link: Link, *, can_drive: bool) -> set[Event]:
        """Return everything that happens at this step, whatever the mode makes of it."""
        requests, hands = signal.requests, self._hands
        reachable = link is Link.OK
        disarmed = self._mode is Mode.DISARMED
        meant = hands.ready or self._mode not in _STANDS_STILL
        # What somebody bumps into after an emergency stop must not move the robot.
        meant = meant and not (disarmed and signal.moving)
        takes = hands.fresh or Request.TAKE_CONTROL in requests
        happens = {
            Event.EMERGENCY_STOP: Request.EMERGENCY_STOP in requests,
            Event.LINK_LOST: not reachable,
            Event.LOOP_STALLED: self._stalled,
            Event.PAUSE: Request.PAUSE in requests,
            Event.UNWATCHED: _reached(hands.unfocused_s, self._unwatched_s),
            Event.RESET_HELD: _reached(hands.reset_s, RESET_HOLD_S),
            Event.TAKE: takes and meant and reachable and can_drive,
            Event.GIVE_BACK: Request.GIVE_BACK in requests
            and meant
            and reachable
            and self._hand_back,
            Event.LET_GO: self._let_go(signal),
            Event.BLENDED: _reached(self._in_mode_s, self._blend_s),
            Event.UNANSWERED: _reached(self._in_mode_s, ASK_S),
            Event.ABSENT: self._presence.absent,
        }
        return {event for event, true in happens.items() if true}

    def _needs_command(self, signal: OperatorSignal) -> bool:
        """Return whether the lack of a usable action means that the operator is lost.

        An operator who let go of the dead-man control has nothing to command.
        """
        released = self._kind is Kind.GRIP and not signal.gripping and not signal.moving
        driving = self._mode is Mode.HUMAN and not released
        return driving or signal.action is not None

    def _let_go(self, signal: OperatorSignal) -> bool:
        if self._kind is Kind.GRIP:
            return not signal.gripping
        rested = _reached(self._hands.neutral_s, self._neutral_s)
        return self._kind is Kind.MOTION and rested

    def _update_kind(self, signal: OperatorSignal) -> None:
        """Let a grip during a takeover decide about its end."""
        if self._mode is Mode.HUMAN and signal.gripping and self._hand_back:
            self._kind = Kind.GRIP

    def _keep_watch_in_pause(self, link: Link) -> None:
        """Remember that the operator was lost in a pause that began under their hands."""
        driven = self._resume in (Mode.HUMAN, Mode.RELEASING)
        if self._mode is Mode.PAUSED and driven and link is not Link.OK:
            self._resume = Mode.HOLD
            self._paused_at_s = 0.0
            self._cause, self._lost = wording.cause(Event.LINK_LOST, link), True

    def _judge_policy(
        self, policy_action: FloatArray, signal: OperatorSignal, link: Link, *, late: bool
    ) -> FloatArray | None:
        """Return what the policy may do if it drives; None: nothing."""
        wanted = usable(policy_action, self._act_dim)
        if self._mode not in _POLICY_DRIVES:
            self._punctuality.restart()
            return wanted
        if wanted is None:
            self._policy_faults += 1
            self._apply(Event.POLICY_FAULT, signal, link)
            return None
        self._punctuality.look(late=late)
        if self._punctuality.too_slow:
            self._apply(Event.POLICY_SLOW, signal, link)
            self._punctuality.restart()
        return None if late else wanted

    def _apply(self, event: Event | None, signal: OperatorSignal, link: Link) -> None:
        if event is None:
            return
        if self._mode is Mode.PAUSED and event is Event.PAUSE:
            self._go_on(signal)
            return
        mode = TRANSITIONS[self._mode, event]
        if mode is Mode.PAUSED:
            self._resume, self._paused_at_s = self._mode, self._in_mode_s
            self._pause_cause = wording.pause_cause(event, stalled=self._stalled)
        if mode is Mode.HOLD:
            self._cause = wording.cause(event, link)
            self._lost = event in (Event.LINK_LOST, Event.LOOP_STALLED, Event.ABSENT)
        self._enter(mode, signal)

    def _go_on(self, signal: OperatorSignal) -> None:
        """Leave a pause for the mode in which it began."""
        mode, since_s, kind = self._resume, self._paused_at_s, self._kind
        if mode is Mode.HUMAN and (signal.moving or signal.action is None):
            mode, since_s = Mode.HOLD, 0.0
            self._cause = "controls were not at rest at the end of the pause"
            self._lost = False
        self._enter(mode, signal)
        self._in_mode_s = since_s
        if mode is Mode.HUMAN:
            self._hands.restart()
            self._kind = kind if kind is Kind.REQUEST else self._kind

    def _enter(self, mode: Mode, signal: OperatorSignal) -> None:
        before, self._mode = self._mode, mode
        self._in_mode_s = 0.0
        if mode is Mode.HUMAN:
            self._kind = self._kind_of(signal)
            self._slew.begin()
        elif mode is Mode.RELEASING and before is Mode.HUMAN and self._last is not None:
            self._released = self._last
        elif mode is Mode.ESTOP:
            self._hands.restart()
        self._presence.restart()
        if mode in (Mode.AUTO, Mode.RELEASING) and before is not Mode.RELEASING:
            self._hands.use(signal)

    def _kind_of(self, signal: OperatorSignal) -> Kind:
        if not self._hand_back:
            return Kind.REQUEST
        if signal.gripping:
            return Kind.GRIP
        asked = Request.TAKE_CONTROL in signal.requests
        return Kind.REQUEST if asked else Kind.MOTION

    def _action(
        self, wanted: FloatArray | None, command: FloatArray | None, time_s: float
    ) -> tuple[FloatArray, Source, float]:
        """Return what is executed, who produced it, and the operator's share."""
        if self._mode is Mode.AUTO and wanted is not None:
            return wanted, Source.POLICY, 0.0
        if self._mode is Mode.ASKING and wanted is not None:
            # Not what the policy wanted, so that nobody takes it for its driving.
            return ASK_SPEED * wanted, Source.SAFETY, 0.0
        if self._mode is Mode.HUMAN and command is not None:
            return self._slew.follow(self._last, command, time_s), Source.OPERATOR, 1.0
        if self._mode is Mode.RELEASING and wanted is not None:
            weight = blend_weight(self._in_mode_s, self._blend_s)
            mixed = weight * self._released + (1.0 - weight) * wanted
            return np.asarray(mixed, dtype=np.float32), Source.BLEND, weight
        return np.zeros(self._act_dim, dtype=np.float32), Source.SAFETY, 0.0

    def _countdown_s(self) -> float | None:
        """Return when the mode changes by itself [s], or None if it does not."""
        left_s: float | None = None
        if self._mode is Mode.AUTO and self._hands.unfocused_s > 0.0:
            left_s = self._unwatched_s - self._hands.unfocused_s
        elif self._mode is Mode.AUTO:
            left_s = self._presence.left_s
        elif self._mode is Mode.HUMAN and self._kind is Kind.MOTION:
            resting = self._hands.neutral_s > 0.0
            left_s = self._neutral_s - self._hands.neutral_s if resting else None
        elif self._mode is Mode.RELEASING:
            left_s = self._blend_s - self._in_mode_s
        elif self._mode is Mode.ASKING:
            left_s = ASK_S - self._in_mode_s
        elif self._mode is Mode.HOLD:
            left_s = self._hold_s - self._in_mode_s
        elif self._mode is Mode.ESTOP and self._hands.reset_s > 0.0:
            left_s = RESET_HOLD_S - self._hands.reset_s
        return None if left_s is None else max(left_s, 0.0)

    def _ending(self, signal: OperatorSignal) -> str | None:
        if self._policy_faults >= POLICY_FAULTS:
            return "policy_fault"
        if signal.requests & {Request.END_EPISODE, Request.QUIT}:
            return "ended_by_operator"
        if self._mode is Mode.HOLD and _reached(self._in_mode_s, self._hold_s):
            return "operator_lost"
        return None

    def _reason(self, signal: OperatorSignal, link: Link, *, late: bool) -> str:
        if late and self._mode in _POLICY_DRIVES:
            return wording.POLICY_LATE
        hands = self._hands
        asked = wording.PRESENCE if self._presence.left_s is not None else ""
        hold = f"{self._cause}; {wording.out_of_hold(link, hands)}"
        reasons = {
            Mode.AUTO: wording.LINK_WORDS[link] or asked,
            Mode.ASKING: wording.ASKING,
            Mode.HUMAN: KIND_WORDS[self._kind],
            Mode.HOLD: hold,
            Mode.ESTOP: wording.out_of_stop(signal, hands),
            Mode.DISARMED: wording.out_of_disarmed(
                signal, link, hands, hand_back=self._hand_back
            ),
            Mode.PAUSED: self._pause_cause,
        }
        return reasons.get(self._mode, "")


def _reached(time_s: float, limit_s: float) -> bool:
    return time_s >= limit_s - ROUNDING_S
