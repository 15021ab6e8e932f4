"""An update of the firmware asks the ladder to wait: one small file, ``update-pause``, in the runtime folder.

It holds two numbers: when it was asked (seconds of CLOCK_BOOTTIME) and for how many seconds. It goes with the boot.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

from estation_box.guarding import ladder

NAME: Final = "update-pause"
_BYTES: Final = 64


def ask(runtime: Path, seconds: float) -> None:
    """Have the ladder wait; asked again it begins anew. Raises `OSError`."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)  # to its last digit: rounded up, it would be asked in the future
    (runtime / NAME).write_text(f"{now!r} {seconds:.0f}", encoding="ascii")


def over(runtime: Path) -> None:
    """The update is done."""
    with contextlib.suppress(OSError):
        (runtime / NAME).unlink(missing_ok=True)


def left(runtime: Path) -> float:
    """Seconds that the ladder waits still; 0 where nobody asked, or nobody understands what was asked."""
    try:
        with (runtime / NAME).open("rb") as file:
            asked_at, seconds = map(float, file.read(_BYTES).split())
    except (OSError, ValueError):
        return 0.0
    return ladder.pause_left(asked_at, seconds, time.clock_gettime(time.CLOCK_BOOTTIME))
