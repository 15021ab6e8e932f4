"""A battery-backed clock (DS3231) through the kernel: read from sysfs, set through its device."""

from __future__ import annotations

import fcntl
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

FOLDER: Final = Path("/sys/class/rtc/rtc0")
DEVICE: Final = Path("/dev/rtc0")
RTC_SET_TIME: Final = 0x4024_700A  # _IOW('p', 0x0a, struct rtc_time) of linux/rtc.h
_RTC_TIME: Final = struct.Struct("9i")  # sec, min, hour, mday, mon from 0, year from 1900, wday, yday, isdst
_HALF_A_SECOND: Final = timedelta(seconds=0.5)


class KernelRtc:
    """See `RealTimeClock`. ``may_set``: only on the appliance; a developer's machine keeps its own time."""

    def __init__(self, *, may_set: bool = False, folder: Path = FOLDER, device: Path = DEVICE) -> None:
        self._may_set = may_set
        self._folder = folder
        self._device = device

    def read(self) -> datetime | None:
        """See `RealTimeClock.read`: the kernel gives an error while the chip says that its oscillator had stopped."""
        try:
            return datetime.fromtimestamp(int((self._folder / "since_epoch").read_text()), UTC)
        except (OSError, ValueError, OverflowError):
            return None

    def set(self, instant: datetime) -> bool:
        """See `RealTimeClock.set`."""
        if not self._may_set:
            return False
        try:
            descriptor = os.open(self._device, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.ioctl(descriptor, RTC_SET_TIME, rtc_time(instant))
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True


def rtc_time(instant: datetime) -> bytes:
    """The kernel's ``struct rtc_time``, to the nearest second, in UTC."""
    at = (instant.astimezone(UTC) + _HALF_A_SECOND).replace(microsecond=0)
    return _RTC_TIME.pack(at.second, at.minute, at.hour, at.day, at.month - 1, at.year - 1900, 0, 0, 0)
