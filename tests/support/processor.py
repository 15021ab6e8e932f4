"""What a process has cost so far, as the kernel counts it: another process beside it adds next to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TICKS_A_SECOND: Final = 100  # /proc counts in hundredths


def busy(process: int) -> float:
    """Processor seconds of a process, its own and the kernel's for it."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def children(process: int) -> list[int]:
    """The processes that a process has started and that still run."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(each) for thread in threads for each in (thread / "children").read_text(encoding="ascii").split()]
