"""A fresh X display for tests that open real windows."""

import os
import subprocess
from contextlib import contextmanager


@contextmanager
def virtual_display(size):
    """Start Xvfb with a screen such as "1280x720" and give the name of its display."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()
