"""What the centre has heard of a box, out of its database."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any


class Told:
    """The records that a centre on SQLite holds."""

    def __init__(self, state: Path) -> None:
        self._path = state / "centre.sqlite3"

    def records(self) -> list[dict[str, Any]]:
        """All, in the order of their numbers."""
        with sqlite3.connect(self._path, timeout=30.0) as database:
            rows = database.execute("SELECT raw FROM journal_record ORDER BY journal, seq").fetchall()
        return [json.loads(raw) for (raw,) in rows]

    def wait(self, kind: str, within: float, **words: object) -> dict[str, Any]:
        """The newest record of a kind with these words, when it is there."""
        ends = time.monotonic() + within
        while True:
            found = [each for each in self.records() if each["kind"] == kind and words.items() <= each.items()]
            if found:
                return found[-1]
            assert time.monotonic() < ends, f"no {kind} {words} within {within:.0f} s"
            time.sleep(0.5)
