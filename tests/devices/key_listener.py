"""A window that says on standard output what the keyboard device reads."""

import json
import sys
import time

import pygame

from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard

pygame.display.init()
pygame.display.set_mode((200, 200))
pump = EventPump()
keyboard = Keyboard(pump)
keyboard.open()
end_s = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end_s and not pump.quit_requested:
    pump.pump()
    reading = keyboard.read()
    state = {
        "forward": round(reading.forward, 1),
        "turn": round(reading.turn, 1),
        "moving": reading.moving,
        "gripping": reading.gripping,
        "requests": sorted(request.value for request in reading.requests),
        "focused": pump.focused,
    }
    sys.stdout.write(json.dumps(state) + "\n")
    sys.stdout.flush()
    time.sleep(0.05)
