"""``supervisor-footprint``: heap that the supervisor's program takes on MicroPython's unix port, at its most.

Compiled for the RP2040 as it is frozen into the firmware, with numbers twice as wide as the Pico's, and without the
simulated board; on the Pico the same program lies in the flash (`tests/mcu/test_emulator.py` has its heap). With
micropython-lib's own `logging` where MICROPYTHON_LIB names a checkout, else with the stand-in, and the row says which.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.result import Result, command
from tests.mcu.test_unix_port import HEAP_BYTES, heaps
from tests.support.supervisor import STAND_IN, library


def run() -> list[Result]:
    """The most of a run with 150 beats, 150 infrared codes and noise."""
    with tempfile.TemporaryDirectory() as folder:
        most = max(heaps(Path(folder), library()))
    whose = "a stand-in for logging" if library() == STAND_IN else "micropython-lib's logging"
    return [
        Result(
            id="supervisor-footprint",
            value=round(most / 1024, 1),
            unit=f"kB with {whose}",
            bar="at most 32 kB",
            ok=most <= HEAP_BYTES,
            command=command("supervisor-footprint"),
        )
    ]
