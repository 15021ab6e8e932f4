"""What the chip says of its last reset: small readers of /sys and the device tree. Never raises."""

from __future__ import annotations

from pathlib import Path
from typing import Final

STATUS_FILE: Final = Path("/sys/class/watchdog/watchdog0/bootstatus")
REGISTER_FILE: Final = Path("/proc/device-tree/chosen/bootloader/rsts")  # PM_RSTS as the Pi's boot loader found it
_REGISTER_BYTES: Final = 4


def watchdog_status(file: Path = STATUS_FILE) -> int | None:
    """WDIOC_GETBOOTSTATUS of the watchdog that PID 1 feeds; None where there is none."""
    try:
        return int(_read(file))
    except ValueError:
        return None


def reset_register(file: Path = REGISTER_FILE) -> int | None:
    """The SoC's reset register at boot, a big-endian cell of the device tree; None where nobody wrote it down."""
    raw = _read(file)
    return int.from_bytes(raw, "big") if len(raw) == _REGISTER_BYTES else None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(64)
    except OSError:
        return b""
