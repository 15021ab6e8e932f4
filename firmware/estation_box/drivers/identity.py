"""What this machine says of itself: its serial, this boot, its free disk, its temperature: small readers."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from estation_box.settings import BEGAN_VARIABLE, BOOT_VARIABLE
from estation_wire.values import HEX32_PATTERN, matches

SERIAL_FILES: Final = (
    Path("/proc/device-tree/serial-number"),  # burnt into the SoC of a Raspberry Pi
    Path("/etc/machine-id"),  # a PC has no such serial that everybody may read
)
NO_SERIAL: Final = "no-serial"
TEMPERATURE_FILE: Final = Path("/sys/class/thermal/thermal_zone0/temp")  # thousandths of a degree Celsius
MAX_BYTES: Final = 256


def boot_id(environment: Mapping[str, str]) -> str:
    """The random id of this boot, 32 hex digits."""
    given = environment.get(BOOT_VARIABLE, "")
    if matches(HEX32_PATTERN, given):
        return given
    return _text(Path("/proc/sys/kernel/random/boot_id")).replace("-", "")


def boot_age(environment: Mapping[str, str]) -> float:
    """Seconds since this boot began."""
    try:
        began = float(environment.get(BEGAN_VARIABLE, ""))
    except ValueError:
        began = 0.0
    return max(time.clock_gettime(time.CLOCK_BOOTTIME) - began, 0.0)


def serial(files: tuple[Path, ...] = SERIAL_FILES) -> str:
    """The serial to which the journal is bound; the same word on every machine that has none."""
    return next((text for text in map(_text, files) if text), NO_SERIAL)


def disk_free_bytes(folder: Path) -> int | None:
    """Bytes that an ordinary process may still write where ``folder`` is; None where that cannot be told."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return None
    return status.f_bavail * status.f_frsize


def temperature_celsius(file: Path = TEMPERATURE_FILE) -> float | None:
    """The SoC's temperature to a tenth of a degree; None where there is no such sensor."""
    try:
        return round(int(_text(file)) / 1000, 1)
    except ValueError:
        return None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("ascii", "replace").strip("\0\n ")
    except OSError:
        return ""
