"""Driving with a gamepad, plugged in and pulled out whenever people like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean
from iml_robot.core.station_settings import ControlSettings
from iml_robot.core.types import Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.bindings import (
    SLOW_FACTOR,
    Bindings,
    check_layout,
    describe,
    rebind,
)
from iml_robot.devices.input.finding import PadKnowledge, find_pads
from iml_robot.devices.input.grip import TOGGLE_MEANING, Grip
from iml_robot.devices.input.mapping import BUTTONS, TRIGGERS, parse_mapping
from iml_robot.devices.input.pads import (
    Pad,
    coalesced,
    start_controllers,
    stop_controllers,
)
from iml_robot.devices.input.presets import BUTTONS_BY_HANDS
from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.devices.input.reading import (
    COMMAND_AXES,
    LASTING_REQUESTS,
    DeviceReading,
    abandoned,
)
from iml_robot.devices.input.rumble import Rumble, RumblePlayer
from iml_robot.devices.input.shaping import (
    TAKEOVER_DEFLECTION,
    deflection,
    outside,
    shape_axis,
)
from iml_robot.devices.input.sticks import Sticks
from iml_robot.devices.input.stuck import STUCK_AFTER_S, StuckAxes, Verdict

#: Default buttons, named as SDL does, after their place on an Xbox pad.
PAD_BUTTONS: Bindings = BUTTONS_BY_HANDS["rover"]["both"]

LABELS = {
    "a": "A",
    "b": "B",
    "x": "X",
    "y": "Y",
    "back": "BACK",
    "start": "START",
    "guide": "GUIDE",
    "leftshoulder": "LB",
    "rightshoulder": "RB",
    "lefttrigger": "LT",
    "righttrigger": "RT",
    "leftstick": "left stick click",
    "rightstick": "right stick click",
    "dpup": "D-pad up",
    "dpdown": "D-pad down",
    "dpleft": "D-pad left",
    "dpright": "D-pad right",
}

#: A and B lie side by side, so that ending the episode takes a deliberate hold [s].
END_HOLD_S = 0.8

_PRESS_REQUESTS = {
    "give_back": Request.GIVE_BACK,
    "emergency_stop": Request.EMERGENCY_STOP,
    "pause": Request.PAUSE,
    "rewind": Request.REWIND,
}


@DEVICES.register("gamepad")
class Gamepad:
    """Reads the pads that are there; one of them is chosen and drives.

    Another pad is chosen when its dead-man control is pressed, or when the chosen one is
    pulled out: then the next of the same kind, if there is one. The emergency stop counts
    from every pad.

    Args:
        pump: Source of the events.
        layout: "rover" or "drone".
        buttons: Other buttons by action, for example {"grip": "leftshoulder"}.
        unknown_pad: Where the controls are on a pad that SDL does not know, in its
            notation, for example {"lefttrigger": "a2"}.
        settings: What the person likes; `buttons` and `unknown_pad` go before it. None:
            the usual buttons.
        rumble: Whether pads shake.
        stuck_s: Time after which a stick that is deflected and does not move by a bit
            counts as stuck, and who steers as lost [s]; 0: never.

    Raises:
        UsageError: If the layout, an action or a control is unknown, or a button
            does two things.
    """

    def __init__(
        self,
        pump: EventPump,
        *,
        layout: str = "rover",
        buttons: Mapping[str, str | list[str]] | None = None,
        unknown_pad: Mapping[str, str] | None = None,
        settings: ControlSettings | None = None,
        rumble: bool = True,
        stuck_s: float = STUCK_AFTER_S,
    ) -> None:
        self._pump = pump
        liked = settings or ControlSettings()
        hands = liked.hands
        self._sticks = Sticks(check_layout(layout), hands=hands, mode=liked.stick_mode)
        # A press of the shared button asks for a pause, which a latched stop ignores;
        # holding it resets the stop, which a pause ignores.
        self._bindings = rebind(
            BUTTONS_BY_HANDS[layout][hands],
            {**liked.buttons, **(buttons or {})},
            sharing=frozenset({"pause", "reset"}),
        )
        self._check_buttons()
        self._curve = liked.curve
        self._knowledge = PadKnowledge(unknown_pad or {}, liked.pads, self._sticks.controls)
        parse_mapping(self._knowledge.unknown_pad)
        self._controllers: ModuleType | None = None
        self._pads: list[Pad] = []
        self._pad: Pad | None = None
        self._guid = ""
        self._name = "gamepad"
        self._open = False
        self._search = True
        self._lost = self._was_lost = False
        self._grip = Grip(liked.grip)
        self._axes = StuckAxes(stuck_s)
        self._verdict = Verdict()
        self._rumbles = rumble
        self._shaking = RumblePlayer(self._pulse)
        self._touched: set[str] = set()
        self._requests: set[Request] = set()
        self._evaluation: float | None = None
        self._end_held_s = 0.0
        self._time_s = pump.time_s

    @property
    def name(self) -> str:
        """What the pad calls itself; "gamepad" until one was there."""
        return self._name

    def open(self) -> None:
        """Start to listen, and bind a pad that is there already."""
        if self._open:
            return
        self._controllers = start_controllers()
        self._pump.subscribe(self._receive)
        self._open = self._search = True
        self._bind()

    def close(self) -> None:
        """Stop to listen and let go of the pads; must come before `pygame.quit`."""
        self._pump.unsubscribe(self._receive)
        self._pad = None
        self._pads.clear()
        self._grip.release()
        if self._open:
            stop_controllers(self._controllers)
        self._open = False

    def reset(self) -> None:
        """Forget presses that nobody has read, except those that must last."""
        self._touched.clear()
        self._requests &= LASTING_REQUESTS
        self._evaluation = None
        self._end_held_s = 0.0
        self._grip.release()

    def release(self) -> None:
        """Let go of a dead-man control that was switched on."""
        self._grip.release()

    def rumble(self, pattern: Rumble) -> None:
        """Shake the pad that drives, where it can and may."""
        if self._rumbles and self._pad is not None:
            self._shaking.start(pattern, self._pump.time_s)

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label of the control, meaning)."""
        labels = dict(LABELS)
        for name in self._bindings["end_episode"]:
            labels[name] = f"{LABELS[name]} (hold {END_HOLD_S:g} s)"
        meanings = {"grip": TOGGLE_MEANING} if self._grip.switched else None
        first, *others = describe(self._bindings, labels, meanings=meanings)
        return [first, *self._sticks.lines(), *others]

    def read(self) -> DeviceReading:
        """Return the state now, and every press since the last call."""
        held = self._held_actions()
        actions = held | self._touched
        raw = self._raw_command(shifted="shift" in held)
        curve = (self._pad.curve if self._pad is not None else None) or self._curve
        scale = SLOW_FACTOR if "slow" in actions else 1.0
        command = {axis: scale * shape_axis(value, curve) for axis, value in raw.items()}
        moved = deflection(*(outside(value, curve.dead_zone) for value in raw.values()))
        requests = frozenset(self._requests)
        if "reset" in held:
            requests |= {Request.RESET}
        reading = DeviceReading(
            self.name,
            connected=self._pad is not None,
            lost=self._lost,
            forward=command["forward"],
            left=command["left"],
            up=command["up"],
            turn=command["turn"],
            moving=moved > TAKEOVER_DEFLECTION,
            gripping=self._grip.gripping(down="grip" in actions),
            requests=requests,
            evaluation=self._evaluation,
            time_s=self._time_s,
            warning=self._warning,
        )
        if self._verdict.stuck:
            reading = abandoned(reading)
        self._touched.clear()
        self._requests.clear()
        self._evaluation = None
        self._lost = False
        return reading

    def _check_buttons(self) -> None:
        """Refuse controls that no pad has, and triggers that drive.

        Raises:
            UsageError: With what to do instead.
        """
        possible = BUTTONS if self._sticks.triggers else (*BUTTONS, *TRIGGERS)
        for action, names in self._bindings.items():
            for name in names:
                if name in TRIGGERS and name not in possible:
                    raise UsageError(
                        f"the control {name!r} is bound to both {action!r} and 'drive'; "
                        f"bind {action!r} to another control"
                    )
                if name not in possible:
                    hint = did_you_mean(name, possible)
                    raise UsageError(f"no button of a pad is called {name!r}{hint}")

    def _held_actions(self) -> set[str]:
        if self._pad is None:
            return set()
        pad = self._pad
        return {action for action, names in self._bindings.items() if pad.held(names)}

    def _raw_command(self, *, shifted: bool) -> dict[str, float]:
        """Return where the sticks point, unshaped; forward, left, up positive."""
        if self._pad is None:
            return dict.fromkeys(COMMAND_AXES, 0.0)
        return self._sticks.command(self._pad.value, shifted=shifted)

    def _receive(self, batch: EventBatch) -> None:
        dt_s = max(batch.time_s - self._time_s, 0.0)
        self._time_s = batch.time_s
        if not batch.focused:
            self._grip.release()
        chosen = self._pad
        for event in coalesced(batch.events):
            self._take(event)
        for pad in [pad for pad in self._pads if not pad.attached]:
            self._lose(pad)
        # A pad that is back within the batch was gone all the same, and whoever reads
        # has to see it gone.
        if chosen is None or self._pad is not None:
            self._bind()
        self._hold_to_end(dt_s)
        self._judge()
        self._shaking.advance(batch.time_s)

    def _take(self, event: pygame.event.Event) -> None:
        if event.type == pygame.JOYDEVICEADDED:
            self._search = True
        for pad in tuple(self._pads):
            if pad.removed_by(event):
                self._lose(pad)
            else:
                self._press(pad, pad.handle(event))

    def _press(self, pad: Pad, buttons: Iterable[str]) -> None:
        """Take in presses; of a pad that is not chosen only a stop and its grip count."""
        for button in buttons:
            if pad is self._pad:
                self._axes.press()
            for action, names in self._bindings.items():
                if button not in names:
                    continue
                if pad is not self._pad and action == "grip":
                    self._choose(pad)
                if pad is self._pad or action == "emergency_stop":
                    self._act(action)

    def _act(self, action: str) -> None:
        self._touched.add(action)
        if action == "grip":
            self._grip.press()
        elif action in ("give_back", "emergency_stop"):
            self._grip.release()
        if action in _PRESS_REQUESTS:
            self._requests.add(_PRESS_REQUESTS[action])
        elif action in ("good", "bad"):
            self._evaluation = 1.0 if action == "good" else -1.0

    def _hold_to_end(self, dt_s: float) -> None:
        held = "end_episode" in self._held_actions()
        before_s, self._end_held_s = self._end_held_s, self._end_held_s + dt_s
        if not held:
            self._end_held_s = 0.0
        elif before_s < END_HOLD_S <= self._end_held_s:
            self._requests.add(Request.END_EPISODE)

    @property
    def _warning(self) -> str:
        """What is wrong with the pad that drives; "" if nothing is."""
        return self._verdict.warning or (self._pad.warning if self._pad is not None else "")

    def _judge(self) -> None:
        """Look whether a hand can be on the pad that drives."""
        self._verdict = Verdict()
        if self._pad is not None:
            values = {name: self._pad.value(name) for name in self._sticks.moving}
            self._verdict = self._axes.look(values, self._time_s)
        if self._verdict.stuck:
            self._grip.release()

    def _lose(self, pad: Pad) -> None:
        self._pads.remove(pad)
        if pad is not self._pad:
            return
        self._pad = None
        self._lost = self._was_lost = self._search = True
        self._grip.release()
        self._touched.clear()
        self._requests &= LASTING_REQUESTS

    def _bind(self) -> None:
        """Open pads that came, and choose one where none is chosen."""
        if self._search:
            self._search = False
            there = [pad.instance_id for pad in self._pads]
            self._pads += find_pads(self._controllers, self._knowledge, open_already=there)
        if self._pad is None and self._pads:
            same = (pad for pad in self._pads if pad.guid == self._guid)
            self._choose(next(same, self._pads[0]))
            if self._was_lost:
                self.rumble(Rumble.RECONNECTED)
                self._was_lost = False

    def _choose(self, pad: Pad) -> None:
        self._pad = pad
        self._guid, self._name = pad.guid, pad.name
        self._grip.release()
        self._axes.reset()
        self._touched.clear()

    def _pulse(self, length_s: float) -> None:
        if self._pad is not None:
            self._pad.pulse(length_s)
