"""A gamepad made of nothing: real SDL events without hardware.

SDL can attach virtual joysticks. pygame does not offer that, but the functions are in
the SDL library which it ships, and ctypes reaches them there.

    with VirtualJoystick() as pad:
        pad.axis(0, -1.0)       # left stick to the left
        pad.button("rightshoulder", True)
        pad.unplug()
        pad.plug()

Set SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS=1 before pygame starts: the dummy window never
has the focus, and SDL would hold back every movement.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from types import TracebackType

import pygame

_BUTTONS = (
    *("a", "b", "x", "y", "back", "guide", "start"),
    *("leftstick", "rightstick", "leftshoulder", "rightshoulder"),
    *("dpup", "dpdown", "dpleft", "dpright"),
)
BUTTON_NUMBERS = {name: number for number, name in enumerate(_BUTTONS)}
AXIS_NUMBERS = {
    name: number
    for number, name in enumerate(
        ["leftx", "lefty", "rightx", "righty", "lefttrigger", "righttrigger"]
    )
}

#: SDL_JoystickType: one that SDL has no mapping for, and a game controller.
UNKNOWN, CONTROLLER = 0, 1


def _load() -> ctypes.CDLL | None:
    """Return the SDL library of pygame, or None where it lacks virtual joysticks."""
    folder = Path(pygame.__file__).parent.parent / "pygame.libs"
    found = sorted(folder.glob("libSDL2-2*.so*"))
    if not found:
        return None
    library = ctypes.CDLL(str(found[0]))
    if not hasattr(library, "SDL_JoystickAttachVirtual"):
        return None
    library.SDL_JoystickOpen.restype = ctypes.c_void_p
    library.SDL_JoystickClose.argtypes = [ctypes.c_void_p]
    library.SDL_JoystickSetVirtualAxis.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int16,
    ]
    library.SDL_JoystickSetVirtualButton.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_uint8,
    ]
    library.SDL_JoystickSetVirtualHat.argtypes = [
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_uint8,
    ]
    return library


_SDL = _load()

AVAILABLE = _SDL is not None


class VirtualJoystick:
    """One virtual pad, plugged in from the start; `pygame.joystick` must be running.

    Args:
        kind: `CONTROLLER`, which SDL maps, or `UNKNOWN`, which it does not.
        axes: Number of axes.
        buttons: Number of buttons.
        hats: Number of hats.
    """

    def __init__(
        self, *, kind: int = CONTROLLER, axes: int = 6, buttons: int = 15, hats: int = 0
    ) -> None:
        assert _SDL is not None, "this SDL has no virtual joysticks"
        self._sdl = _SDL
        self._shape = (kind, axes, buttons, hats)
        self._handle: int | None = None
        self.plug()

    def __enter__(self) -> VirtualJoystick:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.unplug()

    @property
    def instance_id(self) -> int:
        """Number of this connection."""
        return int(self._sdl.SDL_JoystickInstanceID(ctypes.c_void_p(self._handle)))

    def plug(self) -> None:
        """Plug the pad in; it gets a new instance id each time."""
        index = self._sdl.SDL_JoystickAttachVirtual(*self._shape)
        assert index >= 0, "SDL refused the virtual joystick"
        self._handle = self._sdl.SDL_JoystickOpen(index)
        assert self._handle

    def unplug(self) -> None:
        """Pull the pad out; SDL centres its sticks before it reports the removal."""
        if self._handle is None:
            return
        mine = self.instance_id
        for index in range(self._sdl.SDL_NumJoysticks()):
            if self._sdl.SDL_JoystickGetDeviceInstanceID(index) == mine:
                self._sdl.SDL_JoystickDetachVirtual(index)
                break
        self._sdl.SDL_JoystickClose(self._handle)
        self._handle = None

    def axis(self, axis: str | int, value: float) -> None:
        """Move an axis to a value in [-1, 1]; a trigger rests at -1."""
        number = AXIS_NUMBERS[axis] if isinstance(axis, str) else axis
        raw = max(-32768, min(32767, round(value * 32767)))
        self._sdl.SDL_JoystickSetVirtualAxis(self._handle, number, raw)

    def button(self, button: str | int, down: bool) -> None:
        """Press or release a button."""
        number = BUTTON_NUMBERS[button] if isinstance(button, str) else button
        self._sdl.SDL_JoystickSetVirtualButton(self._handle, number, int(down))

    def hat(self, hat: int, value: int) -> None:
        """Move a hat: 0 centred, 1 up, 2 right, 4 down, 8 left, or sums."""
        self._sdl.SDL_JoystickSetVirtualHat(self._handle, hat, value)
