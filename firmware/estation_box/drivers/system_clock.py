"""The machine's clocks: the kernel's wall clock, its monotonic clock, and whether the former is synchronised."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

TIMESYNC_FILE: Final = Path("/run/systemd/timesync/synchronized")  # systemd-timesyncd makes it after its first answer
_STATE_ERROR: Final = 5  # TIME_ERROR of adjtimex(2): the clock is not synchronised
_TIMEX_BYTES: Final = 512  # struct timex has 208 bytes; all zeros asks and changes nothing


class KernelClock:
    """See `SystemClock`. ``may_set``: only on the appliance; a developer's machine keeps its own time."""

    def __init__(self, *, may_set: bool = False, timesync_file: Path = TIMESYNC_FILE) -> None:
        self._may_set = may_set
        self._timesync_file = timesync_file
        self._libc = ctypes.CDLL(None, use_errno=True)

    def wall(self) -> datetime:
        """See `SystemClock.wall`."""
        return datetime.fromtimestamp(time.time(), UTC)

    def up(self) -> float:
        """See `SystemClock.up`: CLOCK_BOOTTIME."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def synchronised(self) -> bool:
        """See `SystemClock.synchronised`: as the kernel knows it (adjtimex), or as timesyncd left word."""
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = int(self._libc.adjtimex(timex))
        return 0 <= state < _STATE_ERROR or self._timesync_file.exists()

    def set(self, instant: datetime) -> bool:
        """See `SystemClock.set`."""
        if not self._may_set:
            return False
        try:
            time.clock_settime(time.CLOCK_REALTIME, instant.timestamp())
        except OSError:
            return False
        return True
