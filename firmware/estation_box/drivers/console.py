"""The kernel's text console: what a screen shows where no player draws. It has no Chinese letters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from estation_box.settings import BOOT_VARIABLE

CONSOLE: Final = Path("/dev/tty1")
_CLEAR: Final = "\x1b[2J\x1b[10;1H"


def console(environment: Mapping[str, str]) -> Path | None:
    """The console of the box; None under the stand-in for PID 1, where the machine's console is somebody else's."""
    return None if environment.get(BOOT_VARIABLE) else CONSOLE


def write(path: Path | None, line: str) -> bool:
    """Show one line alone; False where there is no console. Never raises."""
    if path is None:
        return False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(descriptor, f"{_CLEAR}{line}\r\n".encode("ascii", "replace"))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
