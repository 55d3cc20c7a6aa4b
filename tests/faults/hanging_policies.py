"""A network that does not come back where it shall not, for sessions that name it."""

import ctypes
import os
import threading

from iml_robot.policies.mlp import MlpNetwork


def loops():
    """Go round for ever, and try again after every error."""
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def waits():
    """Wait for a lock that nobody opens, as for a camera that was unplugged."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def waits_in_c():
    """Wait in C for a lock that nobody opens, which no signal ends."""
    libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)


WAYS = {"loops": loops, "waits": waits, "waits_in_c": waits_in_c}


class Hanging(MlpNetwork):
    """Hangs at its steps and in its ways in HANGS, for example "31:loops,61:waits"."""

    asked = 0

    def forward(self, observations):
        Hanging.asked += 1
        plan = dict(one.split(":") for one in os.environ["HANGS"].split(","))
        WAYS.get(plan.get(str(Hanging.asked)), bool)()
        return super().forward(observations)
