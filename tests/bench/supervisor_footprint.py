"""``supervisor-footprint``: heap that the supervisor's program takes on MicroPython's unix port, at its most.

Compiled on the spot, as the unix port does, with numbers twice as wide as the Pico's; on the Pico the same program
lies in the flash (`tests/mcu/test_emulator.py` has its heap). Without the simulated board and the test's own file, and
with the stand-in for `logging` in ``tests/mcu/stand_in``: micropython-lib's own takes 9 kB more here.
"""

from __future__ import annotations

from tests.bench.result import Result, command
from tests.mcu.test_unix_port import HEAP_BYTES, heaps


def run() -> list[Result]:
    """The most of a run with 150 beats, 150 infrared codes and noise."""
    most = max(heaps())
    return [
        Result(
            id="supervisor-footprint",
            value=round(most / 1024, 1),
            unit="kB",
            bar="at most 32 kB",
            ok=most <= HEAP_BYTES,
            command=command("supervisor-footprint"),
        )
    ]
