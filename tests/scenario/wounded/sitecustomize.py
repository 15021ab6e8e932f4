"""Comes into each Python process of a box that is tried (PYTHONPATH); the program itself knows nothing of it.

At SIGUSR2 the process begins to leak for good, 50 MB a second: a leak of a day, in seconds. Core is started again with
the library in WOUNDED_PRELOAD, by which a test sets its wall clock; other processes keep the right one.
"""

import os
import signal
import sys
import threading

MIB = 2**20
EVERY_SECONDS = 0.02
CORE = "estation_box.apps.core"


def _leak() -> None:
    kept, never = [], threading.Event()
    while not never.wait(EVERY_SECONDS):
        kept.append(bytes([1]) * MIB)


signal.signal(signal.SIGUSR2, lambda *_: threading.Thread(target=_leak, daemon=True).start())
library = os.environ.pop("WOUNDED_PRELOAD", "")
if library and CORE in sys.orig_argv:
    os.environ["LD_PRELOAD"] = library
    os.execv(sys.executable, sys.orig_argv)
