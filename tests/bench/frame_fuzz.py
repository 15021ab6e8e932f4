"""``frame-fuzz``: a million random streams into the decoder of the supervisor's frames, on either Python that runs it.

After each stream come two whole frames. The second must be heard, the decoder must hold no more than one frame's bytes,
and nothing may raise. The bar is counted in frames that were lost behind noise: at most one a stream.
"""

from __future__ import annotations

from tests.bench.result import Result, command
from tests.mcu.test_frame import fuzzed
from tests.support.supervisor import fetch_tools

STREAMS = 1_000_000


def run() -> list[Result]:
    """A row for each decoder."""
    fetch_tools()
    rows = []
    for which in ("CPython", "MicroPython"):
        said = fuzzed(which, 2, STREAMS)
        ok = said.startswith(f"OK {STREAMS} ")
        rows.append(
            Result(
                id=f"frame-fuzz-{which.lower()}",
                value=float(said.split()[5]) / STREAMS if ok else 2.0,
                unit="frames lost a stream",
                bar="a million streams: no crash, bounded memory, at most one frame lost behind noise",
                ok=ok,
                command=command("frame-fuzz"),
            )
        )
    return rows
