"""A wall clock that a test sets for processes that it starts, by Debian's faketime; the monotonic one stays right."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

TRIES: Final = 3


class FalseClock:
    """Start with the right time; `set` steps it for every process that was given `environment`."""

    def __init__(self, stamp: Path) -> None:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        self._stamp = stamp
        self.set(None)

    def environment(self) -> dict[str, str]:
        """What a process must be given; the program `faketime` knows where its library lies."""
        return {
            "LD_PRELOAD": _library(),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_TIMESTAMP_FILE": str(self._stamp),
            "FAKETIME_NO_CACHE": "1",
        }

    def set(self, wall: datetime | None) -> None:
        """The clock steps to ``wall``; None: to the right time."""
        ahead = 0 if wall is None else round((wall - datetime.now(UTC)).total_seconds())
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(f"{ahead:+d}\n")
        fresh.replace(self._stamp)


def _library() -> str:
    """Where faketime's library lies. The program refuses where one of its own process number was killed before it."""
    asked = ["faketime", "--exclude-monotonic", "-f", "+0", "sh", "-c", 'echo "$LD_PRELOAD"']
    for _ in range(TRIES):
        told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20)
        if told.returncode == 0:
            return told.stdout.strip()
    raise AssertionError(told.stderr)
