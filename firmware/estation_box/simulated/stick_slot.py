"""A folder that stands for the stick's slot: the stick is «in» while the folder exists.

Pulling the stick is renaming the folder away; putting it in is renaming it back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

LOOK_EVERY_SECONDS: Final = 0.2


class FolderSlot:
    """Watches one path and tells of a stick put in (``put(path)``) or pulled (``put(None)``)."""

    def __init__(self, folder: Path, put: Callable[[Path | None], None]) -> None:
        self._folder = folder
        self._put = put
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stick-slot", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch; a stick that is in already is told at once."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        self._stop.set()
        self._thread.join(timeout=2.0)

    def _watch(self) -> None:
        there: int | None = None  # the inode: another folder at the same path is another stick
        while not self._stop.is_set():
            try:
                now: int | None = self._folder.stat().st_ino if self._folder.is_dir() else None
            except OSError:
                now = None
            if now != there:
                there = now
                self._put(self._folder if now is not None else None)
            self._stop.wait(LOOK_EVERY_SECONDS)
